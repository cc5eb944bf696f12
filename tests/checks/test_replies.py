"""Strange replies fail the check that they come in, and never the suite: no grade is withheld."""

import itertools

import numpy as np
import pytest

from cnn_conformance import units
from cnn_conformance.checks.grader import Grader
from cnn_conformance.checks.registry import manifest
from cnn_conformance.outcomes import Outcome
from tests.grade import FIXTURES, RIGHT, checks_of, grade, in_this_process, one_case_each
from tests.planted.odd import ODD, places, plant
from tests.planted.replies import SAME_SHAPE, WEIRD, Tampering

PLACES = list(places())
WITHOUT_PARAMETERS = ("MaxPool2D", "Flatten", "ReLU")
DECIDES = {
    "forward": ("test_y", "test_loss"),
    "backward": ("test_dx", "test_dlogits", "test_dpred"),
    "params": ("test_training_and_grads", "test_params"),
    "grads": ("test_training_and_grads", "test_grads"),
    "training": ("test_training_and_grads", "test_training"),
    "layers": ("test_layers",),
    "step": ("test_update",),
    "fit": ("test_losses",),
    "evaluate": ("test_evaluate_loss",),
    "predict": ("test_predict",),
}


def keys_of(unit):
    own = checks_of(unit)
    return [key for key in one_case_each()[units.of(unit).stem] if key in own]


@pytest.mark.parametrize(("unit", "member"), PLACES, ids=["-".join(place) for place in PLACES])
def test_odd_values_never_are_the_suite_s_mistake(unit, member):
    """Every check of the unit meets some of the values, in turn; all of them meet some check."""
    keys = keys_of(unit)
    turns = itertools.cycle(keys)
    for make in ODD.values():
        chosen = [next(turns) for _ in range(2)]
        results = grade(plant(unit, member, make), chosen).results
        bad = {key: r.traceback for key, r in results.items() if r.outcome is Outcome.SUITE_ERROR}
        assert not bad


@pytest.mark.parametrize(("unit", "member"), PLACES, ids=["-".join(place) for place in PLACES])
def test_odd_values_do_not_pass(unit, member):
    tests = DECIDES.get(member or unit, ("test_y", "test_loss", "test_update"))
    keys = [k for k in keys_of(unit) if k.split("::")[1].partition("[")[0] in tests]
    assert keys
    for name, make in ODD.items():
        results = grade(plant(unit, member, make), keys).results
        passed = {key for key, r in results.items() if r.outcome is Outcome.PASSED}
        assert not passed or is_lawful(unit, member, name), name


def is_lawful(unit, member, name):
    """Tell whether something odd is right all the same."""
    if unit in WITHOUT_PARAMETERS and member in ("params", "grads"):
        return name in ("an empty dict", "a dict of None", "a dict of odd shapes")
    if unit in ("fit", "evaluate"):
        return name == "a dict with more"
    return member == "training" and name == "bool"


@pytest.mark.parametrize("stem", sorted(one_case_each()))
def test_forged_replies_never_are_the_suite_s_mistake(stem):
    """Each reply of each check is replaced, by one of the values in turn."""
    implementation = in_this_process(RIGHT)
    implementation._transport = transport = Tampering(RIGHT)
    values = itertools.cycle([*WEIRD.values(), *SAME_SHAPE.values()])
    for key in one_case_each()[stem]:
        if manifest()[key].kind == "law":
            continue
        transport.at, transport.count = -1, 0
        implementation.memo.clear()
        grade_one(implementation, key)
        for place in range(min(transport.count, 40)):
            transport.at, transport.count, transport.value = place, 0, next(values)
            implementation.memo.clear()
            result = grade_one(implementation, key)
            assert result.outcome is not Outcome.SUITE_ERROR, (transport.value, result.traceback)


def grade_one(implementation, key):
    return Grader(implementation, FIXTURES).run(key)


# --- one by one -------------------------------------------------------------------------------


