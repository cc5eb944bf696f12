"""Drafts of losses: what a target is, and what is a gradient."""

import numpy as np
import pytest

from tests.adapt.drafting import drafted, searched
from tests.adapt.test_search import LOSS, ROWS, of

SQUARES = """
import numpy as np

class SquaredError:
    def __call__(self, wanted, output):
        return (wanted - output) ** 2

    def backprop(self, wanted, output):
        return output - wanted
"""


def test_class_indices_of_steps_are_no_probabilities(tmp_path):
    code = of(LOSS.format(**ROWS, divided=" / probs.shape[0]"), tmp_path, "steps")
    loss = drafted(code)["SoftmaxCrossEntropy"]()
    with pytest.raises(NotImplementedError, match="unsupported: class indices as targets"):
        loss.forward(np.zeros((3, 3, 3)), np.zeros((3, 3), int))


def test_a_loss_for_each_element_is_not_taken_for_its_gradient(tmp_path):
    (mse,) = searched(of(SQUARES, tmp_path, "elements")).found
    assert mse.plan.back == "self.layer.backprop(self.at.t, self.at.x)"


FUSED = """
import numpy as np

class SoftMax:
    def forward(self, X):
        e = np.exp(X - X.max(axis=1, keepdims=True))
        self.out = e / e.sum(axis=1, keepdims=True)
        return self.out

    def backward(self, Y, lr):
        return self.out - Y

def cross_entropy_loss(y_true, y_prob):
    return -np.sum(y_true * np.log(y_prob))
"""


def test_the_backward_of_a_softmax_that_takes_targets_and_a_rate_is_given_both(tmp_path):
    found = {f.plan.unit: f.plan for f in searched(of(FUSED, tmp_path, "fused_rate")).found}
    back = found["SoftmaxCrossEntropy"].back
    assert back == "self.layer.softmax.backward(self.at.t, lr=1.0)"


KEPT = """
import numpy as np

class AbsoluteError:
    def __init__(self):
        self.total = 0.0

    def forward(self, x, t):
        self.x, self.t = x, t
        self.total += np.abs(x - t).mean()
        return self.x

    def get_loss(self):
        return self.total

    def backward(self):
        return np.sign(self.x - self.t) / self.x.size
"""


def test_neither_what_is_not_given_the_prediction_is_a_loss_nor_the_prediction(tmp_path):
    text = KEPT.replace("AbsoluteError", "L1Loss")
    assert "L1" not in {f.plan.unit for f in searched(of(text, tmp_path, "kept")).found}
