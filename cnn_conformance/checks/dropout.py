"""Dropout: what is random is judged by what it must not be, and by counting.

Which elements are dropped is the implementation's choice, so every check first reads the mask off
the output: an element is 0, or it has survived. Counts over 20,000 elements may be `SIGMAS`
standard deviations off. For a right implementation a single count is so far off with a probability
of 8e-11; a run makes fewer than 1,000 of them, so that fewer than one run in ten million accuses
it, and whoever uses numpy's global generator, which is seeded for every case, gets the same counts
in every run.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.checks import other_arguments
from cnn_conformance.checks.observation import make
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.handles import Layer
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.implementation.wire import Generator
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import compare
from cnn_conformance.outcomes import NotPassed, blocked, failed, standing_on

SIGMAS = 6.5
SHAPE_OF_MANY = (20, 10, 10, 10)
LAYOUTS = ("fortran", "strided", "reversed", "read-only")


def kept(implementation: Implementation, case: Case) -> float:
    """Check that every element is 0 or divided by 1 - p."""
    implementation.begin(case.unit)
    y = make(implementation, case).forward(case["x"])
    return _mask(y, case, "y")[1]


def same_mask(implementation: Implementation, case: Case) -> float:
    """Check that backward drops and scales what forward has dropped and scaled."""
    implementation.begin(case.unit)
    layer = make(implementation, case)
    mask = _masked_or_blocked(layer, case)
    return _demand_mask(layer.backward(case["dout"]), mask, case)


def gradient_at_zeros(implementation: Implementation, case: Case) -> float:
    """Check that elements of x that are 0 survive as often as others, in backward.

    Which of them survive, y does not tell. Of the 53 in the case, all are dropped, or none, with
    p = 1/2 in one of 4e15 runs.
    """
    implementation.begin(case.unit)
    layer = make(implementation, case)
    mask = _masked_or_blocked(layer, case)
    dx = layer.backward(case["dout"])
    zero = case["x"] == 0
    used = compare(dx, _surviving(dx, case["dsurvivors"]), _allowed(case), "dx")
    if mask[~zero].all() or not np.array_equal((dx != 0)[~zero], mask[~zero]):
        raise blocked("nothing dropped")
    survivors = int((dx[zero] != 0).sum())
    if survivors in (0, int(zero.sum())):
        raise failed("survivors", survivors=survivors, zeros=int(zero.sum())).showing(
            "between", got=(dx[zero] != 0).sum(), low=0, high=int(zero.sum())
        )
    return used


def share(implementation: Implementation, case: Case) -> None:
    """Check how many of many elements are dropped."""
    mask = _large_mask(_large_layer(implementation, case))
    _demand_count((~mask).sum(), mask.size, _p(case), Finding("dropped with p", p=_p(case)))


def independent(implementation: Implementation, case: Case) -> None:
    """Check that no sample, channel or pixel decides for others, however many are dropped."""
    mask = _large_mask(_large_layer(implementation, case))
    p = _observed(mask)
    for axis, what in enumerate(("samples", "channels", "rows", "columns")):
        first, second = np.delete(mask, 0, axis), np.delete(mask, -1, axis)
        _demand_unlike(first, second, Finding("neighbouring", part=what))
    for axes, what in (((1, 2, 3), "sample"), ((0, 2, 3), "channel"), ((0, 1), "pixel")):
        dropped = (~mask).sum(axis=axes)
        size = mask.size // dropped.size
        worst = dropped[np.unravel_index(np.abs(dropped - p * size).argmax(), dropped.shape)]
        asked = Finding("dropped of a part", part=what, share=p)
        _demand_count(worst, size, p, asked)


def anew(implementation: Implementation, case: Case) -> None:
    """Check that every forward draws a new mask."""
    layer = _large_layer(implementation, case)
    _demand_unlike(_large_mask(layer), _large_mask(layer), Finding("two calls"))


def anew_with_a_seed(implementation: Implementation, case: Case) -> None:
    """Check that every forward draws a new mask, also where `rng` is a seed."""
    try:
        layer = _large_layer(implementation, case, rng=1)
        first = _large_mask(layer)
    except NotPassed:  # who takes generators alone makes none from a seed
        return
    _demand_unlike(first, _large_mask(layer), Finding("two calls"))


def anew_after_evaluation(implementation: Implementation, case: Case) -> None:
    """Check that a forward in training draws a mask after one in evaluation, as before it."""
    layer = _large_layer(implementation, case)
    before = _large_mask(layer)
    _observed(before)
    layer.set_later("training", False)
    layer.forward(case["x"])
    layer.set_later("training", True)
    after = _large_mask(layer)
    if after.all() or not after.any():
        raise failed("no mask after evaluation").showing("unlike", got=after, expected=before)
    _demand_unlike(before, after, Finding("two calls"))


def rng_decides(implementation: Implementation, case: Case) -> None:
    """Check that generators in the same state give the same mask, and others another."""
    implementation.begin(case.unit)
    masks = []
    for seed in (1, 1, 2):
        options = {**case.options, "rng": Generator(seed)}
        layer = implementation.layer(case.unit, case.args, options)
        layer.set("training", True)
        masks.append(_large_mask(layer))
    if not np.array_equal(masks[0], masks[1]):
        raise failed("generators alike").showing("same", got=masks[0], expected=masks[1])
    _demand_unlike(masks[0], masks[2], Finding("two generators"))


def latest_forward(implementation: Implementation, case: Case) -> None:
    """Check that backward belongs to the latest forward, whatever came before."""
    implementation.begin(case.unit)
    layer = make(implementation, case)
    mask = _masked_or_blocked(layer, case)
    layer.forward(np.repeat(case["x"], 2, axis=0))
    mask = _masked_or_blocked(layer, case)
    _demand_mask(layer.backward(case["dout"]), mask, case)
    first = layer.forward(np.repeat(case["x"], 2, axis=0)) != 0
    dx = layer.backward(np.ones(first.shape))
    if dx.shape != first.shape or not np.array_equal(dx != 0, first):
        raise failed("another mask").showing("same", got=dx != 0, expected=first)


def mode_of_forward(implementation: Implementation, case: Case) -> None:
    """Check that backward has the mask of a forward in training, whatever `training` is now."""
    implementation.begin(case.unit)
    layer = make(implementation, case)
    mask = _masked_or_blocked(layer, case)
    layer.set_later("training", False)
    _demand_mask(layer.backward(case["dout"]), mask, case)


def second_backward(implementation: Implementation, case: Case) -> None:
    """Check that backward can be called again, with the same mask."""
    implementation.begin(case.unit)
    layer = make(implementation, case)
    mask = _masked_or_blocked(layer, case)
    layer.backward(-3 * case["dout"])
    _demand_mask(layer.backward(case["dout"]), mask, case)


def instances_share_nothing(implementation: Implementation, case: Case) -> None:
    """Check that two layers can be used in turn."""
    implementation.begin(case.unit)
    first, second = make(implementation, case), make(implementation, case)
    mask = _masked_or_blocked(first, case)
    _masked_or_blocked(second, case)
    _demand_mask(first.backward(case["dout"]), mask, case)


def own_rate(implementation: Implementation, case: Case) -> None:
    """Check that a layer keeps its rate, whatever that is, when one with another is made."""
    implementation.begin(case.unit)
    _masked_or_blocked(make(implementation, case), case)
    ones = np.ones(SHAPE_OF_MANY)
    alone = make(implementation, case)
    before = alone.forward(ones)
    fits = _passes(alone, before)
    other = other_arguments.Other(case, "p", units.of(case.unit).other("p", case.options))
    first = implementation.layer(case.unit, case.args, case.options)
    second = other.make(implementation)
    if second is None or not other_arguments.goes(second.forward, -case["x"]):
        return
    with other_arguments.naming(other):
        first.set("training", True)
        after = first.forward(ones)
        expected = _surviving(after, np.full(SHAPE_OF_MANY, before.max()))
        compare(after, expected, _allowed(case), "y")
        if not before.all() and after.all():
            raise failed("nothing dropped any more").showing("unlike", got=after, expected=before)
        if fits and not _passes(first, after):
            raise failed("another mask").showing("unlike", got=after, expected=before)


def own_generator(implementation: Implementation, case: Case) -> None:
    """Check that a layer draws from its own generator when one with another is made."""
    implementation.begin(case.unit)
    mine, others = (Generator(seed) for seed in units.of(case.unit).arguments["rng"])
    masks = []
    for count in (1, 1, 2):
        options = {**case.options, "rng": mine}
        first = implementation.layer(case.unit, case.args, options)
        if count == 2:
            second = implementation.layer(case.unit, case.args, {**options, "rng": others})
            second.forward(-case["x"])
        first.set("training", True)
        masks.append(_large_mask(first))
    if not np.array_equal(masks[0], masks[1]):
        raise blocked("generators alike")
    if not np.array_equal(masks[0], masks[2]):
        when = Finding("other argument", name="rng", value=others.seed)
        raise failed("other elements dropped", when=when).showing(
            "same", got=masks[2], expected=masks[0]
        )


def any_memory_order(implementation: Implementation, case: Case) -> None:
    """Check read-only inputs and views."""
    implementation.begin(case.unit)
    _masked_or_blocked(make(implementation, case), case)
    for layout in LAYOUTS:
        layer = make(implementation, case)
        mask = _mask(layer.forward(implementation.put(case["x"], layout)), case, "y")[0]
        _demand_mask(layer.backward(implementation.put(case["dout"], layout)), mask, case)


def float64(implementation: Implementation, case: Case) -> None:
    """Check that float64 in gives float64 out, in training."""
    _dtype(implementation, case, "float64")


def float32(implementation: Implementation, case: Case) -> None:
    """Check that float32 in gives float32 out, in training."""
    _dtype(implementation, case, "float32")


def _dtype(implementation: Implementation, case: Case, dtype: str) -> None:
    """Judge y, and dx if it is right in the plain use."""
    with standing_on("forward"):
        kept(implementation, case)
    try:
        same_mask(implementation, case)
        backward_is_right = True
    except NotPassed:
        backward_is_right = False
    implementation.begin(case.unit)
    layer = make(implementation, case)
    results = {"y": layer.forward(case["x"].astype(dtype))}
    if backward_is_right:
        results["dx"] = layer.backward(case["dout"].astype(dtype))
    for name, array in results.items():
        if array.dtype != dtype:
            when = Finding("for input", dtype=dtype)
            raise failed(
                "dtype", tensor=name, got=str(array.dtype), expected=dtype, when=when
            ).showing("dtype", got=array, expected=dtype)
        golden = {"y": "survivors", "dx": "dsurvivors"}[name]
        allowed = tolerance.fine(case.bound(golden), np.dtype(dtype))
        compare(
            array, _surviving(array, case[golden]), allowed, name, Finding("in dtype", dtype=dtype)
        )


def _mask(y: Array, case: Case, name: str) -> tuple[Array, float]:
    """Return which elements have survived, and which share of the tolerance was used."""
    everything = case["survivors"]
    expected = _surviving(y, everything) if _p(case) else everything
    return expected != 0, compare(y, expected, tolerance.coarse(case.bound("survivors")), name)


def _surviving(got: Array, everything: Array) -> Array:
    """Return what is expected where the elements that came as 0 were dropped."""
    if got.shape != everything.shape:
        return everything
    return np.where(got != 0, everything, 0.0)


def _masked_or_blocked(layer: Layer, case: Case) -> Array:
    """Return the mask of a forward, for a check that needs one that is right."""
    with standing_on("forward"):
        return _mask(layer.forward(case["x"]), case, "y")[0]


def _demand_mask(dx: Array, mask: Array, case: Case) -> float:
    expected = np.where(mask | (_p(case) == 0), case["dsurvivors"], 0.0)
    return compare(dx, expected, _allowed(case), "dx")


def _allowed(case: Case) -> float:
    return tolerance.coarse(case.bound("dsurvivors"))


def _p(case: Case) -> float:
    return float(case.options.get("p", 0.5))


def _large_layer(implementation: Implementation, case: Case, **options: Any) -> Layer:
    implementation.begin(case.unit)
    return make(implementation, replace(case, options={**case.options, **options}))


def _large_mask(layer: Layer) -> Array:
    y = layer.forward(np.ones(SHAPE_OF_MANY))
    if y.shape != SHAPE_OF_MANY:
        raise failed("shape", tensor="y", got=y.shape, expected=SHAPE_OF_MANY).showing(
            "shape", got=y, expected=SHAPE_OF_MANY
        )
    mask: Array = y != 0
    return mask


def _passes(layer: Layer, y: Array) -> bool:
    """Tell whether backward passes on what has survived, as forward has scaled it."""
    try:
        dx = layer.backward(np.ones(y.shape))
    except NotPassed:
        return False
    return dx.shape == y.shape and np.allclose(dx, y)


def _demand_count(count: int, size: int, p: float, what: Finding) -> None:
    allowed = SIGMAS * (size * p * (1 - p)) ** 0.5
    if abs(count - p * size) > allowed:
        raise failed(
            "dropped",
            count=int(count),
            size=size,
            what=what,
            about=float(p * size),
            allowed=float(allowed),
        ).showing("values", got=count, expected=p * size, allowed=allowed)


def _observed(mask: Array) -> float:
    """Return the share of elements that are dropped, whether or not it is the right one."""
    share: float = (~mask).sum() / mask.size
    if share in (0.0, 1.0):
        raise blocked("all or none dropped", what="no" if share == 0 else "every")
    return share


def _demand_unlike(first: Array, second: Array, what: Finding) -> None:
    """Demand that two masks agree as often as independent ones that drop as many do."""
    p, q = _observed(first), _observed(second)
    both = p * q + (1 - p) * (1 - q)
    agreements, size = (first == second).sum(), first.size
    # neighbouring pairs share elements: at most twice the variance of independent pairs
    allowed = SIGMAS * (2 * size * both * (1 - both)) ** 0.5
    if abs(agreements - both * size) > allowed:
        raise failed(
            "masks agree",
            what=what,
            agreements=int(agreements),
            size=size,
            about=float(both * size),
            allowed=float(allowed),
        ).showing("values", got=agreements, expected=both * size, allowed=allowed)
