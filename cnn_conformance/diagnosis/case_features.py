"""What may set a case apart from others of its unit: by the unit, never by the shape of its x."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.findings import Finding
from cnn_conformance.mistakes import control
from cnn_conformance.oracle.cases import Case

Features = Iterator[tuple[str | Finding, bool]]
"""What may be so, as a finding or the kind of one, and whether it is."""


def features(case: Case, unit: str) -> Iterator[tuple[Finding, bool]]:
    """Yield what may set a unit's case apart, and whether it does, the most telling first."""
    for what, holds in _features(case, unit):
        yield (what if isinstance(what, Finding) else Finding(what)), holds


def _features(case: Case, unit: str) -> Features:
    if unit in units.OPTIMIZERS:
        yield from _arguments(case)
        yield from _steps(case)
        return
    named = ("x", "query", "logits", "pred")
    x = next((case.arrays[name] for name in named if name in case.arrays), None)
    if x is None or x.ndim == 0:
        return
    if unit in units.LOOPS:
        yield from _batches(case, len(x))
        return
    if case.unit in units.WITH_MODES:
        evaluates = not case.table.get("training", True)
        yield from _both("evaluating", "training", evaluates)
    yield from _both("several samples", "one sample", len(x) > 1)
    if "query" in case.arrays:
        yield from _attention(case, x)
        return
    if case.unit in units.LOSSES:
        yield from _targets(case)
    if case.unit in units.WITH_WINDOW:
        yield from _windows(case, x.shape)
    elif x.ndim == 4:
        yield from _form(x.shape[2:])
    has_steps = "T" in units.of(case.unit).letters("x", x.ndim)
    if has_steps:
        yield from _both("several steps", "one step", x.shape[1] > 1)
    yield from _arguments(case)
    if "x" in units.of(case.unit).constants:
        yield "indices repeated", np.unique(x).size < x.size
        return
    if case.unit not in units.WITH_WINDOW and not has_steps:
        yield from _both("two dimensions", "not two dimensions", x.ndim == 2)
    yield "large values", bool(np.abs(x).max(initial=0) > 100)
    yield "equal values", np.unique(x).size < x.size
    yield "zeros", bool((x == 0).any())
    yield "negative values", bool((x < 0).all())
    if "bias" in _parameters(case):
        yield "with bias", "bias" in case.arrays


def _arguments(case: Case) -> Features:
    """Yield which of a unit's optional arguments are given, those of windows left out."""
    for name in _parameters(case):
        value = case.options.get(name)
        if name == "reduction":
            yield "reduction sum", value == "sum"
        elif name not in ("stride", "padding", "bias", "rng"):
            given = name in case.options
            yield Finding("argument given", name=name), given
            yield Finding("argument not given", name=name), not given


def _parameters(case: Case) -> list[str]:
    """Return the names of the optional arguments of a unit's constructor."""
    made = control().get(case.unit)
    if not isinstance(made, type):
        return []
    known = inspect.signature(made).parameters.values()
    return [each.name for each in known if each.default is not each.empty]


def _targets(case: Case) -> Features:
    """Yield the features of a loss."""
    if "target" in case.arrays and "pred" in case.arrays and case["target"].dtype.kind in "iu":
        yield from _labels(case["target"])
    if "logits" not in case.arrays or "target" not in case.arrays:
        return
    rows = case["target"].dtype.kind == "f"
    yield from _both("target rows", "target labels", rows)
    yield from _labels(case["target"])
    yield "large logits", bool(np.abs(case["logits"]).max() > 100)


def _attention(case: Case, query: Array) -> Features:
    """Yield the features of queries, keys and what may be between them."""
    yield "several heads", query.ndim == 4 and query.shape[1] > 1
    yield from _arguments(case)
    yield Finding("argument given", name="mask"), "mask" in case.arrays
    yield Finding("argument not given", name="mask"), "mask" not in case.arrays
    yield "queries and keys", query.shape[-2] != case["key"].shape[-2]
    yield "large values", bool(np.abs(query).max(initial=0) > 100)


