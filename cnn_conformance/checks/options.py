"""Which options a case uses, and what it asks for of each.

A unit may refuse an option. That costs the requirements which SPEC.md lists for it, and nothing
else: all others are judged by the cases that do without. What a case uses is read off its table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.oracle import specification
from cnn_conformance.unit import Unit

INDICES, ONE_HOT, PROBABILITIES = "class indices", "one-hot rows", "probabilities"
REGRESSION, LABELS = "regression", "labels other than int64"
INDICES_OF_DTYPE, MASK = "indices other than int64", "mask"
STATE = "a given state"
TARGETS = {"labels": INDICES, "onehot": ONE_HOT, "probabilities": PROBABILITIES}
OBLONG, REMAINDER = "non-square images", "a stride that does not divide"
NESTED = "a Sequential among the layers"
SEVERAL_AXES, AXES_BETWEEN = "several axes", "axes between"
FLOAT32, SHUFFLE, RNG = "float32", "shuffle", "rng"
BACKWARD = "backward in evaluation"
PAIRS = {"stride": "a stride", "padding": "a padding", "output_padding": "an output padding"}

Asked = frozenset[tuple[str, str]]


def of(unit: str) -> dict[str, frozenset[str]]:
    """Return the options of a unit, each with the requirements about it."""
    return specification.options().get(unit, {})


def about(requirement: specification.Requirement) -> frozenset[str]:
    """Return the options that a requirement is about."""
    return frozenset(o for o, ids in of(requirement.unit).items() if requirement.id in ids)


def asked(unit: str, kind: str, entry: dict[str, Any], *more: str) -> Asked:
    """Return the options that a case, an error or a law of a toml file uses, each with its value.

    What asks the same of a unit's options differs in what is no option. A network has those of its
    parts; its targets can be had in another form.

    Parameters
    ----------
    unit : str
        Which is asked.
    kind : {"case", "error", "law"}
        Which table of the file has the entry.
    entry : dict
        The entry.
    *more : str
        The options that a check uses, whatever the entry is.
    """
    if unit != units.NETWORK:
        return frozenset([*_asked(units.of(unit), kind, entry), *((name, "") for name in more)])
    size = _size(entry)
    is_oblong = len(size) == 4 and size[2] != size[3]
    return frozenset([(OBLONG, "")] if is_oblong else []) | {
        (f"{part} {name}", value)
        for part, arguments, named in map(call, parts(entry))
        for name, value in asked(part, kind, {"arguments": arguments, "options": named})
    }


def _asked(unit: Unit, kind: str, entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    options = dict(entry.get("options", {}))
    if kind == "error":
        options.pop("bias", None)  # an error is provoked with a bias or without, as it is offered
    elif kind == "case" and unit.optional_bias:
        options.setdefault("bias", True)
    for name, value in options.items():
        if name == "bias" or not unit.is_default(name, value):
            yield from _named(unit, name, value)
    if unit.window is not None:
        yield from _window(unit, unit.window, entry)
        window = _along(unit, entry["arguments"][unit.window]) if "arguments" in entry else [1]
        if kind == "error" and not unit.optional_bias and len({*window}) > 1 and not options:
            yield "a stride as a pair", ""  # a pooling's is its window's
    if unit.targets == "classes" or unit.name in (units.FIT, units.EVALUATE):
        yield from ((name, "") for name in _targets(entry))
    if unit.targets == "labels" and LABELS in _targets(entry):
        yield LABELS, ""
    if "mask" in entry or "mask" in entry.get("inputs", {}):
        yield MASK, ""
    if "h0" in entry or "h0" in entry.get("inputs", {}):
        yield STATE, ""
    if "x" in unit.constants and "dtype" in entry.get("inputs", {}).get("x", {}):
        yield INDICES_OF_DTYPE, ""
    if "reduction" in entry and unit.name != units.PREDICT:
        yield from _named(unit, "reduction", entry["reduction"])
    rank = len(_size(entry))
    if rank and unit.ranks and rank not in unit.ranks:
        yield unit.other_ranks, str(rank)
    if "scale_factor" in unit.arguments and "arguments" in entry:
        (scale,) = entry["arguments"]
        if kind != "error" and {*_along(unit, scale)} - {2}:
            yield "scale factors other than 2", repr(scale)
        if isinstance(scale, list):
            yield "a scale factor as a pair", ""
    if "normalized_shape" in unit.arguments and "arguments" in entry:
        (normalized,) = entry["arguments"]
        count = len(normalized) if isinstance(normalized, list) else 1
        if count > 1:
            yield SEVERAL_AXES, str(count)
        if rank > count + 1:
            yield AXES_BETWEEN, str(rank - count)
    if unit.name == units.SEQUENTIAL and any(layer[0] == unit.name for layer in entry["layers"]):
        yield NESTED, ""


def _named(unit: Unit, name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the option that a named argument is."""
    if name in unit.demanded:
        return
    if isinstance(value, bool):
        yield name if value else f"{name}=False", ""
    else:
        yield f'"{value}"' if isinstance(value, str) else name, repr(value)
    if isinstance(value, list) and name in PAIRS:
        yield f"{PAIRS[name]} as a pair", ""


