"""Which options a case uses, and which requirements are about an option.

A unit may refuse an option. That costs what is about the option, and nothing else: hygiene or
precision, say, are judged by the cases that do without. What a case uses is read off its table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cnn_conformance import units

TARGETS = {"labels": "class indices", "onehot": "one-hot", "probabilities": "probabilities"}
PAIRS, REMAINDER, OBLONG = "pairs", "remainder", "images that are not square"
UNEQUAL = "kernels that are not square"

EXTENDED = ("dilation", "groups", '"same"', '"same_lower"', '"valid"')
BIASES, WINDOWED = ("bias", "no bias"), ("stride", "padding")
PAIR_OF_STRIDES = "stride as a pair"
SHAPES = (PAIRS, UNEQUAL, PAIR_OF_STRIDES, "padding as a pair")
ABOUT = {
    "CONV2D-11": ("bias", *SHAPES),
    "CONV2D-27": SHAPES,
    "CONV2D-35": SHAPES,
    "CONV2D-40": BIASES,
    "CONV2D-70": WINDOWED,
    "CONV2D-75": ("groups", "dilation"),
    "CONV2D-85": ('"same"', '"same_lower"'),
    "CONV2D-105": ('"same"', '"same_lower"'),
    "CONV2D-86": EXTENDED,
    "CONV2D-106": EXTENDED,
    "MAXPOOL2D-1": ("stride",),
    "MAXPOOL2D-5": (PAIR_OF_STRIDES,),
    "MAXPOOL2D-8": (*SHAPES, "padding"),
    "MAXPOOL2D-27": (*SHAPES, "padding"),
    "MAXPOOL2D-70": WINDOWED,
    "DENSE-40": BIASES,
    "SGD-75": ("momentum", "nesterov", "weight_decay"),
    "AVGPOOL2D-1": ("stride",),
    "AVGPOOL2D-5": (PAIR_OF_STRIDES,),
    "AVGPOOL2D-8": SHAPES,
    "AVGPOOL2D-27": SHAPES,
    "AVGPOOL2D-70": WINDOWED,
    "BATCHNORM2D-3": ("eps",),
    "DROPOUT-2": ("p",),
    "ADAGRAD-4": ("eps",),
    "RMSPROP-4": ("eps",),
    "ADAM-4": ("eps",),
}
"""Options that a requirement is about, though not all of its cases use them."""


def used(unit: str, kind: str, entry: dict[str, Any]) -> frozenset[str]:
    """Return the options that a case, an error or a law of a unit's toml file uses.

    A network uses those of its parts; its targets can be had in another form.
    """
    options = dict(entry.get("options", {}))
    if kind == "error":
        options.pop("bias", None)  # an error is provoked with a bias or without, as it is offered
    elif kind == "case" and units.of(unit).optional_bias:
        options.setdefault("bias", True)
    found = {_name(name, value) for name, value in options.items()}
    given = [*entry.get("arguments", ()), *options.values()]
    if any(isinstance(value, list) for value in given):
        found.add(PAIRS)
    found |= {f"{name} as a pair" for name, value in options.items() if isinstance(value, list)}
    place = units.of(unit).window
    if place is not None and "arguments" in entry and len({*_pair(entry["arguments"][place])}) > 1:
        found.add(UNEQUAL)
    if _is_oblong(entry):
        found.add(OBLONG)
    if units.of(unit).window is not None and _leaves_a_remainder(unit, entry):
        found.add(REMAINDER)
    if units.of(unit).targets == "classes":
        found |= set(_targets(entry))
    if unit == units.NETWORK:
        for part, arguments, named in map(call, parts(entry)):
            found |= used(part, kind, {"arguments": arguments, "options": named})
    return frozenset(found)


def parts(entry: dict[str, Any]) -> list[list[Any]]:
    """Return what a network is made and trained with, each with its arguments."""
    return [*entry["layers"], *([entry["optimizer"]] if "optimizer" in entry else [])]


def call(part: list[Any]) -> tuple[str, list[Any], dict[str, Any]]:
    """Return a unit's name, and the arguments and options to make it with."""
    unit, *arguments = part
    options = arguments.pop() if arguments and isinstance(arguments[-1], dict) else {}
    return unit, arguments, options


def _name(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return name if value else f"no {name}"
    return f'"{value}"' if isinstance(value, str) else name


def _targets(entry: dict[str, Any]) -> Iterator[str]:
    """Yield which kind of targets a loss of logits is given."""
    target = entry.get("target") or entry.get("inputs", {}).get("target")
    if isinstance(target, str):
        yield TARGETS[target]
    elif isinstance(target, dict) and "kind" in target:
        yield TARGETS[target["kind"]]
    elif isinstance(target, dict):
        values = target.get("values", [0])
        if any(share not in (0, 1) for row in values if isinstance(row, list) for share in row):
            yield "probabilities"
            return
        rows = "shape" in target or isinstance(values[0], list)
        yield "one-hot" if rows else "class indices"


def _is_oblong(entry: dict[str, Any]) -> bool:
    """Tell whether the images have another number of rows than of columns."""
    size = _size(entry)
    return len(size) == 4 and size[2] != size[3]


def _size(entry: dict[str, Any]) -> list[int]:
    """Return the shape of the input, or nothing where the entry does not say."""
    drawn = entry.get("inputs", {}).get("x", {})
    if "values" in drawn:
        return list(np.shape(drawn["values"]))
    size: list[int] = drawn.get("shape") or entry.get("x", [])
    return size


def _leaves_a_remainder(unit: str, entry: dict[str, Any]) -> bool:
    """Tell whether the stride does not divide what a window leaves of an image."""
    options = entry.get("options", {})
    place = units.of(unit).window
    window = _pair(entry["arguments"][place]) if "arguments" in entry else None
    size = _size(entry)
    padding = options.get("padding", 0)
    if window is None or len(size) != 4 or isinstance(padding, str):
        return False
    stride = _pair(options.get("stride", window if units.of(unit).family == "pooling" else 1))
    sizes = zip(size[2:], window, stride, _pair(padding), strict=True)
    return any(s > 1 and n + 2 * p >= k and (n + 2 * p - k) % s for n, k, s, p in sizes)


def _pair(value: Any) -> list[int]:
    return list(value) if isinstance(value, list) else [value, value]
