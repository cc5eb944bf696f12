"""How a wrong array follows from the right one: found where it does, and not for noise."""

import numpy as np
import pytest

from cnn_conformance.diagnosis.clues import clues, common
from cnn_conformance.diagnosis.comparisons import Comparison
from cnn_conformance.phrases import say

RNG = np.random.default_rng(1)
RIGHT = RNG.standard_normal((2, 3, 4, 5))
WEIGHT = RNG.standard_normal(RIGHT.shape)
SUM = RNG.standard_normal((6, 4))


def said(got, expected, name="dx", **others):
    return [say(c) for c in clues(Comparison("Conv2D", name, got, expected, 1e-9, {}, others))]


@pytest.mark.parametrize(
    ("got", "expected", "clue"),
    [
        (SUM, SUM.sum(0), "right once it is summed over its axis 0"),
        (SUM, SUM.mean(1), "right once it is averaged over its axis 1"),
        (RIGHT, RIGHT.sum((0, 2, 3)), "summed over its axes 0, 2, 3"),
        (RIGHT.transpose(0, 2, 3, 1), RIGHT, "transposed to (0, 3, 1, 2)"),
        (RIGHT.reshape(2, 60), RIGHT, "only its shape is wrong"),
        (RIGHT + 0.02 * WEIGHT, RIGHT, "a multiple of weight is added to dx"),
        (RIGHT * WEIGHT, RIGHT, "dx is multiplied by weight element by element"),
        (np.abs(RIGHT), RIGHT, "no element is negative"),
        (RIGHT * np.sign(WEIGHT), RIGHT, "some signs are wrong"),
        (
            np.broadcast_to(RIGHT.mean(0), RIGHT.shape),
            RIGHT,
            "every sample of dx has the mean over all samples",
        ),
    ],
)
def test_a_relation_is_found_where_it_holds(got, expected, clue):
    found = said(got, expected, weight=WEIGHT)
    assert any(clue in sentence for sentence in found), found


def test_an_output_that_is_only_ever_too_large():
    got = RIGHT + np.where(np.abs(WEIGHT) > 1, np.abs(WEIGHT), 0)
    assert "y is too large wherever it is wrong, never too small" in said(got, RIGHT, "y")
    assert "y is too small wherever it is wrong, never too large" in said(-got, -RIGHT, "y")


def test_noise_has_no_relation_to_anything():
    assert said(RNG.standard_normal(RIGHT.shape), RIGHT, weight=WEIGHT) == []
    assert not any("right once" in s for s in said(RNG.standard_normal((6, 4)), SUM.sum(0)))


def test_few_elements_prove_nothing():
    got, expected = RNG.standard_normal(2), RNG.standard_normal(2)
    assert said(got, expected, weight=got - expected) == []


def test_a_shape_that_is_right_by_accident_of_equal_lengths():
    images = [RNG.standard_normal((2, 3, 4, width)) for width in (4, 5)]
    turned = [
        Comparison("Conv2D", "y", image.swapaxes(2, 3), image, 1e-9, {}, {}) for image in images
    ]
    assert say(common(turned)[0]) == (
        "y is right once its axes are transposed to (0, 1, 3, 2); where two axes are equally "
        "long, its shape is right by accident"
    )
    assert not any(clue.kind == "by accident" for clue in common(turned[:1]))
