"""What the cases that fail have in common and those that pass have not: where a mistake shows.

A gradient that is right for one sample and wrong for several, for windows that tile and wrong for
windows that overlap, tells where to look, whatever the mistake is.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from conformance.checks.registry import manifest
from conformance.grading.grader import Grader
from conformance.oracle.cases import Case
from conformance.outcomes import WRONG, Outcome

FEWEST = 2
"""How many cases have to fail, and to pass, before anything is said of them."""


def contrasts(grader: Grader, unit: str) -> list[str]:
    """Return where a unit's outputs are wrong, one sentence for all that are wrong there.

    Parameters
    ----------
    grader : Grader
        After its run.
    unit : str
        A layer or a loss that has lost requirements.
    """
    words = {"parameters": "what the model has learned", "predict": "the output"}
    words |= {"evaluate.loss": "the loss", "evaluate.accuracy": "the accuracy"}
    words |= {"loss": "the loss", "accuracy": "the accuracy"}
    outputs: dict[str, list[str]] = {}
    for output, (failing, passing) in _judged(grader, unit).items():
        sentence = _contrast(failing, passing)
        if sentence:
            outputs.setdefault(sentence, []).append(words.get(output, output))
    return [
        f"{_joined(names)} {'is' if len(names) == 1 else 'are'} wrong {sentence}"
        for sentence, names in outputs.items()
    ]


def _judged(grader: Grader, unit: str) -> dict[str, tuple[list[Case], list[Case]]]:
    """Return, for every output that the golden data decide, the cases that fail and that pass."""
    judged: dict[str, tuple[list[Case], list[Case]]] = {}
    for key, result in grader.results.items():
        check = manifest()[key]
        if result.unit != unit or check.kind != "case":
            continue
        case = grader.fixtures.unit(check.stem).cases.get(check.case)
        decided = case.requirement.items() if case is not None else ()
        output = next((name for name, id_ in decided if id_ == result.requirement), None)
        if case is None or output is None:
            continue
        failing, passing = judged.setdefault(output, ([], []))
        if result.outcome in WRONG:
            failing.append(case)
        elif result.outcome is Outcome.PASSED:
            passing.append(case)
    return judged


def _contrast(failing: list[Case], passing: list[Case]) -> str:
    """Return what sets the failing cases apart; empty if nothing does."""
    if min(len(failing), len(passing)) < FEWEST:
        return ""
    wrong = [dict(features(case)) for case in failing]
    right = [dict(features(case)) for case in passing]
    only = ""
    for name in wrong[0]:
        if not all(case.get(name) for case in wrong):
            continue
        also = sum(bool(case.get(name)) for case in right)
        if not also:
            return f"wherever {name}, and right elsewhere"
        if not only and also <= len(wrong) and len(right) - also >= 2 * FEWEST:
            only = f"only where {name}"
    return only or _either(wrong, right)


def _either(wrong: list[dict[str, bool]], right: list[dict[str, bool]]) -> str:
    """Return two things that set the failing cases apart together, as two mistakes do."""
    names = [n for case in wrong for n in case if not any(other.get(n) for other in right)]
    for one, two in itertools.combinations(dict.fromkeys(names), 2):
        if all(case.get(one) or case.get(two) for case in wrong):
            return f"wherever {one} or {two}, and right elsewhere"
    return ""


def features(case: Case) -> Iterator[tuple[str, bool]]:
    """Yield what may set a case apart, and whether it does, the most telling first."""
    x = next((case.arrays[n] for n in ("x", "logits", "pred") if n in case.arrays), None)
    if x is None or x.ndim == 0:
        return
    if "batch_size" in case.table:
        yield from _batches(case, len(x))
        return
    yield from _both("there is more than one sample", "there is one sample alone", len(x) > 1)
    target = case.arrays.get("target")
    if "logits" in case.arrays and target is not None:
        rows = target.ndim == 2
        yield from _both("the target has a row a sample", "the target has class labels", rows)
        yield "the logits are large", bool(np.abs(x).max() > 100)
    yield 'the reduction is "sum"', case.options.get("reduction") == "sum"
    if x.ndim == 4:
        yield from _windows(case, x.shape)
    yield "values are equal", np.unique(x).size < x.size
    yield "values are exactly 0", bool((x == 0).any())
    yield "all values are negative", bool((x < 0).all())
    yield "there is a bias", "bias" in case.arrays


def _batches(case: Case, count: int) -> Iterator[tuple[str, bool]]:
    """Yield the features of a training run."""
    size, target = case.table["batch_size"], case.arrays.get("target")
    shorter = "the last batch is shorter than the others"
    yield from _both(shorter, "the batches divide the samples", count % size != 0)
    yield from _both("a batch is one sample", "a batch has several samples", size == 1)
    if target is not None:
        yield "y holds class labels", target.dtype.kind in "iu"
        yield "y holds one row a sample", target.ndim == 2
    yield 'the reduction is "sum"', case.table.get("reduction") == "sum"
    yield "there is more than one epoch", case.table.get("epochs", 1) > 1


def _windows(case: Case, shape: tuple[int, ...]) -> Iterator[tuple[str, bool]]:
    """Yield the features of a kernel or a window that goes over images (N, C, H, W)."""
    H, W = shape[2:]
    weight = case.arrays.get("weight")
    if weight is not None:
        kernel = weight.shape[2:]
        stride = _pair(case.options.get("stride", 1))
        yield "there is more than one filter", weight.shape[0] > 1
    else:
        kernel = _pair(case.args[0]) if case.args else (H, W)
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


def _both(yes: str, no: str, holds: bool) -> Iterator[tuple[str, bool]]:
    yield yes, holds
    yield no, not holds


def _pair(value: Any) -> tuple[int, int]:
    return (int(value[0]), int(value[1])) if isinstance(value, tuple) else (int(value), int(value))


def _joined(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
