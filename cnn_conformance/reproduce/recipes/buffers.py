"""Scripts for running statistics."""

from __future__ import annotations

import re

from cnn_conformance.arrays import Array
from cnn_conformance.checks import buffers
from cnn_conformance.oracle import tolerance
from cnn_conformance.reproduce.script import (
    Draft,
    Recipe,
    Subject,
    constructor,
    nearer,
    prepared,
    state,
)


def initial_state(subject: Subject) -> Draft:
    """Show names, shapes, dtypes and values of the parameters and buffers of a new layer."""
    case = subject.case
    shape = case["weight"].shape
    lines = [
        f"layer = {constructor(case.unit, case.args, case.options)}",
        f"first = [(layer.params, {buffers.FIRST}), (layer.buffers, {buffers.FIRST_BUFFERS})]",
        "for got, expected in first:",
        '    print("got", got, "expected", expected)',
        "    assert set(got) == set(expected)",
        "    for name, value in expected.items():",
        f'        assert got[name].shape == {shape} and got[name].dtype == "float64", name',
        "        assert np.array_equal(got[name], np.full(got[name].shape, value)), name",
    ]
    return Draft({}, lines)


def running_mean(subject: Subject) -> Draft:
    """Show the running mean after some batches."""
    return _running(subject, "running_mean", "running_mean.after")


def running_var(subject: Subject) -> Draft:
    """Show the running variance after some batches beside the nearer of two right ones."""
    draft = _running(subject, "running_var", "running_var.after")
    biased = subject.case["running_var.biased"]
    draft.data["biased"] = biased[_batches(subject) - 1]
    draft.lines.append(nearer("biased"))
    return draft


def unbiased(subject: Subject) -> Draft:
    """Show the running variance after some batches."""
    return _running(subject, "running_var", "running_var.after")


def _batches(subject: Subject) -> int:
    """Return after how many batches the check looks, or found something wrong."""
    said = re.search(r"after batch (\d+)", subject.message)
    return int(said[1]) if said else int(subject.case.table["batches"])


def _running(subject: Subject, name: str, golden: str) -> Draft:
    case, count = subject.case, _batches(subject)
    lines = [*_trained(subject, f"[:{count}]"), f'got = layer.buffers["{name}"]']
    data = {**_inputs(subject), "expected": case[golden][count - 1]}
    return Draft(data, lines, tolerance.coarse(case.bound(golden)))


def evaluated(subject: Subject) -> Draft:
    """Show y in evaluation after training, beside what the layer's own statistics make of x."""
    eps = subject.case.options.get("eps", 1e-5)
    lines = [
        *_trained(subject, ""),
        "layer.training = False",
        "mean, var = layer.buffers['running_mean'], layer.buffers['running_var']",
        f"scale = (weight / np.sqrt(var + {eps}))[:, None, None]",
        "got = layer.forward(x)",
        "expected = (x - mean[:, None, None]) * scale + bias[:, None, None]",
    ]
    return Draft(_inputs(subject), lines, tolerance.coarse(subject.case.bound("y")))


def only_training_changes(subject: Subject) -> Draft:
    """Show the running statistics before and after what has to leave them alone."""
    case = subject.case
    lines = [f"layer = {constructor(case.unit, case.args, case.options)}", *prepared(case)]
    data = {"x": case["x"], **state(case)}
    call = "layer.forward(x)"
    if not subject.says("forward changes"):
        lines.append(call)
        data["dout"] = case["dout"]
        call = "layer.backward(dout)"
    lines += [
        "expected = np.array(list(layer.buffers.values()))",
        call,
        "got = np.array(list(layer.buffers.values()))",
    ]
    return Draft(data, lines, 0.0)


def _inputs(subject: Subject) -> dict[str, Array]:
    return {"x": subject.case["x"], **state(subject.case)}


def _trained(subject: Subject, batches: str) -> list[str]:
    """Return the lines that train a new layer on the parts of x."""
    case = subject.case
    return [
        f"layer = {constructor(case.unit, case.args, case.options)}",
        *prepared(case),
        f"for part in np.array_split(x, {case.table['batches']}){batches}:",
        "    layer.forward(part)",
    ]


RECIPES: dict[object, Recipe] = {
    buffers.initial_state: initial_state,
    buffers.running_mean: running_mean,
    buffers.running_var: running_var,
    buffers.unbiased: unbiased,
    buffers.evaluated: evaluated,
    buffers.only_training_changes: only_training_changes,
}
