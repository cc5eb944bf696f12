"""The sentences: what is said of a finding. The only place that writes prose about a failure.

A phrase is a format string of `phrases.toml` over the facts of its finding, or a function here
where numbers decide on words. A fact may be a finding too, and is put into words first. Nothing
reads what comes out: any word may be changed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from cnn_conformance.findings import Finding

FILE = Path(__file__).with_suffix(".toml")


def say(finding: Finding) -> str:
    """Return the sentence for a finding, without a full stop."""
    if finding.kind in FUNCTIONS:
        said = FUNCTIONS[finding.kind](finding)
    else:
        phrase: str = phrases()[finding.kind]
        said = phrase.format_map(_Facts({n: _shown(v) for n, v in finding.facts.items()}))
    return said if finding.when is None else f"{said}, {say(finding.when)}"


def more(finding: Finding) -> str:
    """Return what is to be said beside the sentence; empty for most."""
    if finding.kind in BESIDE:
        return BESIDE[finding.kind](finding)
    said: str = phrases()["more"].get(finding.kind, "")
    return said


@cache
def phrases() -> dict[str, Any]:
    """Return the format strings by kind, and under "more" what is said beside some of them."""
    return tomllib.loads(FILE.read_text("utf-8"))


class _Facts(dict[str, Any]):
    """Facts by name; one that was not given is empty."""

    def __missing__(self, name: str) -> str:
        return ""


def _shown(value: Any) -> Any:
    """Return a fact as a phrase shows it."""
    if isinstance(value, Finding):
        return say(value)
    return "" if value is None else value


def listed(words: Iterable[str]) -> str:
    """Return words as in "a, b and c"."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _is(names: tuple[str, ...]) -> str:
    return "is" if len(names) == 1 else "are"


# ---------------------------------------------------------------- comparisons


def _values(f: Finding) -> str:
    place = f"[{', '.join(map(str, f.place))}]" if f.place else ""
    got, expected = _apart(f.got, f.expected)
    said = f"{_shown(f.tensor)}{place} is {got}, expected {expected}"
    if f.by is not None:  # of the smallest example there is nothing to count
        return f"{said}{_shown(f.by)}"
    count = "" if f.elements == 1 else f"; {f.wrong} of {f.elements} elements are wrong"
    return f"{said} (off by {f.off:.2g}, allowed {f.allowed:.2g}){count}"


def _apart(got: float, expected: float) -> tuple[str, str]:
    """Return two numbers in 8 digits, or in as many as it takes until they look different."""
    for digits in range(8, 18):
        shown = f"{got:.{digits}g}", f"{expected:.{digits}g}"
        if shown[0] != shown[1]:
            break
    return shown


def _off(f: Finding) -> str:
    said = f"{_shown(f.tensor)} differs by up to {f.off:.3g} from what a fresh instance gives"
    return said if f.instead is None else f"{said}: it is {say(f.instead)}"


def _later(f: Finding) -> str:
    return f"On a later call, {listed(f.names)} {_is(f.names)} {say(f.instead)}"


# ---------------------------------------------------------------- attributes and arguments


def _keys(f: Finding) -> str:
    expected = "none" if f.expected == () else f"{list(f.expected)}"
    got = list(f.got) if isinstance(f.got, tuple) else f.got
    return f"{f.attribute} has the keys {got}, expected {expected}"


def _no_grads(f: Finding) -> str:
    got, params = (dict(shapes) or "nothing" for shapes in (f.got, f.params))
    return f"after backward grads has {got}, params {params}"


def _alike(f: Finding) -> str:
    names = " and ".join(f'params["{name}"]' for name in f.names)
    return f"two rows of {names} start with the same values: they would learn the same"


def _layers_attribute(f: Finding) -> str:
    length = "" if f.length is None else f" of length {f.length}"
    where = f"expected the list of the {f.count} given layers, in that order"
    return f"layers is {f.got}{length}, {where}"


# ---------------------------------------------------------------- dropout


def _dropped(f: Finding) -> str:
    what = _shown(f.what)
    return (
        f"{f.count} of {f.size} {what}: expected about {f.about:.0f}, and at most {f.allowed:.0f} "
        "more or fewer"
    )


def _survivors(f: Finding) -> str:
    return (
        f"where x is 0, {f.survivors or 'none'} of {f.zeros} gradients pass: y does not tell which "
        "elements survive there"
    )


# ---------------------------------------------------------------- running the code


def _raised(f: Finding) -> str:
    said = f"{f.type}: {f.text}" if f.text else str(f.type)
    return f"{said}\nthe specification has {f.signature}" if f.signature else said


def _missing(f: Finding) -> str:
    return f"{f.unit} is not exported{''.join(f'; {problem}' for problem in f.problems)}"


def _until(f: Finding) -> str:
    names = f"{' and '.join(map(_shown, f.names))} {_is(f.names)}"
    return f"cannot be judged until {names} right\n{_shown(f.cause)}"


def _calls(f: Finding) -> str:
    which = f"the call after {f.after}" if f.after else "the first call"
    got, expected = f.got or "missing", f.expected or "none"
    return (
        f"in batch {f.batch} of {f.count}, {which} is {got}, expected {expected}; a batch is "
        f"{', '.join(f.needed)}"
    )


