"""What a function returns, or makes of the arrays that it is given; what it leaves alone.

A case of a function has its arrays as `inputs`, which are its first arguments in that order. Where
the row of the unit says so, they are one argument, a dict by name. Outputs are `result`, what is
returned, and for a function that works in place `NAME.after`, what an array holds afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.checks import precision
from cnn_conformance.checks.draws import Draw, law
from cnn_conformance.checks.observation import Observation
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.handles import Remote
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.implementation.values import as_array, as_number, name_of
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import agree, compare
from cnn_conformance.outcomes import NotPassed, adding, blocked, failed, standing_on

LAYOUTS = ("fortran", "strided", "reversed", "read-only")
RESULT, AFTER = "result", ".after"
Results = dict[str, Any]


def inputs(case: Case, dtype: str = "float64") -> dict[str, Array]:
    """Return the arrays that a function is given, by name and in order."""
    arrays = {name: case[name] for name in case.table["inputs"]}
    return {n: a.astype(dtype) if a.dtype.kind == "f" else a for n, a in arrays.items()}


def call(
    implementation: Implementation, case: Case, given: Mapping[str, Array | Remote]
) -> tuple[Any, Remote]:
    """Call a case's function with arrays; return what it returns, and a handle on that."""
    first = arguments(implementation, case, given)
    return implementation.function_and_handle(case.unit, *first, *case.args, **case.options)


def arguments(
    implementation: Implementation, case: Case, given: Mapping[str, Array | Remote]
) -> list[Any]:
    """Return what a function is given first: arrays, a dict of them, or a function and an array."""
    takes = units.of(case.unit).takes
    if takes == "dict":
        return [implementation.probe("Dict", dict(given))]
    if takes == "function":
        returns = case.table.get("returns", "float")
        return [implementation.probe("Sine", given["weight"], returns), given["x"]]
    return [*given.values()]


def outputs(case: Case) -> list[str]:
    """Return the names of what comes of a case."""
    return [name.removesuffix(".bound") for name in case.arrays if name.endswith(".bound")]


def use(
    implementation: Implementation, case: Case, given: Mapping[str, Array], layout: str = "C"
) -> Results:
    """Call a case's function with arrays in some memory order; return all that comes of it."""
    if units.of(case.unit).takes != "dict":
        put = given if layout == "C" else _put(implementation, given, layout)
        return {RESULT: _checked(case, call(implementation, case, put)[0])}
    held = implementation.probe("Dict", dict(put := _put(implementation, given, layout)))
    value, _ = implementation.function_and_handle(case.unit, held, *case.args, **case.options)
    now = _now(held, put)
    results = {f"{n}{AFTER}": as_array(now[n], f'grads["{n}"]') for n in put}
    return results | ({RESULT: _checked(case, value)} if RESULT in case else {})


def _now(held: Any, put: Mapping[str, object]) -> dict[str, Any]:
    """Return the arrays in a dict that a function was given, after its call."""
    now: Any = held.now()
    got = tuple(now) if isinstance(now, dict) else (name_of(now),)
    if got != tuple(put):
        raise failed("keys", attribute="grads", got=got, expected=tuple(put)).showing(
            "keys", attribute="", expected=list(put)
        )
    return dict(now)


def _put(
    implementation: Implementation, given: Mapping[str, Array], layout: str = "C"
) -> dict[str, Remote]:
    return {name: implementation.put(array, layout) for name, array in given.items()}


def _checked(case: Case, value: Any) -> Any:
    """Return what a function has returned, checked to be a number or an array as it has to be."""
    is_number = case[RESULT].ndim == 0 and not isinstance(value, np.ndarray)
    return as_number(value, case.unit) if is_number else as_array(value, case.unit)


def observe(implementation: Implementation, case: Case, dtype: str = "float64") -> Observation:
    """Compute a case, once for each dtype."""
    key = (case, dtype)
    if key not in implementation.memo:
        observation = Observation()
        implementation.begin(case.unit)
        try:
            observation.results |= use(implementation, case, inputs(case, dtype))
        except NotPassed as failure:
            observation.failures["forward"] = failure
        observation.prints = implementation.prints()
        implementation.memo[key] = observation
    observed: Observation = implementation.memo[key]
    return observed


def works(implementation: Implementation, case: Case, dtype: str = "float64") -> None:
    """Raise what a case's function raises; return where it gives any answer."""
    observation = observe(implementation, case, dtype)
    if "forward" in observation.failures:
        raise observation.failures["forward"]


def when_it_works(check: Callable[[Implementation, Case], None]) -> Callable[..., None]:
    """Run a check only for a function whose plain use gives an answer."""

    def judged(implementation: Implementation, case: Case) -> None:
        with standing_on("its plain use"):
            works(implementation, case)
        implementation.begin(case.unit)
        check(implementation, case)

    judged.__doc__ = check.__doc__
    return judged


# ---------------------------------------------------------------- answers


def result(implementation: Implementation, case: Case) -> float:
    """Check what a function returns."""
    return _compare(implementation, case, [RESULT])


def after(implementation: Implementation, case: Case) -> float:
    """Check what a function makes of its arrays."""
    return _compare(implementation, case, [n for n in outputs(case) if n != RESULT])


def _compare(implementation: Implementation, case: Case, names: list[str]) -> float:
    works(implementation, case)
    results = observe(implementation, case).results
    return max(
        compare(results[name], case[name], tolerance.coarse(case.bound(name)), tensor(case, name))
        for name in names
    )


