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
