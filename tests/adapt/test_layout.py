"""Orders of axes, there and back."""

import numpy as np
import pytest

from cnn_conformance.adapt.layout import Layout, of_shape

LENGTHS = {"N": 2, "K": 7, "C": 5, "U": 3, "V": 4, "H": 6, "W": 9}


@pytest.mark.parametrize(
    ("theirs", "ours", "shape"),
    [
        ("NHWC", "NCHW", (2, 6, 9, 5)),
        ("HWCN", "NCHW", (6, 9, 5, 2)),
        ("UVCK", "KCUV", (3, 4, 5, 7)),
        ("K(UVC)", "KCUV", (7, 60)),
        ("1K", "K", (1, 7)),
        ("K11", "K", (7, 1, 1)),
        ("(NK)HW", "NKHW", (14, 6, 9)),
        ("HW", "CHW", (6, 9)),
    ],
)
def test_an_array_comes_back_as_it_was(theirs, ours, shape):
    lengths = {**LENGTHS, "C": 1} if theirs == "HW" else LENGTHS
    array = np.random.default_rng(0).standard_normal([lengths[c] for c in ours])
    layout = Layout(theirs, ours)
    turned = layout.to_theirs(array)
    assert turned.shape == shape
    np.testing.assert_array_equal(layout.to_ours(turned, lengths), array)


def test_a_transposition_is_a_view_so_that_changes_show():
    x = np.zeros((2, 5, 6, 9))
    Layout("NHWC", "NCHW").to_theirs(x)[0, 0, 0, 0] = 1
    assert x[0, 0, 0, 0] == 1


def test_an_array_of_another_number_of_axes_is_handed_on():
    x = np.zeros((5, 6, 9))
    assert Layout("NHWC", "NCHW").to_theirs(x) is x
    assert Layout("NHWC", "NCHW").to_ours(x, {}) is x


def test_a_shape_that_does_not_fit_joined_axes_is_handed_on():
    y = np.zeros((13, 6, 9))
    assert Layout("(NK)HW", "NKHW").to_ours(y, LENGTHS) is y


@pytest.mark.parametrize(
    ("shape", "letters"),
    [((7, 5, 3, 4), "KCUV"), ((3, 4, 5, 7), "UVCK"), ((7, 1, 5, 3, 4), "K1CUV"), ((7, 5), None)],
)
def test_lengths_that_differ_tell_the_axes(shape, letters):
    assert of_shape(shape, {letter: LENGTHS[letter] for letter in "KCUV"}) == letters