def y_of(value):
    """Return what comes of a Dense whose forward returns something made of the right answer."""
    units = plant("Dense", "forward", value)
    keys = [
        "test_dense.py::test_y[bias]",
        "test_dense.py::test_float64[bias]",
        "test_dense.py::test_float32[bias]",
    ]
    results = grade(units, keys).results
    return [(str(results[key].outcome), repr(results[key].finding)) for key in keys]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda y: np.ma.array(y), "MaskedArray"),
        (lambda y: np.asmatrix(y), "matrix"),
        (lambda y: y.astype(object), "ndarray"),
        (lambda y: y.astype(complex), "complex"),
        (lambda y: y.tolist(), "list"),
        (lambda y: None, "None"),
        (lambda y: y.tobytes(), "bytes"),
        (lambda y: y[0], "got=(4,)"),
        (lambda y: np.float64(y.mean()), "float64"),
        (lambda y: y.mean(keepdims=True)[0], "got=(1,)"),
        (lambda y: np.where(y > 0, y, np.nan), "got=nan"),
        (lambda y: np.where(y > 0, y, np.inf), "got=inf"),
    ],
)
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_an_answer_that_is_no_plain_array_of_the_right_shape_fails(make, says):
    outcome, seen = y_of(make)[0]
    assert outcome == "failed"
    assert says in seen


@pytest.mark.parametrize("dtype", [">f8", "g", "f4"])
def test_right_values_in_another_dtype_lose_precision_only(dtype):
    (forward, _), (precision, seen), _ = y_of(lambda y: y.astype(dtype))
    assert (forward, precision) == ("passed", "failed")
    assert "expected='float64'" in seen


def test_float16_is_too_coarse_to_be_right():
    assert y_of(lambda y: y.astype(np.float16))[0][0] == "failed"


class Unreadable(Exception):
    def __str__(self):
        raise ValueError


class Rude(SystemExit):
    def __str__(self):
        return 7


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (SystemExit(0), "SystemExit: 0"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (GeneratorExit(), "GeneratorExit"),
        (ValueError(None), "ValueError: None"),
        (Unreadable(), "Unreadable: (its text cannot be read)"),
        (Rude(), "Rude: (its text cannot be read)"),
        (Exception("x" * 10**6), "Exception: xxxxxxx"),
        (Exception("\x1b[2J\ud800\u202e"), "Exception: \x1b[2J"),
        (StopIteration(3), "StopIteration: 3"),
        (RecursionError(), "RecursionError"),
        (BaseExceptionGroup("many", [KeyboardInterrupt()]), "BaseExceptionGroup: many"),
    ],
)
def test_whatever_is_raised_is_an_error_of_that_case(error, says):
    class Dense(RIGHT["Dense"]):
        def forward(self, x):
            raise error

    graded = grade({"Dense": Dense}, ["test_dense.py::test_y[bias]"])
    (result,) = graded.results.values()
    assert result.outcome == "error"
    raised = result.finding
    assert f"{raised.type}: {raised.text}".removesuffix(": ").startswith(says)
    assert len(result.message) < 6000
    assert not graded.document["withheld"]


def test_a_reply_that_is_too_large_is_refused_with_its_reason():
    outcome, seen = y_of(lambda y: np.zeros(3 << 20))[0]
    assert outcome == "error"
    assert "the result is too large" in seen


def test_a_loss_without_a_slope_is_no_mistake_of_the_suite():
    class MSE(RIGHT["MSE"]):
        """Right where pred is as in the case, and rough around it."""

        def forward(self, pred, target):
            right = super().forward(pred, target)
            return right + (0.0 if pred[0, 0] == usual else 10 * (abs(pred.sum()) * 1e6 % 1.0))

    usual = FIXTURES.unit("mse").cases["rows"]["pred"][0, 0]
    key = "test_mse.py::test_backward_fits_forward[rows]"
    result = grade({"MSE": MSE}, [key]).results[key]
    assert result.outcome == "blocked"
    assert "does not converge" in result.message
