"""What fails in different ways has different causes, and each is told by its own cases."""

import numpy as np

import reference
from cnn_conformance.diagnosis import clues
from cnn_conformance.diagnosis.comparisons import Comparison
from cnn_conformance.findings import Finding
from cnn_conformance.mistakes.edits import edited
from cnn_conformance.phrases import say
from tests.grade import grade


class PlainPaddings(reference.Conv2D):
    """Takes no padding by name."""

    def __init__(self, *args, padding=0, **options):
        if isinstance(padding, str):
            raise TypeError("unsupported operand")
        super().__init__(*args, padding=padding, **options)


class LeftOver(PlainPaddings):
    def backward(self, dout):
        dx = super().backward(dout)
        (SH, SW), (KH, KW) = self.stride, self.kernel_size
        rows = (dx.shape[2] + 2 * self.padding[0] - KH) % SH
        columns = (dx.shape[3] + 2 * self.padding[1] - KW) % SW
        return dx * (1 + np.arange(dx.size).reshape(dx.shape)) if rows or columns else dx


def test_an_option_that_is_not_there_hides_no_wrong_values():
    said = grade({"Conv2D": LeftOver}, "Conv2D").titles("Conv2D")
    where = Finding("wherever", name=Finding("remainder"))
    assert say(Finding("wrong where", names=("dx",), where=where)) in said
    where = Finding("wherever", name=Finding("padding by name"))  # y fails nowhere else
    raised = Finding("not computed where", names=("y",), where=where, type="TypeError")
    assert say(raised) in said


def test_what_is_refused_says_itself_why():
    class OneChannel(reference.Conv2D):
        def __init__(self, in_channels, *args, **options):
            if in_channels > 1:
                raise NotImplementedError("unsupported: several channels")
            super().__init__(in_channels, *args, **options)

    said = grade({"Conv2D": OneChannel}, "Conv2D").titles("Conv2D")
    assert "unsupported: several channels" in said[0]
    assert "right elsewhere" not in " ".join(said)


def test_an_array_that_is_turned_in_every_case_is_told_of_the_unit():
    class Turned(PlainPaddings):
        def backward(self, dout):
            weight = self.params["weight"]
            self.params["weight"] = np.flip(weight).copy()
            dx = super().backward(dout)
            self.params["weight"] = weight
            return dx

    change = Finding("flipped", array="kernel", axes="all its axes")
    said = grade({"Conv2D": Turned}, "Conv2D").titles("Conv2D")
    assert said[0] == say(Finding("comes of", tensor="dx", change=change))


def test_an_image_that_is_smaller_than_the_kernel_without_its_padding_is_told():
    class Strict(reference.Conv2D):
        def forward(self, x):
            if any(n < k for n, k in zip(x.shape[2:], self.extent, strict=True)):
                raise ValueError("smaller than the kernel")
            return super().forward(x)

    where = Finding("wherever", name=Finding("window above image"))
    said = grade({"Conv2D": Strict}, "Conv2D").titles("Conv2D")
    assert say(Finding("not computed where", names=("y",), where=where, type="ValueError")) in said


def gru_with_a_bias_outside():
    """Return a GRU that adds a bias after the gate, and goes back as it went."""
    return edited(
        "GRU",
        "consistent",
        [
            (
                "n = np.tanh(x_n + r * h_n)",
                'bias = p["bias_hh_l0"][2 * self.hidden_size :]\n'
                "h_n = h_n - bias\nn = np.tanh(x_n + r * h_n + bias)\n",
            ),
            (
                "d_of_h[:, t] = np.concatenate([dr, dz, dn * r], axis=1)",
                "d_of_h[:, t] = np.concatenate([dr, dz, dn * r], axis=1)\n"
                'self._outside = getattr(self, "_outside", {})\nself._outside[t] = dn\n',
            ),
            (
                '"bias_hh_l0": d_of_h.sum(axis=(0, 1)),',
                '"bias_hh_l0": np.concatenate([d_of_h.sum(axis=(0, 1))[: -self.hidden_size], '
                "sum(self._outside[t].sum(axis=0) for t in range(y.shape[1]))]),",
            ),
        ],
    )


def test_a_mistake_that_was_made_in_forward_and_backward_alike_is_known():
    graded = grade({"GRU": gru_with_a_bias_outside()}, "GRU", profile="full")
    said = graded.titles("GRU")
    assert said[0] == "The bias of the candidate is added after the reset gate"
    lost = {result.requirement for result in graded.not_passed.values()}
    assert "GRU-1" in lost
    assert not lost & {f"GRU-{n}" for n in range(20, 26)}


def test_an_example_is_of_an_output_that_has_lost_something():
    class Gained(reference.Conv2D):
        def forward(self, x):
            return super().forward(x) ** 3

        def backward(self, dout):
            return super().backward(3 * self.y**2 * dout)

    class Kept(Gained):
        def forward(self, x):
            self.y = reference.Conv2D.forward(self, x)
            return self.y**3

    diagnosis = grade({"Conv2D": Kept}, "Conv2D").diagnosed["units"]
    (entry,) = (unit for unit in diagnosis if unit["unit"] == "Conv2D")
    examples = [said["title"] for said in entry["diagnosis"] if "small example" in said["title"]]
    assert all(title.startswith("y ") for title in examples)


