"""What a failure says, as the last lines of a script: one function for each kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.checks import robustness
from cnn_conformance.implementation.handles import Remote
from cnn_conformance.implementation.tape import Came, Tape, Traced
from cnn_conformance.reproduce.lines import Pieces, joined
from cnn_conformance.reproduce.translation import Translation

Write = Callable[[Translation], list[Pieces]]


@dataclass
class Assertion:
    """The end of a script.

    Parameters
    ----------
    needs : list
        The values that it looks at.
    write : callable
        Given a translation, returns the lines as pieces.
    tolerance : float or None
        How far `got` may be off `expected`; None where the lines assert for themselves.
    entry : int, optional
        An entry of the tape that has to be there: the call that raised, or should have.
    is_error : bool
        Whether what comes of that call is to be looked at, if it raises.
    notes : set of str
        What the stand-ins have to note.
    named : set of int
        Objects that it looks at.
    """

    needs: list[Any]
    write: Write
    tolerance: float | None = None
    entry: int | None = None
    is_error: bool = False
    notes: set[str] = field(default_factory=set)
    named: set[int] = field(default_factory=set)


# ---------------------------------------------------------------- numbers


def values(
    tape: Tape, got: Any, expected: Any, allowed: float, also: Array | None = None
) -> Assertion:
    """Demand that two arrays or numbers agree in shape and values, or that others do."""

    def write(translation: Translation) -> list[Pieces]:
        if isinstance(expected, np.ndarray) and not isinstance(expected, Traced) and expected.ndim:
            translation.constants.key(expected, "expected", always=True)
        lines: list[Pieces] = [
            ("got = ", *translation.expression(got)),
            ("expected = ", *translation.expression(expected)),
        ]
        if also is not None:
            other = translation.expression(also, "other")
            nearer = "key=lambda right: np.abs(got - right).max())"
            lines[1] = ("expected = min(", *lines[1][1:], ", ", *other, f", {nearer}")
        return lines

    return Assertion([got, expected], write, float(allowed))


def came(tape: Tape) -> Assertion:
    """Show what came last, where nothing that could have come instead is wrong for sure."""
    last = latest(tape, lambda entry: entry.do in ("call", "function"))

    def write(translation: Translation) -> list[Pieces]:
        return [('print("got", ', *translation.expression(Came(last)), ")")]

    return Assertion([Came(last)], write)


def changed(tape: Tape, expected: Any) -> Assertion:
    """Demand that what was looked at last has kept its values."""
    return values(tape, last_(tape, "fetch"), expected, 0.0)


def same(tape: Tape, got: Any, expected: Any) -> Assertion:
    """Demand that two masks are the same."""
    return _demand([got, expected], "np.array_equal({}, {})", '"they differ"')


def unlike(tape: Tape, got: Any, expected: Any) -> Assertion:
    """Demand that two arrays differ."""
    return _demand([got, expected], "not np.allclose({}, {}, rtol=0, atol=1e-9)", '"the same"')


def between(tape: Tape, got: Any, low: int, high: int) -> Assertion:
    """Demand that a number is between two others."""
    return _got(got, f"{low} < got < {high}", "got")


def finite(tape: Tape, got: Any) -> Assertion:
    """Demand that there is neither inf nor nan."""
    return _got(got, "np.isfinite(got).all()", "got")


def alike(tape: Tape, got: Any) -> Assertion:
    """Demand that no two rows are the same."""
    return _got(got, "len(np.unique(got, axis=0)) == len(got)", '"two units start alike"')


# ---------------------------------------------------------------- forms


def shape(tape: Tape, got: Any, expected: tuple[int, ...], key: str = "") -> Assertion:
    """Demand a shape, of something that may be missing."""
    if key and not isinstance(got, Traced):
        return missing(tape, key)
    expected = tuple(map(int, expected))
    return _got(got, f"got.shape == {expected}", f'f"shape {{got.shape}}, expected {expected}"')


def axes(tape: Tape, got: Any, expected: int) -> Assertion:
    """Demand a number of axes."""
    return _got(got, f"got.ndim == {expected}", f'f"shape {{got.shape}}, expected {expected} axes"')


def dtype(tape: Tape, got: Any, expected: Any) -> Assertion:
    """Demand a dtype."""
    text = f'f"{{got.dtype}}, expected {expected}"'
    return _got(got, f'got.dtype == "{expected}"', text)


def type_(tape: Tape, got: Any, expected: str) -> Assertion:
    """Demand an array or a number."""
    types = {"float": "(float, int, np.number)"}.get(expected, expected)
    return _got(_found(tape, got), f"isinstance(got, {types})", f'f"expected {expected}: {{got}}"')


def flag(tape: Tape, expected: bool, of: Sequence[Remote] = ()) -> Assertion:
    """Demand that `training` is what it should be."""
    last = last_(tape, "get")
    if not of:
        text = "{}" if expected else "not {}"
        return _demand([last], text, f'"training is not {expected}"')

    def write(translation: Translation) -> list[Pieces]:
        layers = joined(", ", [translation.object(each.number) for each in of])
        return [
            ("got = [each.training for each in [", *layers, "]]"),
            (f"assert got == [{expected}] * {len(of)}, got",),
        ]

    return Assertion([last], write, named={each.number for each in of})


def missing(tape: Tape, key: str, attribute: str = "grads") -> Assertion:
    """Demand a key."""
    entry = latest(
        tape, lambda entry: entry.do == "backward" or entry.request.get("attribute") == attribute
    )
    origin = Came(entry, (1,) if tape.entries[entry].do == "backward" else ())
    return _got(origin, f'"{key}" in got', "list(got)")


def keys(tape: Tape, attribute: str, expected: list[str]) -> Assertion:
    """Demand the keys of a dict."""
    do = "get" if attribute else "fetch"
    entry = latest(
        tape,
        lambda entry: entry.do == do and entry.request.get("attribute", "") == attribute,
    )
    return _got(Came(entry), f"list(got) == {expected}", "list(got)")


def shapes(tape: Tape) -> Assertion:
    """Demand that the arrays of `grads` have the shapes of those of `params`."""
    read = [
        Came(latest(tape, lambda entry, name=name: entry.request.get("attribute") == name))
        for name in ("grads", "params")
    ]

    def write(translation: Translation) -> list[Pieces]:
        sides = [translation.expression(each) for each in read]
        return [
            (f"{name} = {{name: array.shape for name, array in ", *side, ".items()}")
            for name, side in zip(("got", "expected"), sides, strict=True)
        ] + [('assert got == expected, f"{got}, expected {expected}"',)]

    return Assertion([*read], write)


def holds(tape: Tape) -> Assertion:
    """Demand that `layers` is the list of what was given."""
    entry = latest(tape, lambda entry: entry.do == "holds")

    def write(translation: Translation) -> list[Pieces]:
        request = tape.entries[entry].request
        given = joined(", ", [translation.argument(item) for item in request["items"]])
        return [
            ("got, expected = ", *translation.object(request["target"]), ".layers, [", *given, "]"),
            ("assert len(got) == len(expected), got",),
            ("assert all(a is b for a, b in zip(got, expected)), got",),
        ]

    named = {item.number for item in tape.entries[entry].request["items"]}
    return Assertion([], write, entry=entry, named=named)


# ---------------------------------------------------------------- errors


def raises(tape: Tape, expected: str) -> Assertion:
    """Demand an error of a kind."""
    last = len(tape.entries) - 1
    entry = last if not tape.entries[last].raised else latest(tape, lambda entry: entry.raised)
    lines: list[Pieces] = [
        (f'except {expected} as error: print("as it should be:", repr(error))',),
        (f'else: raise AssertionError("nothing was raised, expected {expected}")',),
    ]
    return Assertion([], lambda _: lines, entry=entry, is_error=True)


def names(tape: Tape, unit: str, ways: list[list[list[float]]]) -> Assertion:
    """Demand that the text of an error names the unit, and for each size one of some numbers."""
    is_named = f'"{unit.lower()}" in text.lower()'
    lines: list[Pieces] = [
        ("except Exception as error: text = str(error)",),
        ('else: text = "nothing was raised"',),
    ]
    if ways:
        pattern = robustness.NUMBER.pattern
        lines += [
            (f'found = re.findall(r"{pattern}", re.sub("(?i){unit}", "", text))',),
            ("came = [*map(float, found)]",),
            (
                f"assert {is_named} and all(any(way == came[i : i + len(way)] for way in each "
                f"for i in range(len(came))) for each in {ways}), text",
            ),
        ]
    else:
        lines.append((f'assert {is_named}, f"no {unit} in: {{text}}"',))
    entry = latest(tape, lambda entry: entry.raised)
    return Assertion([], lambda _: lines, entry=entry, is_error=True)


# ---------------------------------------------------------------- helpers


def _got(value: Any, condition: str, text: str) -> Assertion:
    """Return the assertion of something about `got`."""
    return Assertion(
        [value],
        lambda translation: [
            ("got = ", *translation.expression(value)),
            (f"assert {condition}, {text}",),
        ],
    )


def _demand(needs: list[Any], template: str, text: str) -> Assertion:
    """Return the assertion of something about some values."""

    def write(translation: Translation) -> list[Pieces]:
        parts = template.split("{}")
        pieces: list[Any] = [f"assert {parts[0]}"]
        for value, part in zip(needs, parts[1:], strict=True):
            pieces += [*translation.expression(value), part]
        return [(*pieces, f", {text}")]

    return Assertion(needs, write)


def latest(tape: Tape, wanted: Callable[..., bool]) -> int:
    """Return the last entry of a kind."""
    entries = range(len(tape.entries))
    return max((i for i in entries if wanted(tape.entries[i])), default=len(tape.entries) - 1)


def last_(tape: Tape, do: str) -> Came:
    """Return the reply to the last entry of a kind."""
    return Came(latest(tape, lambda entry: entry.do == do))


def _found(tape: Tape, value: Any) -> Any:
    """Return where on the tape a value came that has no trace."""
    if isinstance(value, Traced):
        return value
    for index in reversed(range(len(tape.entries))):
        for path, item in _items(tape.entries[index].value):
            if item is value:
                return Came(index, path)
    return value


def _items(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], Any]]:
    found = [(path, value)]
    if isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            found += _items(item, (*path, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            found += _items(item, (*path, key))
    return found
