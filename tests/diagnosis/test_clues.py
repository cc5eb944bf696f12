"""Each structural clue: found where it holds, and not where it does not."""

import numpy as np
import pytest

from cnn_conformance.diagnosis.clues import clues, common, usual
from cnn_conformance.diagnosis.comparisons import Comparison
from cnn_conformance.findings import Finding
from cnn_conformance.phrases import say

RNG = np.random.default_rng(0)
IMAGE = RNG.standard_normal((2, 3, 6, 5))
WEIGHT = RNG.standard_normal((3, 3, 4, 4))
SIZES = {"N": 2, "C": 3, "K": 3, "KH": 4, "KW": 4, "OH": 7, "OW": 5, "PH": 1, "PW": 1}


def comparison_of(got, expected, name="dx", **others):
    return Comparison("Conv2D", name, np.asarray(got), expected, 1e-9, SIZES, others)


def said(got, expected, name="dx", **others):
    return list(clues(comparison_of(got, expected, name, **others)))


def found(kind, tensor="dx", **facts):
    return Finding(kind, tensor=tensor, **facts)


def times(factor, halved=False, tensor="dx"):
    return found("times", tensor, factor=factor, halved=halved)


def place(*indices):
    """Return the image with one part changed."""
    changed = IMAGE.copy()
    changed[indices] += 1.0
    return changed


every = slice(None)


@pytest.mark.parametrize(
    ("got", "clue"),
    [
        (-IMAGE, times("-1")),
        (2 * IMAGE, times("2")),
        (IMAGE / 2, times("1/N")),
        (IMAGE * 3, times("K")),
        (IMAGE / 35, times("1/(OH·OW)")),
        (IMAGE * 0.77, found("times number", factor="0.77")),
        (IMAGE[..., ::-1], found("reversed", axes=("column",))),
        (IMAGE[:, ::-1], found("reversed", axes=("channel",))),
        (IMAGE[..., ::-1, ::-1], found("rotated")),
        (np.roll(IMAGE, 1, axis=3), found("image shifted", rows=0, columns=1)),
        (np.roll(IMAGE, -2, axis=2), found("image shifted", rows=-2, columns=0)),
        (np.roll(IMAGE.reshape(-1), 7).reshape(IMAGE.shape), found("wrong places")),
        (IMAGE + 0.5, found("constant added")),
        (
            IMAGE + np.array([1.0, 2, 3])[:, None, None],
            found("number added in each", axis="channel"),
        ),
        (np.zeros_like(IMAGE), found("zero everywhere")),
        (np.full_like(IMAGE, np.nan), found("not finite everywhere", value="nan")),
        (
            place(0, 0, 0, 0) * np.where(IMAGE[0, 0, 0, 0] == IMAGE, np.inf, 1),
            found("not finite somewhere", value="inf"),
        ),
        (place(1), found("after the first sample")),
        (place(every, 1), found("wrong in one", which="a single", axis="channel")),
        (place(every, every, -1), found("wrong in one", which="the last", axis="row")),
        (place(every, every, every, 0), found("wrong in one", which="the first", axis="column")),
        (np.pad(IMAGE, ((0, 0), (0, 0), (1, 1), (1, 1))), found("padding left")),
        (IMAGE[:, :, :-1], found("longer", axis="row", off=-1)),
        (IMAGE[..., :0], found("empty")),
        (IMAGE.transpose(0, 1, 3, 2), found("axes in another order")),
        (IMAGE.reshape(2, -1), found("another shape")),
    ],
)
def test_a_clue_is_found_where_it_holds(got, clue):
    assert clue in said(got, IMAGE)


def test_border_only():
    got = IMAGE.copy()
    got[:, :, 0], got[:, :, -1], got[..., 0], got[..., -1] = 9, 9, 9, 9
    assert found("wrong at the border") in said(got, IMAGE)


def test_transposed_kernel():
    (first, *_) = said(WEIGHT.swapaxes(2, 3), WEIGHT, "dweight")
    assert first == found("transposed", "dweight", a="kernel row", b="kernel column")


def test_a_reshape_where_a_transpose_is_needed():
    expected = RNG.standard_normal((3, 5))
    (first, *_) = said(np.ascontiguousarray(expected.T).reshape(3, 5), expected, "dweight")
    assert first == found("reshaped", "dweight", a="axis 0", b="axis 1")


def test_another_tensor_of_the_case_returned():
    noise = RNG.standard_normal(WEIGHT.shape)
    assert said(WEIGHT, noise, weight=WEIGHT)[0] == found("another array", name="weight")
    assert said(-WEIGHT, noise, weight=WEIGHT)[0] == found("another array negated", name="weight")


def test_gradient_that_does_not_arrive():
    got = IMAGE.copy()
    got[:, :, 2:4, 1:3] = 0
    assert found("gradient missing") in said(got, IMAGE)


def test_padding_that_is_cut_off_other_axes():
    cut = np.pad(IMAGE, ((0, 0), (0, 0), (1, 1), (1, 1)))[1:-1, 1:-1]
    assert cut.shape == (0, 1, 8, 7)
    assert said(cut, IMAGE)[0] == found("padding cut elsewhere")