def _window(unit: Unit, place: int, entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is asked of a window and of the images that it moves over."""
    window = _along(unit, entry["arguments"][place]) if "arguments" in entry else []
    kind, usual = ("kernel", 3) if unit.optional_bias else ("window", 2)
    if {*window} - {usual}:
        yield f"{kind} sizes other than {usual}", repr(window)
    if len({*window}) > 1:
        yield f"non-square {kind}s", ""
    size = _size(entry)
    if len(size) == 4 and size[2] != size[3]:
        yield OBLONG, ""
    if _leaves_a_remainder(unit, entry):
        yield REMAINDER, ""


def parts(entry: dict[str, Any]) -> list[list[Any]]:
    """Return what a network is made and trained with, each with its arguments."""
    return [*entry["layers"], *([entry["optimizer"]] if "optimizer" in entry else [])]


def call(part: list[Any]) -> tuple[str, list[Any], dict[str, Any]]:
    """Return a unit's name, and the arguments and options to make it with."""
    unit, *arguments = part
    options = arguments.pop() if arguments and isinstance(arguments[-1], dict) else {}
    return unit, arguments, options


def _targets(entry: dict[str, Any]) -> Iterator[str]:
    """Yield which kind of targets a loss or a loop is given."""
    target = entry.get("target") or entry.get("inputs", {}).get("target")
    if isinstance(target, str):
        yield TARGETS[target]
    elif isinstance(target, dict) and "kind" in target:
        yield TARGETS.get(target["kind"], REGRESSION)
        if "dtype" in target:
            yield LABELS
    elif isinstance(target, dict) and "dtype" in target:
        yield INDICES
    elif isinstance(target, dict):
        values = target.get("values", [0])
        if "shape" in target or any(
            share not in (0, 1) for row in values if isinstance(row, list) for share in row
        ):
            yield PROBABILITIES
            return
        yield ONE_HOT if isinstance(values[0], list) else INDICES


def _size(entry: dict[str, Any]) -> list[int]:
    """Return the shape of the input, or nothing where the entry does not say."""
    inputs = entry.get("inputs", {})
    drawn: dict[str, Any] = next(
        (inputs[name] for name in ("x", "pred", "query", "logits") if name in inputs), {}
    )
    if "values" in drawn:
        return list(np.shape(drawn["values"]))
    size: list[int] | dict[str, Any] = drawn.get("shape") or entry.get("x", entry.get("query", []))
    return list(np.shape(size["labels"])) if isinstance(size, dict) else size


def _leaves_a_remainder(unit: Unit, entry: dict[str, Any]) -> bool:
    """Tell whether the stride does not divide what a window leaves of an image or a sequence."""
    options = entry.get("options", {})
    window = _along(unit, entry["arguments"][unit.window]) if "arguments" in entry else None
    size = _size(entry)
    padding = options.get("padding", 0)
    grows = unit.family == "transposed convolution"
    if window is None or grows or len(size) != 2 + unit.sides or isinstance(padding, str):
        return False
    stride = _along(unit, options.get("stride", window if unit.family == "pooling" else 1))
    sizes = zip(size[2:], window, stride, _along(unit, padding), strict=True)
    return any(s > 1 and n + 2 * p >= k and (n + 2 * p - k) % s for n, k, s, p in sizes)


def _along(unit: Unit, value: Any) -> list[int]:
    """Return what an argument is along each axis that a window moves over."""
    return list(value) if isinstance(value, list) else [value] * unit.sides
