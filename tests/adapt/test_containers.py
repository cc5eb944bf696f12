"""Containers of layers: how they are drafted, and what is none."""

import numpy as np
import pytest

from cnn_conformance.adapt.stack import Theirs
from tests.adapt.drafting import drafted, searched
from tests.adapt.test_search import of
from tests.grade import grade, one_case_each

NETWORK = """
import numpy as np

class Network:
    def __init__(self, {arguments}):
        self.layers = {layers}
        self.training = True

    def add(self, layer):
        self.layers.append(layer)

    def train(self):
        for layer in self.layers:
            layer.train()

    def eval(self):
        for layer in self.layers:
            layer.eval()

    def predict(self, x):
        for layer in self.layers:
            x = layer.feed(x, self.training)
        return {output}

    def backprop(self, delta, lr):
        for layer in {order}:
            delta = layer.backprop(delta, lr)
        return delta
"""
RIGHT = {
    "arguments": "layers, loss",
    "layers": "layers",
    "output": "x",
    "order": "reversed(self.layers)",
}
CHECKS = one_case_each()["sequential"]


@pytest.mark.parametrize(
    ("arguments", "layers", "make"),
    [
        ("layers, loss", "layers", "layers.Network(layers=self.at.layers, loss=None)"),
        ("*layers", "list(layers)", "layers.Network(*self.at.layers)"),
        ("lr", "[]", "runtime.filled(layers.Network(lr=0.1), 'add', self.at.layers)"),
    ],
    ids=["a list", "arguments", "added"],
)
def test_a_container_gets_its_layers_in_its_own_way(tmp_path, arguments, layers, make):
    text = NETWORK.format(**RIGHT | {"arguments": arguments, "layers": layers})
    code = of(text, tmp_path, f"container_{tmp_path.name}")
    found = next(each for each in searched(code).found if each.plan.unit == "Sequential")
    assert (found.plan.make, found.stage) == (make, 2)
    assert found.plan.facts["calls"] == {"forward": "feed", "backward": "backprop"}
    assert not grade({"Sequential": drafted(code)["Sequential"]}, CHECKS).not_passed


def test_an_order_of_layers_that_is_wrong_stays_wrong(tmp_path):
    code = of(NETWORK.format(**RIGHT | {"order": "self.layers"}), tmp_path, "unturned")
    graded = grade({"Sequential": drafted(code)["Sequential"]}, CHECKS)
    assert "test_sequential.py::test_grads[scale-square-scale]" in graded.not_passed


@pytest.mark.parametrize(
    ("part", "why"),
    [
        ({"output": "np.exp(x) / np.exp(x).sum(1, keepdims=True)"}, "it does more than to call"),
        ({"order": "[]"}, "nothing in it goes backward"),
    ],
    ids=["a softmax", "no backward"],
)
def test_what_does_more_or_less_is_no_container(tmp_path, part, why):
    result = searched(of(NETWORK.format(**RIGHT | part), tmp_path, f"none_{tmp_path.name}"))
    assert "Sequential" not in {each.plan.unit for each in result.found}
    assert why in result.missing["Sequential"]


def test_a_layer_is_told_whether_this_is_training_however_that_is_said():
    layer = type("Layer", (), {"training": True, "forward": lambda self, x: x})()
    theirs = Theirs(layer, {"forward": "feed", "backward": "back"})
    for tell in (
        theirs.eval,
        lambda: theirs.feed(np.ones(1), False),
        lambda: setattr(theirs, "is_training", False),
    ):
        layer.training = True
        tell()
        assert not layer.training
    theirs.train()
    assert theirs.training