def _labels(target: Array) -> Features:
    """Yield what the dtype of labels is."""
    kind, size = target.dtype.kind, target.dtype.itemsize
    yield "labels unsigned", kind == "u"
    yield "labels of 8 bits", kind in "iu" and size == 1
    yield "labels not int64", kind in "iu" and target.dtype != np.int64


def _steps(case: Case) -> Features:
    """Yield the features of an optimizer's case."""
    names = [name for name in case.arrays if f"d{name}" in case.arrays]
    several = any(len(case[f"d{name}"]) > 1 for name in names)
    yield from _both("several steps", "one step", several)
    yield from _both("several parameters", "one parameter", len(names) > 1)
    tiny = any(np.abs(case[f"d{name}"]).max() < 1e-3 for name in names)
    yield "tiny gradients", tiny


def _batches(case: Case, count: int) -> Features:
    """Yield the features of a training run."""
    size, target = case.table.get("batch_size", count), case.arrays.get("target")
    shorter = "short last batch"
    yield from _both(shorter, "equal batches", count % size != 0)
    yield from _both("batch of one", "batch of several", size == 1)
    if target is not None:
        yield "y labels", target.dtype.kind in "iu"
        yield "y rows", target.ndim == 2
        yield from _labels(target)
    yield "reduction sum", case.table.get("reduction") == "sum"
    yield "several epochs", case.table.get("epochs", 1) > 1


def _windows(case: Case, shape: tuple[int, ...]) -> Features:
    """Yield the features of a kernel or a window that goes over images or sequences."""
    unit, sides = units.of(case.unit), shape[2:]

    def along(value: Any) -> tuple[int, ...]:
        return tuple(np.broadcast_to(value, len(sides)).tolist())

    kernel = along(case.args[unit.window or 0])
    if unit.parameters:
        stride = along(case.options.get("stride", 1))
        yield "several filters", int(case.args[1]) > 1
    else:
        stride = along(case.options.get("stride") or kernel)
        yield "windows overlap", any(s < k for s, k in zip(stride, kernel, strict=True))
        yield "windows leave gaps", any(s > k for s, k in zip(stride, kernel, strict=True))
        yield "stride unlike window", stride != kernel
    padding = case.options.get("padding", 0)
    yield "padding by name", isinstance(padding, str)
    extent = [
        d * (k - 1) + 1 for k, d in zip(kernel, along(case.options.get("dilation", 1)), strict=True)
    ]
    yield "window above image", any(k > n for k, n in zip(extent, sides, strict=True))
    yield "several channels", shape[1] > 1
    yield from _both("stride above 1", "stride 1", max(stride) > 1)
    if not isinstance(padding, str):
        around = along(padding)
        yield from _both("padding", "no padding", max(around) > 0)
        yield "paddings differ", len({*around}) > 1
        yield "padding on one axis", min(around) == 0 < max(around)
        sizes = list(zip(sides, around, kernel, stride, strict=True))
        padded = [n + 2 * p for n, p, _, _ in sizes]
        yield "padded image high", padded[0] > padded[-1]
        yield "padded image wide", padded[0] < padded[-1]
        if unit.family != "transposed convolution":
            yield "remainder", any((n + 2 * p - k) % s for n, p, k, s in sizes)
            yield "several windows", any((n + 2 * p - k) // s > 0 for n, p, k, s in sizes)
    yield "window not square", len({*kernel}) > 1
    yield "strides differ", len({*stride}) > 1
    yield from _form(sides)
    yield "even window", any(k % 2 == 0 for k in kernel)
    yield from _both("window above 1", "window of 1", max(kernel) > 1)


def _form(sides: tuple[int, ...]) -> Features:
    """Yield whether an image is square, or higher than wide."""
    if len(sides) == 2:
        yield "image not square", sides[0] != sides[1]
        yield "image high", sides[0] > sides[1]
        yield "image wide", sides[0] < sides[1]


def _both(yes: str, no: str, holds: bool) -> Features:
    yield yes, holds
    yield no, not holds
