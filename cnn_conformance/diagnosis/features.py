"""What may set a case apart from others of its unit: by the unit, never by the shape of its x."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.mistakes import control
from cnn_conformance.oracle.cases import Case

Features = Iterator[tuple[str, bool]]


def features(case: Case, unit: str) -> Features:
    """Yield what may set a unit's case apart, and whether it does, the most telling first."""
    if unit in units.OPTIMIZERS:
        yield from _steps(case)
        yield from _arguments(case)
        return
    x = next((case.arrays[n] for n in ("x", "logits", "pred") if n in case.arrays), None)
    if x is None or x.ndim == 0:
        return
    if unit in units.LOOPS:
        yield from _batches(case, len(x))
        return
    if case.unit in units.WITH_MODES:
        evaluates = not case.table.get("training", True)
        yield from _both("training is False", "training is True", evaluates)
    yield from _both("there is more than one sample", "there is one sample alone", len(x) > 1)
    if case.unit in units.LOSSES:
        yield from _targets(case)
    if case.unit in units.WITH_WINDOW:
        yield from _windows(case, x.shape)
    elif x.ndim == 4:
        yield "the image is not square", x.shape[2] != x.shape[3]
    has_steps = "T" in units.of(case.unit).letters("x", x.ndim)
    if has_steps:
        yield from _both("there is more than one step", "there is a single step", x.shape[1] > 1)
    yield from _arguments(case)
    if case.unit not in units.WITH_WINDOW and not has_steps:
        yield from _both("x has two dimensions", "x has not two dimensions", x.ndim == 2)
    yield "values are large", bool(np.abs(x).max(initial=0) > 100)
    yield "values are equal", np.unique(x).size < x.size
    yield "values are exactly 0", bool((x == 0).any())
    yield "all values are negative", bool((x < 0).all())
    if "bias" in _parameters(case):
        yield "there is a bias", "bias" in case.arrays


def _arguments(case: Case) -> Features:
    """Yield which of a unit's optional arguments are given, those of windows left out."""
    for name in _parameters(case):
        value = case.options.get(name)
        if name == "reduction":
            yield 'the reduction is "sum"', value == "sum"
        elif name not in ("stride", "padding", "bias", "rng"):
            given = name in case.options
            yield from _both(f"`{name}` is given", f"`{name}` is not given", given)


def _parameters(case: Case) -> list[str]:
    """Return the names of the optional arguments of a unit's constructor."""
    made = control().get(case.unit)
    if not isinstance(made, type):
        return []
    known = inspect.signature(made).parameters.values()
    return [each.name for each in known if each.default is not each.empty]


def _targets(case: Case) -> Features:
    """Yield the features of a loss."""
    if "logits" not in case.arrays or "target" not in case.arrays:
        return
    rows = case["target"].ndim == 2
    yield from _both("the target has a row a sample", "the target has class labels", rows)
    yield "the logits are large", bool(np.abs(case["logits"]).max() > 100)


def _steps(case: Case) -> Features:
    """Yield the features of an optimizer's case."""
    names = [name for name in case.arrays if f"d{name}" in case.arrays]
    several = any(len(case[f"d{name}"]) > 1 for name in names)
    yield from _both("there is more than one step", "there is a single step", several)
    yield from _both(
        "there is more than one parameter", "there is a single parameter", len(names) > 1
    )
    tiny = any(np.abs(case[f"d{name}"]).max() < 1e-3 for name in names)
    yield "the gradients are as small as eps", tiny


def _batches(case: Case, count: int) -> Features:
    """Yield the features of a training run."""
    size, target = case.table.get("batch_size", count), case.arrays.get("target")
    shorter = "the last batch is shorter than the others"
    yield from _both(shorter, "the batches divide the samples", count % size != 0)
    yield from _both("a batch is one sample", "a batch has several samples", size == 1)
    if target is not None:
        yield "y holds class labels", target.dtype.kind in "iu"
        yield "y holds one row a sample", target.ndim == 2
    yield 'the reduction is "sum"', case.table.get("reduction") == "sum"
    yield "there is more than one epoch", case.table.get("epochs", 1) > 1


def _windows(case: Case, shape: tuple[int, ...]) -> Features:
    """Yield the features of a kernel or a window that goes over images (N, C, H, W)."""
    H, W = shape[2:]
    kernel = _pair(case.args[units.of(case.unit).window or 0])
    if units.of(case.unit).parameters:
        stride = _pair(case.options.get("stride", 1))
        yield "there is more than one filter", int(case.args[1]) > 1
    else:
        stride = _pair(case.options.get("stride") or kernel)
        yield "windows overlap", any(s < k for s, k in zip(stride, kernel, strict=True))
        yield "windows leave gaps", any(s > k for s, k in zip(stride, kernel, strict=True))
        yield "the stride is not the window's size", stride != kernel
    padding = case.options.get("padding", 0)
    yield "there is more than one channel", shape[1] > 1
    yield from _both("the stride is greater than 1", "the stride is 1", max(stride) > 1)
    if not isinstance(padding, str):
        around = _pair(padding)
        yield from _both("there is a padding", "there is no padding", max(around) > 0)
        yield "the paddings of rows and columns differ", around[0] != around[1]
        sizes = zip((H, W), around, kernel, stride, strict=True)
        left_over = any((n + 2 * p - k) % s for n, p, k, s in sizes)
        yield "the stride leaves rows or columns over", left_over
    yield "the kernel or window is not square", kernel[0] != kernel[1]
    yield "the strides of rows and columns differ", stride[0] != stride[1]
    yield "the image is not square", H != W
    yield "the kernel or window has an even size", any(k % 2 == 0 for k in kernel)
    yield "the kernel or window is larger than one element", max(kernel) > 1


def _both(yes: str, no: str, holds: bool) -> Features:
    yield yes, holds
    yield no, not holds


def _pair(value: Any) -> tuple[int, int]:
    return (int(value[0]), int(value[1])) if isinstance(value, tuple) else (int(value), int(value))
