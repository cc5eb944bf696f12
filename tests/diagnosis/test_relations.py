"""How a wrong array follows from the right one: found where it does, and not for noise."""

import numpy as np
import pytest

from cnn_conformance.diagnosis.clues import clues, common
from cnn_conformance.diagnosis.comparisons import Comparison
from cnn_conformance.findings import Finding

RNG = np.random.default_rng(1)
RIGHT = RNG.standard_normal((2, 3, 4, 5))
WEIGHT = RNG.standard_normal(RIGHT.shape)
SUM = RNG.standard_normal((6, 4))


def said(got, expected, name="dx", **others):
    return list(clues(Comparison("Conv2D", name, got, expected, 1e-9, {}, others)))


def found(kind, tensor="dx", **facts):
    return Finding(kind, tensor=tensor, **facts)


@pytest.mark.parametrize(
    ("got", "expected", "clue"),
    [
        (SUM, SUM.sum(0), found("reduced", how="sum", axes=(0,))),
        (SUM, SUM.mean(1), found("reduced", how="mean", axes=(1,))),
        (RIGHT, RIGHT.sum((0, 2, 3)), found("reduced", how="sum", axes=(0, 2, 3))),
        (RIGHT.transpose(0, 2, 3, 1), RIGHT, found("axes transposed", order=(0, 3, 1, 2))),
        (RIGHT.reshape(2, 60), RIGHT, found("only the shape")),
        (RIGHT + 0.02 * WEIGHT, RIGHT, found("multiple added", name="weight")),
        (RIGHT * WEIGHT, RIGHT, found("multiplied", name="weight")),
        (np.abs(RIGHT), RIGHT, found("sizes right", what=Finding("none negative"))),
        (RIGHT * np.sign(WEIGHT), RIGHT, found("sizes right", what=Finding("some signs wrong"))),
        (
            np.broadcast_to(RIGHT.mean(0), RIGHT.shape),
            RIGHT,
            found("all alike", axis="sample", how="mean"),
        ),
    ],
)
def test_a_relation_is_found_where_it_holds(got, expected, clue):
    assert clue in said(got, expected, weight=WEIGHT)


def test_an_output_that_is_only_ever_too_large():
    got = RIGHT + np.where(np.abs(WEIGHT) > 1, np.abs(WEIGHT), 0)
    assert found("too large", "y") in said(got, RIGHT, "y")
    assert found("too small", "y") in said(-got, -RIGHT, "y")


def test_noise_has_no_relation_to_anything():
    assert said(RNG.standard_normal(RIGHT.shape), RIGHT, weight=WEIGHT) == []
    noise = said(RNG.standard_normal((6, 4)), SUM.sum(0))
    assert not {clue.kind for clue in noise} & {"reduced", "axes transposed"}


def test_few_elements_prove_nothing():
    got, expected = RNG.standard_normal(2), RNG.standard_normal(2)
    assert said(got, expected, weight=got - expected) == []


def test_a_shape_that_is_right_by_accident_of_equal_lengths():
    images = [RNG.standard_normal((2, 3, 4, width)) for width in (4, 5)]
    turned = [
        Comparison("Conv2D", "y", image.swapaxes(2, 3), image, 1e-9, {}, {}) for image in images
    ]
    transposed = found("axes transposed", "y", order=(0, 1, 3, 2))
    assert common(turned)[0] == Finding("by accident", clue=transposed)
    assert not any(clue.kind == "by accident" for clue in common(turned[:1]))
