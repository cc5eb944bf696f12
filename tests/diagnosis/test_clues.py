"""Each structural clue: found where it holds, and not where it does not."""

import numpy as np
import pytest

from cnn_conformance.diagnosis import clues as finder
from cnn_conformance.diagnosis.comparisons import Comparison
from cnn_conformance.phrases import say

RNG = np.random.default_rng(0)
IMAGE = RNG.standard_normal((2, 3, 6, 5))
WEIGHT = RNG.standard_normal((3, 3, 4, 4))
SIZES = {"N": 2, "C": 3, "K": 3, "KH": 4, "KW": 4, "OH": 7, "OW": 5, "PH": 1, "PW": 1}


def said(got, expected, name="dx", **others):
    compared = Comparison("Conv2D", name, np.asarray(got), expected, 1e-9, SIZES, others)
    return [say(clue) for clue in finder.clues(compared)]


def common(comparisons, **options):
    return [say(clue) for clue in finder.common(comparisons, **options)]


def usual(comparisons):
    return [say(clue) for clue in finder.usual(comparisons)]


def place(*indices):
    """Return the image with one part changed."""
    changed = IMAGE.copy()
    changed[indices] += 1.0
    return changed


every = slice(None)


@pytest.mark.parametrize(
    ("got", "clue"),
    [
        (-IMAGE, "dx is -1 times what it should be"),
        (2 * IMAGE, "dx is 2 times what it should be"),
        (IMAGE / 2, "dx is 1/N times what it should be"),
        (IMAGE * 3, "dx is K times what it should be"),
        (IMAGE / 35, "dx is 1/(OH·OW) times what it should be"),
        (IMAGE * 0.77, "dx is a constant multiple of what it should be"),
        (IMAGE[..., ::-1], "dx is reversed along the column axis"),
        (IMAGE[:, ::-1], "dx is reversed along the channel axis"),
        (IMAGE[..., ::-1, ::-1], "dx is rotated by 180°"),
        (np.roll(IMAGE, 1, axis=3), "dx is shifted by +0 rows and +1 columns"),
        (np.roll(IMAGE, -2, axis=2), "dx is shifted by -2 rows and +0 columns"),
        (np.roll(IMAGE.reshape(-1), 7).reshape(IMAGE.shape), "dx has the right values"),
        (IMAGE + 0.5, "a constant is added to dx"),
        (IMAGE + np.array([1.0, 2, 3])[:, None, None], "another in each channel"),
        (np.zeros_like(IMAGE), "dx is zero everywhere"),
        (np.full_like(IMAGE, np.nan), "dx is nan everywhere"),
        (place(0, 0, 0, 0) * np.where(IMAGE[0, 0, 0, 0] == IMAGE, np.inf, 1), "inf in some"),
        (place(1), "right for the first sample and wrong from another one on"),
        (place(every, 1), "dx is wrong in a single channel only"),
        (place(every, every, -1), "dx is wrong in the last row only"),
        (place(every, every, every, 0), "dx is wrong in the first column only"),
        (np.pad(IMAGE, ((0, 0), (0, 0), (1, 1), (1, 1))), "dx still has the padding around it"),
        (IMAGE[:, :, :-1], "dx has 1 rows fewer than it should"),
        (IMAGE[..., :0], "dx is empty"),
        (IMAGE.transpose(0, 1, 3, 2), "the right lengths in another order of axes"),
        (IMAGE.reshape(2, -1), "the right number of elements in another shape"),
    ],
)
def test_a_clue_is_found_where_it_holds(got, clue):
    assert any(clue in sentence for sentence in said(got, IMAGE)), said(got, IMAGE)


def test_border_only():
    got = IMAGE.copy()
    got[:, :, 0], got[:, :, -1], got[..., 0], got[..., -1] = 9, 9, 9, 9
    assert "dx is wrong at the border of the image only" in said(got, IMAGE)


def test_transposed_kernel():
    found = said(WEIGHT.swapaxes(2, 3), WEIGHT, "dweight")
    assert found[0] == "dweight is transposed: kernel row and kernel column have changed places"


def test_a_reshape_where_a_transpose_is_needed():
    expected = RNG.standard_normal((3, 5))
    found = said(np.ascontiguousarray(expected.T).reshape(3, 5), expected, "dweight")
    assert found[0] == "dweight is reshaped where axis 0 and axis 1 have to be exchanged"


