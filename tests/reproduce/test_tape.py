"""The tape: what it writes down, that it changes no verdict, and what traced arrays say."""

import numpy as np
import pytest

from cnn_conformance.checks.grader import Grader
from cnn_conformance.checks.registry import manifest
from cnn_conformance.implementation.tape import Came, Computed, Tape, Traced, came, spoiled
from cnn_conformance.mistakes import catalogue, units_of
from tests.grade import FIXTURES, RIGHT, in_this_process

X = np.arange(6.0).reshape(2, 3) - 2


def written(value):
    """Return what a traced value says of itself, with x for the reply that it comes from."""
    if isinstance(value, Came):
        return "x"
    if isinstance(value, Computed):
        return value.template.format(*map(written, value.parts))
    return f"np.array({value.tolist()})" if isinstance(value, np.ndarray) else repr(value)


@pytest.mark.parametrize(
    "compute",
    [
        lambda x: x[:, 1:],
        lambda x: x[::-1, ..., None],
        lambda x: 2 * x - x**2 / 3,
        lambda x: -1.0 * x @ np.ones((3, 2)),
        lambda x: (x * X).sum(),
        lambda x: x.sum(axis=0, keepdims=True),
        lambda x: x.max(axis=1),
        lambda x: x.astype("float32").reshape(3, 2).T.copy(),
        lambda x: np.where(x != 0, X, 0.0),
        lambda x: np.stack([x, x]),
        lambda x: np.divide(1.0, x, out=np.zeros(x.shape), where=x > 0),
        lambda x: (~(x > 0) | (x == 0)).sum() / x.size,
        lambda x: np.stack(list(x)),
    ],
)
def test_what_is_computed_of_a_reply_says_how(compute):
    value = compute(came(X, Came(0)))
    assert isinstance(value, Traced)
    says = written(value.origin)
    np.testing.assert_array_equal(eval(says, {"x": X, "np": np}), compute(X), err_msg=says)


def test_replies_are_traced_part_by_part():
    reply = came((1.5, {"weight": X, "name": "a"}, None, True), Came(4))
    assert reply[0].origin.path == (0,)
    assert reply[1]["weight"].origin.path == (1, "weight")
    assert (reply[1]["name"], reply[2], reply[3]) == ("a", None, True)


def test_requests_are_written_down_in_their_order():
    implementation = in_this_process(RIGHT)
    implementation.tape = tape = Tape()
    implementation.begin("ReLU")
    layer = implementation.layer_later("ReLU", [], {})
    layer.set_later("training", False)
    y = layer.forward(X)
    dx = layer.backward(y)
    assert [entry.do for entry in tape.entries] == ["create", "set", "call", "call"]
    assert [entry.begins for entry in tape.entries] == [True, False, False, False]
    (dout,) = tape.entries[3].request["args"]
    assert dout.origin.entry == 2, "the tape knows where an argument comes from"
    assert dx.origin.entry == 3


def test_the_entry_that_raised_is_marked():
    implementation = in_this_process(RIGHT)
    implementation.tape = tape = Tape()
    layer = implementation.layer_later("Dense", [0, 0], {})
    with pytest.raises(Exception, match="Dense"):
        layer.forward(X)
    assert [entry.raised for entry in tape.entries] == [True, False]


def test_without_a_tape_replies_are_plain_arrays():
    implementation = in_this_process(RIGHT)
    layer = implementation.layer("ReLU", [], {})
    assert type(layer.forward(X)) is np.ndarray


@pytest.mark.parametrize("stem", ["relu", "conv2d", "dropout", "training", "sgd", "sequential"])
def test_no_verdict_depends_on_the_tape(stem):
    mistakes = [m for m in catalogue() if m.unit.lower() == stem][:2]
    keys = [key for key, check in manifest().items() if check.stem == stem]
    for units in (RIGHT, *map(units_of, mistakes)):
        seen = []
        for tape in (None, Tape()):
            implementation = in_this_process(units)
            implementation.tape = tape
            grader = Grader(implementation, FIXTURES)
            seen.append([(grader.run(key).outcome, grader.results[key].finding) for key in keys])
        assert seen[0] == seen[1]


def test_a_spoiled_reply_is_another_one():
    reply = {"value": [X, 2, True, {"name": "a"}]}
    other = spoiled(reply, "other numbers")["value"]
    assert (other[0] != X).all()
    assert other[1:] == [3, False, {"name": "a"}]
    assert spoiled({"raised": ["ValueError"]}, "zeros") == {"value": None}
