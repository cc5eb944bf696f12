"""What is called before layers can be used, and how containers tell them of training."""

import numpy as np
import pytest

from tests.adapt.drafting import drafted, searched
from tests.adapt.test_search import of

GLOBAL = """
class GlobalAveragePooling:
    def build(self, input_shape):
        self.sizes = input_shape

    def call(self, x):
        return x.mean((1, 2))

    def backward(self, d):
        h, w, c = self.sizes
        return (d[:, None, None] / (h * w)).repeat(h, 1).repeat(w, 2)
"""


def test_backward_may_need_what_forward_does_not(tmp_path):
    (found,) = searched(of(GLOBAL, tmp_path, "pool_build")).found
    assert (found.stage, found.plan.facts["x"]) == (2, "NHWC")
    assert found.plan.steps == ["layer.build(self.at.shape[1:])"]


CONTAINER = """
class Reihe:
    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, d):
        for layer in self.layers[::-1]:
            d = layer.backward(d)
        return d

    def set_mode(self, training):
        for layer in self.layers:
            layer.{told}
"""


class Layer:
    params, grads, training = {}, {}, True

    def forward(self, x):
        return x

    backward = forward


@pytest.mark.parametrize("told", ["learns = training", "switch(training)"])
def test_a_container_tells_its_layers_whether_this_is_training(tmp_path, told):
    text = CONTAINER.format(told=told).replace("Reihe", "Network")
    model = drafted(of(text, tmp_path, tmp_path.name))["Sequential"]([Layer(), Layer()])
    for mode in (False, True):
        model.training = mode
        assert [layer.training for layer in model.layers] == [mode, mode]


def test_a_container_may_forget_a_layer(tmp_path):
    text = CONTAINER.format(told="learns = training").replace("Reihe", "Network")
    text = text.replace(
        "for layer in self.layers:\n            layer.l",
        "for layer in self.layers[1:]:\n            layer.l",
    )
    model = drafted(of(text, tmp_path, "forgets"))["Sequential"]([Layer(), Layer()])
    model.training = False
    assert [layer.training for layer in model.layers] == [True, False]


def test_samples_that_come_last_may_have_other_axes_than_images(tmp_path):
    text = """
class Flatten:
    def forward(self, x):
        n = x.shape[-1]
        self.shape = x.shape
        c, h, w = x.shape[:-1] if x.ndim == 4 else (1, 1, x.size // n)
        return x.reshape(-1, n)

    def backward(self, d):
        return d.reshape(self.shape)
"""
    text = text.replace("return x.reshape(-1, n)", "return x.reshape(c * h * w, n)")
    flatten = drafted(of(text, tmp_path, "last"))["Flatten"]()
    x = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_array_equal(flatten.forward(x), x.reshape(2, 12))
    np.testing.assert_array_equal(flatten.backward(x.reshape(2, 12)), x)