# ---------------------------------------------------------------- the diagnosis


def _differs(f: Finding) -> str:
    verb = "differs" if len(f.names) == 1 else "differ"
    return (
        f"{' and '.join(f.names)} {verb} from one new layer to the next with the same input: look "
        "for memory that is read before it is written (np.empty) or lies behind an array "
        "(as_strided), and for state outside the layer"
    )


def _names_are(f: Finding) -> str:
    return f"{listed(map(_shown, f.names))} {_is(f.names)}"


def _wrong_where(f: Finding) -> str:
    return f"{_names_are(f)} wrong {_shown(f.where)}"


def _not_computed_where(f: Finding) -> str:
    return f"{_names_are(f)} not computed ({f.type} is raised) {_shown(f.where)}"


def _changed_formula(f: Finding) -> str:
    target = f.target.removeprefix("self.").removeprefix("_")
    method = f.method.removeprefix("_")
    where = f"where {method} computes `{target}`" if target else f"in what {method} returns"
    return f"{_names_are(f)} what comes of `{f.now}` in place of `{f.was}`, {where}"


def _not_computed(f: Finding) -> str:
    said = f"{f.type}: {f.text}" if f.text else f.type
    return f"{_names_are(f)} not computed {_shown(Finding(f.how))}: {said}"


def _default(f: Finding) -> str:
    pairs = " and ".join(f"{name}={value}" for name, value in f.arguments)
    names = " and ".join(name for name, _ in f.arguments)
    if len(f.arguments) == 1:
        return f"Passes when {pairs} is given: the default of {names} is wrong"
    return f"Passes when {pairs} are given: the defaults of {names} are wrong"


def _ignored(f: Finding) -> str:
    where = "backward" if f.backward_only else "the unit"
    where = f"{where}, for {listed(f.names)}," if f.names else where
    done = {
        "left out": "ignores `{}`",
        "one": "uses 1 for `{}`",
        "exchanged": "uses the two numbers of `{}` in the wrong order",
        "rows": "uses the first number of `{}` for both directions",
        "columns": "uses the second number of `{}` for both directions",
    }[f.how]
    return f"{where} {done.format(f.option)}"


def _reduced(f: Finding) -> str:
    axes = f"axis {f.axes[0]}" if len(f.axes) == 1 else f"axes {', '.join(map(str, f.axes))}"
    done = {"sum": "summed", "mean": "averaged"}[f.how]
    return f"{f.tensor} is right once it is {done} over its {axes}"


def _reversed(f: Finding) -> str:
    return f"{_shown(f.tensor)} is reversed along the {' and the '.join(f.axes)} axis"


def _reshaped_from(f: Finding) -> str:
    order = f"its axes stand in the order {', '.join(f.axes)}"
    return f"{_shown(f.tensor)} is reshaped where it should be transposed: {order}"


def _transposed_from(f: Finding) -> str:
    order = f"laid out in the order {', '.join(f.axes)}"
    return f"{_shown(f.tensor)} is {order} and transposed, where its numbers are in order already"


def _smallest_example(f: Finding) -> str:
    given = listed(f"{name} = {value}" for name, value in f.given)
    return (
        f"a small example: {f.call} with {given} gives {f.tensor} = {f.got}, expected {f.expected}"
    )


def _times_one_of(f: Finding) -> str:
    *first, last = f.factors
    return f"{f.tensor} is {', '.join(first)} or {last} times what it should be"


def _longer(f: Finding) -> str:
    more = "more" if f.off > 0 else "fewer"
    plural = "" if abs(f.off) == 1 else "es" if f.axis.endswith("s") else "s"
    count = f"{abs(f.off)} {f.axis}{plural}"
    return f"{_shown(f.tensor)} has {count} {more} than it should"


FUNCTIONS: dict[str, Callable[[Finding], str]] = {
    "values": _values,
    "off": _off,
    "keys": _keys,
    "grads and params": _no_grads,
    "alike at first": _alike,
    "layers attribute": _layers_attribute,
    "dropped": _dropped,
    "survivors": _survivors,
    "calls": _calls,
    "until": _until,
    "raised": _raised,
    "missing": _missing,
    "longer": _longer,
    "times one of": _times_one_of,
    "reduced": _reduced,
    "reversed": _reversed,
    "reshaped from": _reshaped_from,
    "transposed from": _transposed_from,
    "wrong where": _wrong_where,
    "not computed where": _not_computed_where,
    "changed formula": _changed_formula,
    "not computed": _not_computed,
    "differs from layer to layer": _differs,
    "carried over": _later,
    "default": _default,
    "argument ignored": _ignored,
}
"""The phrases in which numbers decide on words."""


def _hint(f: Finding) -> str:
    return "" if f.hint is None else say(f.hint)


BESIDE: dict[str, Callable[[Finding], str]] = {
    "smallest example": _smallest_example,
    "not computed": _hint,
    "not computed where": _hint,
}
"""The same for what is said beside a sentence."""
