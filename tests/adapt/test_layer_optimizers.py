"""Optimizers that look into layers of the code, and steps that are counted elsewhere."""

import pytest

from tests.adapt.drafting import drafted, outcomes, searched
from tests.adapt.test_search import of

DENSE = """
import numpy as np

class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.random.randn(n_in, n_out), np.zeros(n_out)
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(0)
        return dout @ self.W.T
"""
NAMES = """
    def learnt(self):
        return [("W", "dW"), ("b", "db")]

class SGD:
    def __init__(self, lr):
        self.lr = lr

    def update(self, layers):
        for layer in layers:
            for name, slope in layer.learnt():
                setattr(layer, name, getattr(layer, name) - self.lr * getattr(layer, slope))
"""
OF_A_CLASS = """
class SGD:
    def __init__(self, layers, lr):
        self.layers, self.lr = layers, lr

    def step(self):
        for layer in self.layers:
            if isinstance(layer, Dense):
                layer.W = layer.W - self.lr * layer.dW
                layer.b = layer.b - self.lr * layer.db
"""
ITS_OWN = """
    def update(self, lr):
        self.W = self.W - lr * self.dW
        self.b = self.b - lr * self.db
"""
ADAM = """
class Adam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t = START

    COUNT

    def update(self, layer):
        for name in ("W", "b"):
            g = getattr(layer, "d" + name)
            m = self.beta1 * getattr(layer, "m_" + name, 0) + (1 - self.beta1) * g
            v = self.beta2 * getattr(layer, "v_" + name, 0) + (1 - self.beta2) * g**2
            setattr(layer, "m_" + name, m)
            setattr(layer, "v_" + name, v)
            m, v = m / (1 - self.beta1**self.t), v / (1 - self.beta2**self.t)
            setattr(layer, name, getattr(layer, name) - self.lr * m / (np.sqrt(v) + self.eps))
"""
PLAIN = "def tick(self):\n        self.t += 1"
WITH_A_MODEL = "def train(self, model, x):\n        model.run(x)\n        self.t += 1"
SGD = ["test_sgd.py::test_update[one-step]", "test_sgd.py::test_update[five-steps]"]
ADAMS = ["test_adam.py::test_update[one-step]", "test_adam.py::test_update[five-steps]"]


@pytest.mark.parametrize("text", [NAMES, OF_A_CLASS, ITS_OWN])
@pytest.mark.parametrize(("sign", "outcome"), [(" - ", "passed"), (" + ", "failed")])
def test_a_layer_of_the_code_is_what_it_asks_for(text, sign, outcome, tmp_path):
    wrong = text.replace(" - self.lr *", f"{sign}self.lr *").replace(" - lr *", f"{sign}lr *")
    units = drafted(of(DENSE + wrong, tmp_path, f"of_layers_{tmp_path.name}"))
    assert {*outcomes({"SGD": units["SGD"]}, SGD).values()} == {outcome}


@pytest.mark.parametrize(
    ("count", "start", "said", "outcome"),
    [
        (PLAIN, 0, "self.layer.tick()\nfor", "passed"),
        (PLAIN, 1, "layer=layer)\nself.layer.tick()", "passed"),
        (WITH_A_MODEL, 0, "self.layer.t += 1\nfor", "passed"),
        ("", 1, "for layer in", "failed"),
        (PLAIN, 3, "self.layer.tick()", "failed"),
    ],
)
def test_steps_that_another_method_counts_are_counted(count, start, said, outcome, tmp_path):
    adam = ADAM.replace("START", str(start)).replace("COUNT", count or "pass")
    code = of(DENSE + adam, tmp_path, f"counted_{tmp_path.name}")
    plan = next(each.plan for each in searched(code).found if each.plan.unit == "Adam")
    assert said in plan.run
    found = outcomes({"Adam": drafted(code)["Adam"]}, ADAMS)
    assert outcome in found.values()
    assert outcome == "failed" or {*found.values()} == {"passed"}


def test_of_two_arguments_alike_the_one_that_a_step_reads_is_taken(tmp_path):
    text = """
class Base:
    def __init__(self, alpha=0.1, gamma=0.0, beta1=0.9):
        self.alpha, self.gamma = alpha, gamma
        self.beta1 = beta1
        self.gamma = gamma

class SGD(Base):
    def update(self, w, dw):
        self.v = self.beta1 * getattr(self, "v", 0) + dw
        return w - self.alpha * self.v
"""
    (found,) = searched(of(text, tmp_path, "two_alike")).found
    assert "beta1='momentum'" in found.plan.make
    assert "gamma" not in found.plan.make