def test_another_tensor_of_the_case_returned():
    found = said(WEIGHT, RNG.standard_normal(WEIGHT.shape), "dx", weight=WEIGHT)
    assert found[0] == "dx is the array weight, not the gradient that was asked for"
    found = said(-WEIGHT, RNG.standard_normal(WEIGHT.shape), "dx", weight=WEIGHT)
    assert found[0] == "dx is the array weight with the sign changed"


def test_gradient_that_does_not_arrive():
    got = IMAGE.copy()
    got[:, :, 2:4, 1:3] = 0
    assert any("part of the gradient does not arrive" in sentence for sentence in said(got, IMAGE))


def test_lost_axis():
    got = RNG.standard_normal((3, 4))
    assert "dx has lost an axis of length 1" in said(got, got[None])


def test_noise_gets_no_clue_about_its_order():
    assert said(RNG.standard_normal(IMAGE.shape), IMAGE) == []


def test_a_ratio_counts_only_where_it_fits_every_case():
    two = Comparison("Conv2D", "dx", IMAGE / 2, IMAGE, 1e-9, {"N": 2, "C": 5})
    five = Comparison("Conv2D", "dx", IMAGE / 5, IMAGE, 1e-9, {"N": 5, "C": 2})
    assert common([two, five])[0] == "dx is 1/N times what it should be"
    assert common([two])[0] != common([two, five])[0] or len(common([two])) > 1
    assert common([]) == []


def test_a_clue_that_holds_for_most_cases_is_told_with_their_number():
    half = Comparison("Conv2D", "dx", IMAGE / 2, IMAGE, 1e-9, {"N": 2})
    noise = Comparison("Conv2D", "dx", RNG.standard_normal(IMAGE.shape), IMAGE, 1e-9)
    assert usual([half, half, noise]) == ["dx is 1/N times what it should be, in 2 of 3 cases"]
    assert usual([half, noise]) == usual([half, noise, noise]) == []


def test_one_number_is_always_a_multiple_of_another():
    assert said(np.float64(3.0), np.array(0.7), "loss") == []


def test_integers_objects_and_empty_arrays_do_not_disturb():
    assert said(np.array([["a"]], dtype=object), IMAGE) == []
    assert [sentence[:11] for sentence in said(np.zeros((0,)), IMAGE)] == ["dx is empty"]


def test_elements_that_are_kept_below_a_size_are_clipped():
    got = np.clip(IMAGE, -0.5, 0.5)
    assert "no element of dx is larger than 0.5: it is clipped" in said(got, IMAGE)
    assert not any("clipped" in sentence for sentence in said(2 * got, IMAGE))


def test_arguments_between_0_and_1_are_named():
    compared = Comparison("Conv2D", "y", 0.8 * IMAGE, IMAGE, 1e-9, {"N": 2, "p": 0.2, "1 - p": 0.8})
    assert common([compared])[0] == "y is 1 - p times what it should be"


def test_survivors_divided_by_the_share_that_has_survived_are_told_so():
    mask = RNG.random(IMAGE.shape) < 0.6
    compared = Comparison(
        "Conv2D",
        "y",
        IMAGE * mask / mask.mean(),
        IMAGE * mask / 0.5,
        1e-9,
        {"p": 0.5, "1 - p": 0.5},
    )
    assert common([compared])[0] == (
        "y is divided by the share that has survived this time, and not by 1 - p"
    )


def test_an_unlikely_product_of_sizes_is_not_told_of_a_single_comparison():
    one = Comparison("Conv2D", "dx", IMAGE * 1.5, IMAGE, 1e-9, {"C": 3})
    two = Comparison("Conv2D", "dx", IMAGE * 2.5, IMAGE, 1e-9, {"C": 5})
    assert common([one]) == ["dx is a constant multiple of what it should be"]
    assert common([one, two])[0] == "dx is C/2 times what it should be"


def test_where_it_is_wrong_is_no_telling_clue():
    only = Comparison("Conv2D", "dx", place(every, every, -1), IMAGE, 1e-9, SIZES)
    broken = Comparison("Conv2D", "dx", np.where(IMAGE > 1, np.nan, IMAGE), IMAGE, 1e-9, SIZES)
    assert common([only])
    assert common([broken])
    assert common([only], telling=True) == common([broken], telling=True) == []