def test_a_factor_that_is_nearly_1_is_not_said():
    assert not [clue for clue in said(1.00005 * IMAGE, IMAGE) if "times" in clue.kind]
    assert times_number(1.001 * IMAGE) == found("times number", factor="1.001")


def times_number(got):
    return next(clue for clue in said(got, IMAGE) if clue.kind == "times number")


def test_lengths_are_counted_in_english():
    logits = np.zeros((2, 5))
    for off, words in ((1, "1 class fewer"), (2, "2 classes fewer")):
        compared = Comparison(
            "SoftmaxCrossEntropy", "dlogits", logits[:, off:], logits, 1e-9, {}, {}
        )
        assert words in say(next(iter(clues(compared))))


def test_lost_axis():
    got = RNG.standard_normal((3, 4))
    assert found("axis lost") in said(got, got[None])


def test_noise_gets_no_clue_about_its_order():
    assert said(RNG.standard_normal(IMAGE.shape), IMAGE) == []


def test_a_ratio_counts_only_where_it_fits_every_case():
    two = Comparison("Conv2D", "dx", IMAGE / 2, IMAGE, 1e-9, {"N": 2, "C": 5})
    five = Comparison("Conv2D", "dx", IMAGE / 5, IMAGE, 1e-9, {"N": 5, "C": 2})
    assert common([two, five])[0] == times("1/N")
    assert common([two])[0] != common([two, five])[0] or len(common([two])) > 1
    assert common([]) == []


def test_a_clue_that_holds_for_most_cases_is_told_with_their_number():
    half = Comparison("Conv2D", "dx", IMAGE / 2, IMAGE, 1e-9, {"N": 2})
    noise = Comparison("Conv2D", "dx", RNG.standard_normal(IMAGE.shape), IMAGE, 1e-9)
    assert usual([half, half, noise]) == [
        Finding("in most cases", clue=times("1/N"), count=2, of=3)
    ]
    assert usual([half, noise]) == usual([half, noise, noise]) == []


def test_one_number_is_always_a_multiple_of_another():
    assert said(np.float64(3.0), np.array(0.7), "loss") == []


def test_integers_objects_and_empty_arrays_do_not_disturb():
    assert said(np.array([["a"]], dtype=object), IMAGE) == []
    assert said(np.zeros((0,)), IMAGE) == [found("empty")]


def test_elements_that_are_kept_below_a_size_are_clipped():
    clue = found("clipped", size=0.5)
    parts = [IMAGE, IMAGE[np.abs(IMAGE) > 0.5][:4], IMAGE[np.abs(IMAGE) < 0.5][:4]]
    cut = [comparison_of(np.clip(part, -0.5, 0.5), part) for part in parts]
    assert clue in common(cut)  # of the second part all, of the third none
    assert clue not in common(cut[1:2])
    assert clue not in common([*cut, comparison_of(np.clip(IMAGE, -0.4, 0.4), IMAGE)])
    assert clue not in common([comparison_of(2 * np.clip(IMAGE, -0.25, 0.25), IMAGE)])


def test_arguments_between_0_and_1_are_named():
    compared = Comparison("Conv2D", "y", 0.8 * IMAGE, IMAGE, 1e-9, {"N": 2, "p": 0.2, "1 - p": 0.8})
    assert common([compared])[0] == times("1 - p", tensor="y")


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
    assert common([compared])[0] == found("divided by survivors", "y")


def test_an_unlikely_product_of_sizes_is_not_told_of_a_single_comparison():
    one = Comparison("Conv2D", "dx", IMAGE * 1.5, IMAGE, 1e-9, {"C": 3})
    two = Comparison("Conv2D", "dx", IMAGE * 2.5, IMAGE, 1e-9, {"C": 5})
    assert common([one]) == [found("times number", factor="1.5")]
    assert common([one, two])[0] == times("C/2", halved=True)


def test_where_it_is_wrong_is_no_telling_clue():
    only = Comparison("Conv2D", "dx", place(every, every, -1), IMAGE, 1e-9, SIZES)
    broken = Comparison("Conv2D", "dx", np.where(IMAGE > 1, np.nan, IMAGE), IMAGE, 1e-9, SIZES)
    assert common([only])
    assert common([broken])
    assert common([only], telling=True) == common([broken], telling=True) == []


def test_one_element_does_not_speak_against_what_holds_for_larger_arrays():
    one = np.array([[0.5]])
    wrong = [Comparison("Dense", "dweight", 7.5 * each, each, 1e-9) for each in (one, WEIGHT[0, 0])]
    clue = found("times number", "dweight", factor="7.5")
    assert clue in common(wrong)
    assert clue not in common(wrong[:1])


def test_the_factor_is_said_only_where_it_is_the_same():
    one, two = (Comparison("Conv2D", "dx", IMAGE * f, IMAGE, 1e-9) for f in (1.5, 2.5))
    assert common([one, two]) == [found("constant multiple")]


def test_numbers_that_are_small_beside_the_tolerance_are_no_multiple():
    expected = 1000.0 + RNG.standard_normal((2, 2, 3, 3))
    got = 0.001 * RNG.standard_normal(expected.shape)
    assert common([Comparison("Conv2D", "dweight", got, expected, 0.01)]) == []
