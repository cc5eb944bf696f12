"""Layers that hand on to their neighbours what they have, and add up what comes to them."""

import pytest

from tests.adapt.drafting import drafted, outcomes, searched
from tests.adapt.test_search import of

GRAPH = """
import numpy as np

class Layer:
    def __init__(self):
        self.parents, self.children, self.output = [], [], None
        self.seen = 0

    def resetGrad(self):
        self.output = None
        self.seen = 0

class Linear(Layer):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.W, self.b = np.random.randn(n_in, n_out), np.zeros(n_out)

    def forward(self, x):
        if self.output is None:
            self.x, self.output = x, x @ self.W + self.b
        else:
            self.output += x @ self.W
        for child in self.children:
            child.forward(self.output)

    def backward(self, grad):
        self.dW, self.db = self.x.T @ grad, grad.sum(0)
        for parent in self.parents:
            parent.seen += 1
            parent.backward(grad @ self.W.T)
"""
CHECKS = [
    "test_dense.py::test_y[square]",
    "test_dense.py::test_dx[square]",
    "test_dense.py::test_dweight[square]",
    "test_dense.py::test_latest_forward[no-bias]",
]


def test_what_is_handed_on_is_received_and_sums_begin_anew(tmp_path):
    code = of(GRAPH, tmp_path, "graph")
    (found,) = searched(code).found
    assert found.plan.back == "runtime.received(self.layer, 'parents', 'backward', dout)"
    assert found.plan.run == "(self.layer.resetGrad(), self.layer.forward(x))[1]"
    assert {*outcomes(drafted(code), CHECKS).values()} == {"passed"}


@pytest.mark.parametrize(
    ("was", "is_"), [("grad @ self.W.T", "grad @ -self.W.T"), ("parent.backward(", "str(")]
)
def test_a_mistake_in_what_is_handed_on_stays_visible(was, is_, tmp_path):
    units = drafted(of(GRAPH.replace(was, is_), tmp_path, f"graph_{tmp_path.name}"))
    assert outcomes(units, CHECKS[:2])[CHECKS[1]] == "failed"


def test_a_sum_that_nothing_resets_stays_visible(tmp_path):
    text = GRAPH.replace("self.output = None\n        self.seen = 0\n\nclass", "pass\n\nclass")
    units = drafted(of(text, tmp_path, "graph_without_reset"))
    assert outcomes(units, CHECKS)[CHECKS[-1]] in ("failed", "error")
