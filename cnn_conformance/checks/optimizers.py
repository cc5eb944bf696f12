"""What an optimizer does to parameters, gradients and itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.handles import Layer, Remote
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.implementation.values import as_array, name_of
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import agree, compare
from cnn_conformance.outcomes import NotPassed, blocked_by, failed


class Bench:
    """An optimizer with the parameters of a case on the other side."""

    def __init__(self, implementation: Implementation, case: Case, dtype: str = "float64") -> None:
        self.case, self.implementation, self.dtype = case, implementation, dtype
        self.names = [name for name in case.arrays if f"d{name}" in case.arrays]
        self.optimizer = implementation.layer(case.unit, case.args, case.options)
        self.arrays = {name: self._put(case[name]) for name in self.names}
        self.params: Layer = implementation.probe("Dict", self.arrays)

    def step(self, number: int, backwards: bool = False) -> dict[str, Remote]:
        """Do one step; return the gradients that were handed over."""
        names = self.names[::-1] if backwards else self.names
        grads = {name: self._put(self.case[f"d{name}"][number]) for name in names}
        self.optimizer.call("step", self.params, grads)
        return grads

    def another_dict(self, prefix: str = "") -> Layer:
        """Make parameters like those of the case for another optimizer."""
        arrays = {prefix + name: self.implementation.put(self.case[name]) for name in self.names}
        return self.implementation.probe("Dict", arrays)

    def other_gradients(self, number: int, prefix: str = "") -> dict[str, Array]:
        """Return gradients for another optimizer, other than those of a step."""
        return {prefix + name: self.case[f"d{name}"][number] * 2 for name in self.names}

    def values(self) -> dict[str, Array]:
        """Return what the dict of parameters holds now."""
        now: Any = self.params.now()
        if not isinstance(now, dict) or list(now) != self.names:
            keys = tuple(now) if isinstance(now, dict) else name_of(now)
            when, names = Finding("after step alone"), tuple(self.names)
            raise failed("keys", attribute="params", got=keys, expected=names, when=when).showing(
                "keys", attribute="", expected=self.names
            )
        return {name: as_array(now[name], f'params["{name}"]') for name in self.names}

    def compare(
        self, got: dict[str, Array], step: int, allow: Any, when: Finding, other: str = ""
    ) -> float:
        """Compare parameters with the golden ones after a step; `other` names those taken too."""
        others = [self.case.get(f"{name}.{other}") for name in self.names]
        shares = [
            compare(
                got[name],
                self.case[f"{name}.after"][step],
                allow(self.case.bound(f"{name}.after")),
                f'params["{name}"]',
                when,
                also=None if also is None else also[step],
            )
            for name, also in zip(self.names, others, strict=True)
        ]
        return max(shares)

    @property
    def steps(self) -> int:
        """How many steps the case has."""
        return len(self.case[f"d{self.names[0]}"])

    def _put(self, array: Array) -> Remote:
        return self.implementation.put(array.astype(self.dtype))


def _bench(implementation: Implementation, case: Case, dtype: str = "float64") -> Bench:
    implementation.begin(case.unit)
    return Bench(implementation, case, dtype)


def updates(
    implementation: Implementation, case: Case, backwards: bool = False, other: str = ""
) -> float:
    """Check the parameters after every step."""
    bench = _bench(implementation, case)
    used = 0.0
    for step in range(bench.steps):
        bench.step(step, backwards)
        when = Finding("after step", step=step + 1)
        used = max(used, bench.compare(bench.values(), step, tolerance.coarse, when, other))
    return used


def momentum(implementation: Implementation, case: Case) -> float:
    """Check the parameters after every step, whether or not the velocity is an average."""
    try:
        return updates(implementation, case, other="averaged")
    except NotPassed as mismatch:
        bench = _bench(implementation, case)
        for step in range(bench.steps):
            bench.step(step)
            values = bench.values()
            for name in bench.names:
                allowed = tolerance.coarse(case.bound(f"{name}.averaged"))
                if not agree(values[name], case[f"{name}.averaged"][step], allowed):
                    raise mismatch from None
        return 0.0


def updates_by_key(implementation: Implementation, case: Case) -> float:
    """Check the parameters where the gradients come in another order, if it is right in theirs."""
    try:
        updates(implementation, case)
    except NotPassed as failure:
        raise blocked_by(failure, "step") from None
    return updates(implementation, case, backwards=True)


def updates_in_place(implementation: Implementation, case: Case) -> None:
    """Check that the arrays themselves are updated, and stay in the dict."""
    bench = _bench(implementation, case)
    _step(bench)
    values = bench.values()
    for name, remote in bench.arrays.items():
        if not remote.is_still(values[name]):
            raise failed("new array", name=name).showing("changed", expected=values[name])
    if all(np.array_equal(values[name], bench.case[name]) for name in bench.names):
        raise failed("no step").showing(
            "unlike", got=values[bench.names[0]], expected=bench.case[bench.names[0]]
        )


def gradients_unchanged(implementation: Implementation, case: Case) -> None:
    """Check that step does not write into the gradients."""
    bench = _bench(implementation, case)
    for name, remote in _step(bench).items():
        if not remote.is_still(case[f"d{name}"][0]):
            raise failed("gradient changed", name=name).showing(
                "changed", expected=case[f"d{name}"][0]
            )


def share_nothing(implementation: Implementation, case: Case) -> None:
    """Check that two optimizers can be used in turn."""
    implementation.begin(case.unit)
    alone = run_alone(implementation, case)
    bench = Bench(implementation, case)
    other = implementation.layer(case.unit, [case.args[0] * 3], case.options)
    others = bench.another_dict()
    for step in range(bench.steps):
        bench.step(step)
        other.call("step", others, bench.other_gradients(step))
    for name, value in bench.values().items():
        allowed = tolerance.coarse(case.bound(f"{name}.after"))
        if not agree(value, alone[name], allowed):
            raise failed("second optimizer", name=name).showing(
                "values", got=value, expected=alone[name], allowed=allowed
            )


def float64(implementation: Implementation, case: Case) -> float:
    """Check that float64 parameters stay so."""
    return _precision(implementation, case, "float64")


def float32(implementation: Implementation, case: Case) -> float:
    """Check that float32 parameters stay so."""
    return _precision(implementation, case, "float32")


def _precision(implementation: Implementation, case: Case, dtype: str) -> float:
    try:
        updates(implementation, case)
    except NotPassed as failure:
        raise blocked_by(failure, "step") from None
    bench = _bench(implementation, case, dtype)
    used = 0.0
    for step in range(bench.steps):
        bench.step(step)
        values = bench.values()
        for name, value in values.items():
            if value.dtype != dtype:
                when = Finding("after step alone")
                facts = {"tensor": f'params["{name}"]', "got": str(value.dtype)}
                raise failed("dtype", expected=dtype, when=when, **facts).showing(
                    "dtype", got=value, expected=dtype
                )
        used = max(
            used,
            bench.compare(
                values,
                step,
                lambda bound: tolerance.fine(bound, np.dtype(dtype)),
                Finding("in dtype", dtype=dtype),
            ),
        )
    return used


def _step(bench: Bench) -> dict[str, Remote]:
    """Do the first step, for a check that cannot judge an optimizer that raises."""
    try:
        return bench.step(0)
    except NotPassed as failure:
        raise blocked_by(failure, "step") from None


def run_alone(implementation: Implementation, case: Case) -> dict[str, Array]:
    """Return the parameters after all steps of a case."""
    bench = Bench(implementation, case)
    for step in range(bench.steps):
        bench.step(step)
    return bench.values()
