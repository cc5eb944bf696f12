"""Which arrays of a recurrent layer are which gates of what. Runs in the sandbox.

Shapes tell what an array weighs, and names which gate it is. What belongs to the state has no
effect on the first step, which tells it from the input where both are in one array.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from cnn_conformance.adapt import gates
from cnn_conformance.adapt.parameters import GRADIENT
from cnn_conformance.adapt.places import arrays, read, write
from cnn_conformance.adapt.plan import Plan
from cnn_conformance.adapt.recurrences import PARAMETER
from cnn_conformance.adapt.recurrent import BIASES, ORDERS
from cnn_conformance.adapt.source import words
from cnn_conformance.adapt.trials import Trial
from cnn_conformance.arrays import Array

BOTH, SQUARE = "both", "?"
"""What weighs input and state; the order of axes of a square, which its shape does not tell."""
Row = tuple[str, str, str, str]
Kind = tuple[str, int, str]
"""An order of axes, how many gates, and what they weigh."""


def locate(plan: Plan, trial: Trial, order: str) -> None:
    """Note which arrays of an object are which gates of what.

    Parameters
    ----------
    plan : Plan
        Its `gates` are set.
    trial : Trial
        Makes its objects.
    order : str
        The gates in the order in which an array has all of them, if the source tells.
    """
    unit = trial.unit(plan)
    unit.forward(trial.x(plan))
    if unit.layer is None:
        return
    all_gates = ORDERS[plan.unit]
    used = {
        path: kind
        for path, kind in _shaped(unit, trial, len(all_gates))
        if _is_used(plan, trial, path) or PARAMETER.search(words(last(path)))
    }
    turned = [layout for layout, _, of in used.values() if layout in ("GC", "CG") and of != "b"]
    single = [last(path) for path, (_, count, _) in used.items() if count == 1]
    known = gates.of_arrays(single, plan.unit) if len(all_gates) > 1 else {}
    both = [(path, layout) for path, (layout, _, of) in used.items() if of == BOTH]
    is_input_first = any(_is_input_first(plan, trial, *each) for each in both)  # f says nothing
    table: dict[str, Row] = {}
    for path, (layout, count, of) in used.items():
        own = known.get(last(path), ("", ""))[0] if count < len(all_gates) else order or all_gates
        if own:
            layout = (turned or ["GC"])[0] if layout == SQUARE else layout
            of = ("xh" if is_input_first else "hx") if of == BOTH else of
            table[path] = layout, own, of, ""
            plan.evidence[path] = f"its shape is {np.shape(read(unit.layer, path))}"
    if not order and any(len(own) > 1 for _, own, _, _ in table.values()):
        plan.questions.append(
            f"the order of the gates is not told: {all_gates} is assumed, as in PyTorch"
        )
    if not any(of in BIASES for _, _, of, _ in table.values()):
        plan.questions.append("no bias was found: those of the specification are left out")
    plan.facts["gates"] = _of_biases(table)


def _shaped(unit: Any, trial: Trial, number: int) -> Iterator[tuple[str, Kind]]:
    """Yield the arrays that may be parameters by their shapes."""
    size, inputs = trial.sizes["H"], trial.sizes["D"]
    rows = {size: 1, number * size: number}
    columns = {inputs: "x", size: "h", inputs + size: BOTH}
    seen: list[Array] = [unit.at.x, unit.at.y]
    for path, array in arrays(unit.layer, "layer"):
        owner = path.rpartition("[")[0] or path
        if any(array is one for one in seen) or GRADIENT.search(owner) or array.ndim > 2:
            continue
        seen.append(array)
        lengths = [n for n in array.shape if n != 1]
        if len(lengths) == 1 and lengths[0] in rows:
            layout = "G" if array.ndim == 1 else "1G" if array.shape[0] == 1 else "G1"
            yield path, (layout, rows[lengths[0]], "b")
        elif len(lengths) == 2:
            turns = (("GC", *array.shape), ("CG", *array.shape[::-1]))
            fits = [(way, rows[g], columns[c]) for way, g, c in turns if g in rows and c in columns]
            if fits:
                yield path, fits[0] if len(fits) == 1 else (SQUARE, fits[0][1], "h")


def _of_biases(table: dict[str, Row]) -> dict[str, Row]:
    """Tell two biases of the same gates apart: that of the input comes first, but for its name."""
    biases = [(path, row[1]) for path, row in table.items() if row[2] == "b"]
    for path, own in biases:
        alike = [other for other, gates_ in biases if gates_ == own]
        if len(alike) == 2:
            ours = [bool(re.search("hh|_h$|hid|rec|^u", last(p).lower())) for p in alike]
            second = alike[0] if ours[0] and not ours[1] else alike[1]
            table[path] = (*table[path][:2], "bh" if path == second else "bx", "")
    return table


def last(path: str) -> str:
    """Return the last name in a path."""
    names: list[str] = re.findall(r"\w+", path)
    return names[-1]


def _is_used(plan: Plan, trial: Trial, path: str) -> bool:
    """Tell whether the states change with an array."""
    try:
        before, after = _with(plan, trial, path, slice(None))
    except BaseException:
        return False
    return not np.array_equal(before, after)


def _is_input_first(plan: Plan, trial: Trial, path: str, layout: str) -> bool:
    """Tell which comes first in a weight of both: what weighs the state leaves the first step."""
    first = slice(min(trial.sizes["D"], trial.sizes["H"]))
    before, after = _with(plan, trial, path, first if layout == "CG" else (slice(None), first))
    return not np.array_equal(before[:, 0], after[:, 0])


def _with(plan: Plan, trial: Trial, path: str, where: Any) -> tuple[Array, Array]:
    """Return the states before and after a part of an array has changed."""
    unit = trial.unit(plan)
    if plan.facts["by_step"]:  # the same object in every step
        layer = unit.make()
        unit.make = lambda: layer
    x = trial.x(plan)
    before = np.array(unit.forward(x))
    value = np.array(read(unit.layer, path), float)
    value[where] += 0.3
    write(unit.layer, path, value)
    return before, np.array(unit.forward(x))


def lacking(plan: Plan) -> str:
    """Return which parameter of the specification the code has not, as far as was found."""
    rows = plan.facts["gates"].values()
    for letter, name in (("x", "the input"), ("h", "the state")):
        weights = [own for _, own, of, _ in rows if letter in of and of not in BIASES]
        if {*"".join(weights)} != {*ORDERS[plan.unit]}:
            return f"no weights of all gates for {name} were found"
    if plan.unit == "GRU" and not any(of == "bh" for _, _, of, _ in rows):
        return "it has one bias for each gate, the specification has two: that of n is another"
    return ""