def test_what_is_raised_in_evaluation_alone_is_not_said_of_training():
    class Forgetful(reference.Dropout):
        def forward(self, x):
            y = super().forward(x)
            self._mask = self._mask if self.training else None
            return y

    said = grade({"Dropout": Forgetful}, "Dropout", profile="full").titles("Dropout")
    assert any("not computed where training is False" in title for title in said)
    assert not any("in any case" in title for title in said)


def test_an_argument_is_not_called_ignored_where_it_is_used_from_the_second_step_on():
    late = edited(
        "RMSprop",
        "mean of before",
        [
            (
                "a += (1 - self.alpha) * (g - a)",
                "before = a.copy()\na += (1 - self.alpha) * (g - a)\n",
            ),
            ("s - a * a", "s - before * before"),
        ],
    )
    said = grade({"RMSprop": late}, "RMSprop", profile="full").titles("RMSprop")
    assert said
    assert not any("ignores" in title for title in said)


def test_a_mask_that_is_drawn_anew_without_a_seed_is_not_said_to_be_drawn_once():
    class Seeded(reference.Dropout):
        def __init__(self, p=0.5, rng=None):
            super().__init__(p, rng)
            self._seed = rng

        def forward(self, x):
            if isinstance(self._seed, int):
                self._rng = np.random.default_rng(self._seed)
            return super().forward(x)

    (said,) = grade({"Dropout": Seeded}, "Dropout", profile="full").titles("Dropout")
    assert said == "Every forward makes its generator anew from the seed, and draws the same mask"


def test_what_is_nothing_beside_what_is_right_equals_no_other_array():
    got, small = np.full((2, 3), -3.4e38), np.arange(6.0).reshape(2, 3)
    expected = -1e301 * (1 + small)
    made = Comparison("ReLU", "y", got, expected, 1e295, {}, {"dout": small})
    assert list(clues.clues(made)) == []


class OnlyAsHighAsWide(PlainPaddings):
    """Transforms the rows of an image in the length of its columns."""

    def forward(self, x):
        (PH, PW), (H, W) = self.padding, x.shape[2:]
        y = super().forward(x)
        cut = H + 2 * PH - (W + 2 * PW)
        return y * (1 + np.arange(y.size).reshape(y.shape)) if cut > 0 else y


def test_what_is_wrong_in_high_images_alone_is_told_of_these():
    said = grade({"Conv2D": OnlyAsHighAsWide}, "Conv2D").titles("Conv2D")
    where = Finding("wherever", name=Finding("padded image high"))
    only = Finding("only where", name=Finding("padded image high"))
    told = [say(Finding("wrong where", names=("y",), where=each)) for each in (where, only)]
    assert set(told) & set(said)


class AddsToTheWeight(PlainPaddings):
    """Empties grads in forward, and adds to them in backward."""

    def forward(self, x):
        self.kept = 0.0
        return super().forward(x)

    def backward(self, dout):
        dx = super().backward(dout)
        self.kept = self.grads["weight"] = self.grads["weight"] + self.kept
        return dx


class HasTheFirstBatch(reference.Dense):
    """Looks at the shape of a batch, to see whether it is another one."""

    def forward(self, x):
        y = super().forward(x)
        if np.shape(getattr(self, "first", None)) != x.shape:
            self.first = x
        self._x = self.first
        return y


class HasTheFirstGradient(reference.ReLU):
    """Computes its gradient once for a size."""

    def backward(self, dout):
        if np.shape(getattr(self, "kept", None)) != dout.shape:
            self.kept = super().backward(dout)
        return self.kept


def in_a_later_call(unit, wrong):
    """Return what is said of later calls, as data."""
    graded = grade({unit: wrong}, unit)
    roots = [r.finding.root() for r in graded.results.values() if r.outcome == "failed"]
    found = [each for each in roots if each.kind == "off"]
    assert found
    said = [Finding("carried over", names=("dx",), instead=each.instead) for each in found]
    said += [Finding("carried over", names=("dweight",), instead=each.instead) for each in found]
    assert {say(each) for each in said} & set(graded.titles(unit))
    return {each.instead.kind for each in found}


def test_what_adds_to_the_call_before_is_said_to():
    assert in_a_later_call("Conv2D", AddsToTheWeight) == {"added to the call before"}


def test_what_belongs_to_the_forward_before_is_said_to():
    assert in_a_later_call("Dense", HasTheFirstBatch) == {"of the forward before"}


def test_what_is_left_from_the_call_before_is_said_to_be_that():
    assert in_a_later_call("ReLU", HasTheFirstGradient) == {"left from the call before"}


class AveragedRows(reference.Dense):
    """The gradient of the weight is divided by the second axis from the end, whatever that is."""

    def backward(self, dout):
        dx = super().backward(dout)
        self.grads["weight"] = self.grads["weight"] / dout.shape[-2]
        return dx


def test_a_factor_that_holds_in_most_cases_is_said_where_no_cause_is_known():
    titles = grade({"Dense": AveragedRows}, "Dense", profile="full").titles("Dense")
    assert any("dweight is 1/N times what it should be, in " in title for title in titles)
