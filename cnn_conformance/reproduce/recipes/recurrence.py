"""Scripts for sequences: what a step may know of, and what a sample may know of its neighbours."""

from __future__ import annotations

import re

from cnn_conformance.checks import recurrence
from cnn_conformance.oracle import tolerance
from cnn_conformance.reproduce.script import Draft, Recipe, Subject, constructor, prepared, state


def causal(subject: Subject) -> Draft:
    """Show the states before a step, with and without a change of x from there on."""
    said = re.search(r"y before step (\d+)", subject.message)
    t = int(said[1]) - 1 if said else 1
    lines = [
        "changed = x.copy()",
        f"changed[:, {t}:] *= -2",
        f"got, expected = forward(changed)[:, :{t}], forward(x)[:, :{t}]",
    ]
    return _draft(subject, lines)


def samples_apart(subject: Subject) -> Draft:
    """Show the samples of a batch one by one, and together."""
    alone = "np.concatenate([forward(x[n : n + 1]) for n in range(len(x))])"
    return _draft(subject, [f"got, expected = {alone}, forward(x)"])


def _draft(subject: Subject, lines: list[str]) -> Draft:
    case = subject.case
    made = [f"layer = {constructor(case.unit, case.args, case.options)}", *prepared(case)]
    forward = ["def forward(x):", *(f"    {line}" for line in made), "    return layer.forward(x)"]
    data = {"x": case["x"], **state(case)}
    return Draft(data, [*forward, *lines], tolerance.coarse(case.bound("y")))


RECIPES: dict[object, Recipe] = {
    recurrence.causal: causal,
    recurrence.samples_apart: samples_apart,
}