def tensor(case: Case, name: str) -> str:
    """Return what an output is called in the code under test."""
    return f"{case.unit}(...)" if name == RESULT else f'grads["{name.removesuffix(AFTER)}"]'


def float64(implementation: Implementation, case: Case) -> float:
    """Check that float64 in gives float64 out, right to float64."""
    return _precise(implementation, case, "float64")


def float32(implementation: Implementation, case: Case) -> float:
    """Check that float32 in gives float32 out, right to float32."""
    return _precise(implementation, case, "float32")


def _precise(implementation: Implementation, case: Case, dtype: str) -> float:
    with standing_on("its plain use"):
        works(implementation, case)
    plain = observe(implementation, case).results
    right = [n for n in outputs(case) if agree(plain[n], case[n], tolerance.coarse(case.bound(n)))]
    if not right:
        raise blocked("while wrong", names=" and ".join(tensor(case, n) for n in outputs(case)))
    works(implementation, case, dtype)
    results = observe(implementation, case, dtype).results
    used = 0.0
    for name in right:
        got, what = results[name], tensor(case, name)
        if case[name].ndim:
            precision.demand_dtype(got, dtype, what, Finding("for input", dtype=dtype))
        used = max(used, precision.compare_finely(got, case, name, dtype, what))
    return used


# ---------------------------------------------------------------- what is left alone


def in_place(implementation: Implementation, case: Case) -> None:
    """Check that the arrays themselves are changed, and stay in the dict."""
    implementation.begin(case.unit)
    put = _put(implementation, inputs(case))
    held = implementation.probe("Dict", dict(put))
    with standing_on("its plain use"):
        implementation.function(case.unit, held, *case.args, **case.options)
    now = _now(held, put)
    for name, remote in put.items():
        if not remote.is_still(now[name]):
            raise failed("new array of the caller", unit=case.unit, name=name).showing(
                "changed", expected=now[name]
            )
    if all(np.array_equal(now[name], case[name]) for name in put):
        first = next(iter(put))
        raise failed("nothing changed", unit=case.unit).showing(
            "unlike", got=now[first], expected=case[first]
        )


@when_it_works
def arguments_unchanged(implementation: Implementation, case: Case) -> None:
    """Check that the arrays that a function is given are the same afterwards."""
    given = inputs(case)
    put = _put(implementation, given)
    call(implementation, case, put)
    for name, remote in put.items():
        if not remote.is_still(given[name]):
            raise failed("argument changed", method=case.unit, name=name).showing(
                "changed", expected=given[name]
            )


@when_it_works
def result_stays(implementation: Implementation, case: Case) -> None:
    """Check that later calls do not change what a function has returned."""
    value, held = call(implementation, case, inputs(case))
    call(implementation, case, _others(case))
    if not held.is_still(value):
        raise failed("result changed", unit=case.unit).showing("changed", expected=value)


@when_it_works
def calls_are_independent(implementation: Implementation, case: Case) -> None:
    """Check that an answer does not depend on the calls before."""
    expected = observe(implementation, case).results
    use(implementation, case, _others(case))
    demand(use(implementation, case, inputs(case)), expected, case, Finding("after another call"))


@when_it_works
def any_memory_order(implementation: Implementation, case: Case) -> None:
    """Check views, and read-only arrays where nothing is to be written into them."""
    expected = use(implementation, case, inputs(case))
    writes = units.of(case.unit).takes == "dict"
    for layout in LAYOUTS[:-1] if writes else LAYOUTS:
        with adding("with memory order", layout=layout):
            got = use(implementation, case, inputs(case), layout)
        demand(got, expected, case, Finding("memory order", layout=layout))


def _others(case: Case) -> dict[str, Array]:
    """Return other legal arrays of the same shapes: in reverse order, larger where they may be."""
    back = {n: np.flip(a) for n, a in inputs(case).items()}
    return {n: 2.0 * a if a.dtype.kind == "f" else a for n, a in back.items()}


def demand(got: Results, expected: Results, case: Case, when: Finding) -> None:
    """Demand that what comes of a call is what came of one alone, to rounding."""
    for name, right in expected.items():
        allowed = tolerance.coarse(8 * case.bound(name))
        if not agree(got[name], right, allowed):
            raise failed("not as in a call alone", tensor=tensor(case, name), when=when).showing(
                "values", got=got[name], expected=right, allowed=allowed
            )


# ---------------------------------------------------------------- columns and images


@law
def columns_fit_images(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that <im2col(x), c> = <x, col2im(c)>, of which one side follows from the definition."""
    k = min(draw.k, draw.H, draw.W)
    x = draw.whole(draw.N, draw.C, draw.H, draw.W)
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))
    columns = windows.transpose(1, 4, 5, 0, 2, 3).reshape(draw.C * k * k, -1)
    c = draw.whole(*columns.shape)
    given, against = ([x, k], c) if case.unit == "im2col" else ([c, x.shape, k], x)
    got = as_array(implementation.function(case.unit, *given), f"{case.unit}(...)")
    if got.shape != against.shape:
        raise failed(
            "shape", tensor=f"{case.unit}(...)", got=got.shape, expected=against.shape
        ).showing("shape", got=got, expected=against.shape)
    what, other = (
        Finding("inner product of columns", unit=case.unit),
        Finding("by law", against="the law", x=x.shape),
    )
    allowed = tolerance.coarse(64.0 * c.size)
    compare((got * against).sum(), (columns * c).sum(), allowed, what, None, other)
