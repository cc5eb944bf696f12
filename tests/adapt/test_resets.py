"""Gradients that add up, and where the code resets them; what optimizers ask of a parameter."""

import numpy as np
import pytest

from tests.adapt.drafting import drafted, searched
from tests.adapt.test_search import of

CODE = """
import numpy as np

class Param:
    def __init__(self, value):
        self.value, self.slope, self.memo = value, np.zeros_like(value), {{}}
        self.grad = np.zeros_like(value)

    {method}(self):
        self.grad[...] = 0

class Dense:
    def __init__(self, n_in, n_out):
        self.w = Param(np.random.standard_normal((n_in, n_out)))
        self.b = Param(np.zeros(n_out))

    def forward(self, x):
        self.x = x
        return x @ self.w.value + self.b.value

    def backward(self, dout):
        self.w.grad += self.x.T @ dout
        self.b.grad += dout.sum(0)
        return dout @ self.w.value.T

class SGD:
    def __init__(self, parameters, lr=0.1, mu=0.0, decay=0.0):
        self.parameters, self.lr, self.mu, self.decay = parameters, lr, mu, decay

    def step(self):
        for p in self.parameters:
            g = p.grad + self.decay * p.value
            v = p.memo["v"] = self.mu * p.memo.get("v", 0) + g
            p.value -= self.lr * v
"""


def code_with(method, folder):
    return of(CODE.format(method=method), folder, folder.name)


def test_gradients_that_the_code_resets_elsewhere_are_reset(tmp_path):
    (dense, _) = searched(code_with("def clear", tmp_path)).found
    assert dense.plan.back == "(runtime.cleared(self.layer, 'grad'), self.layer.backward(dout))[1]"
    layer = drafted(tmp_path / tmp_path.name)["Dense"](2, 3)
    for _ in range(2):
        layer.forward(np.ones((1, 2)))
        layer.backward(np.ones((1, 3)))
    np.testing.assert_array_equal(layer.grads["bias"], np.ones(3))


@pytest.mark.parametrize("method", ["def backward_all", "def __repr__"])
def test_what_adds_up_and_is_never_reset_is_left_so(tmp_path, method):
    text = CODE.format(method=method)
    text = text if "back" in method else text.replace("self.grad[...] = 0", "return 'Param'")
    dense = searched(of(text, tmp_path, tmp_path.name)).found[0].plan
    assert dense.back == "self.layer.backward(dout)"
    assert "no method that resets" in dense.questions[0]


def test_a_parameter_has_the_dict_that_an_optimizer_keeps_in_it(tmp_path):
    sgd = drafted(code_with("def clear", tmp_path))["SGD"]
    params = {"0.weight": np.ones((1, 2)), "0.bias": np.ones(1)}
    grads = {"0.weight": np.full((1, 2), 1.0), "0.bias": np.full(1, 3.0)}
    optimizer = sgd(0.1, momentum=0.5, weight_decay=0.0)
    for _ in range(2):
        optimizer.step(params, grads)
    np.testing.assert_allclose(params["0.bias"], 1 - 0.3 - 0.45)
    sgd(0.1, weight_decay=1.0).step(params, {key: 0 * g for key, g in grads.items()})
    np.testing.assert_allclose(params["0.bias"], 0.9 * 0.25)
