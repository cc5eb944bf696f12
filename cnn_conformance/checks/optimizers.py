"""What an optimizer does to parameters, gradients and itself."""

from __future__ import annotations

from collections.abc import Sequence
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
from cnn_conformance.outcomes import NotPassed, failed, standing_on


class Bench:
    """An optimizer with the parameters of a case on the other side."""

    def __init__(
        self,
        implementation: Implementation,
        case: Case,
        dtype: str = "float64",
        names: Sequence[str] | None = None,
    ) -> None:
        self.case, self.implementation, self.dtype = case, implementation, dtype
        self.names = list(names or _names(case))
        self.optimizer = implementation.layer(case.unit, case.args, case.options)
        self.arrays = {name: self._put(case[name]) for name in self.names}
        self.params: Layer = implementation.probe("Dict", self.arrays)

    def step(self, number: int, backwards: bool = False, turned: bool = False) -> dict[str, Remote]:
        """Do one step; return the gradients that were handed over.

        Their dict may go backwards, or the parameters may be in a dict that does.
        """
        names = self.names[::-1] if backwards else self.names
        grads = {name: self._put(self.case[f"d{name}"][number]) for name in names}
        params = self.params
        if turned:
            turn = {name: self.arrays[name] for name in self.names[::-1]}
            params = self.implementation.probe("Dict", turn)
        self.optimizer.call("step", params, grads)
        return grads

    def another_dict(self, prefix: str = "") -> Layer:
        """Make parameters like those of the case for another optimizer."""
        arrays = {prefix + name: self.implementation.put(self.case[name]) for name in self.names}
        return self.implementation.probe("Dict", arrays)

    def other_gradients(self, number: int, prefix: str = "") -> dict[str, Array]:
        """Return gradients for another optimizer, other than those of a step."""
        return {prefix + name: self.case[f"d{name}"][number] * 2 for name in self.names}

    def in_place(self) -> bool:
        """Tell whether the arrays are still those in the dict."""
        values = self.values()
        return all(array.is_still(values[name]) for name, array in self.arrays.items())

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


def updates(implementation: Implementation, case: Case, other: str = "") -> float:
    """Check the parameters after every step."""
    bench = _bench(implementation, case)
    used = 0.0
    for step in range(bench.steps):
        bench.step(step)
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


def updates_by_key(implementation: Implementation, case: Case) -> None:
    """Check that parameters do not disturb each other, whatever the order of the dicts.

    The order changes from step to step. Each has to become what it becomes alone, right or wrong,
    with an optimizer of its own; only the first step has to be right.
    """
    _demand_first_step(implementation, case)
    implementation.begin(case.unit)
    together = Bench(implementation, case)
    values, in_place = [], False
    for step in range(together.steps):
        together.step(step, backwards=step % 2 == 0, turned=in_place and step % 2 == 1)
        values.append(together.values())
        in_place = together.in_place() if step == 0 else in_place
    for name in together.names:
        alone = Bench(implementation, case, names=[name])
        for step in range(alone.steps):
            alone.step(step)
            got, expected = values[step][name], alone.values()[name]
            allowed = tolerance.coarse(case.bound(f"{name}.after"))
            if not agree(got, expected, allowed):
                raise failed("not as alone", name=name, step=step + 1).showing(
                    "values", got=got, expected=expected, allowed=allowed
                )


def _demand_first_step(implementation: Implementation, case: Case) -> None:
    """Demand that the first step is right, for a check that is not about its formula.

    One parameter of each shape takes part: state that is kept by shape does not matter then.
    """
    names = {case[name].shape: name for name in reversed(_names(case))}
    with standing_on("step"):
        implementation.begin(case.unit)
        bench = Bench(implementation, case, names=sorted(names.values(), key=_names(case).index))
        bench.step(0)
        bench.compare(bench.values(), 0, tolerance.coarse, Finding("after step", step=1))


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
    """Check that no step writes into its gradients, or into those of an earlier one."""
    bench = _bench(implementation, case)
    given = [_step(bench, number) for number in range(bench.steps)]
    for number, grads in enumerate(given):
        for name, remote in grads.items():
            if not remote.is_still(case[f"d{name}"][number]):
                raise failed("gradient changed", name=name).showing(
                    "changed", expected=case[f"d{name}"][number]
                )


def gradients_not_kept(implementation: Implementation, case: Case) -> None:
    """Check that the gradients may be the same arrays in every step, with new values in them.

    An average is taken for a velocity too.
    """
    with standing_on("step"):
        momentum(implementation, case)
    bench = _bench(implementation, case)
    holder = implementation.probe("Scale", *(case[f"d{name}"][0] for name in bench.names))
    grads = holder.handle("params")
    for number in range(bench.steps):
        if number > 0:
            values = {name: case[f"d{name}"][number] for name in bench.names}
            holder.set_params(values, "in place")
        bench.optimizer.call("step", bench.params, grads)
    for name, value in bench.values().items():
        allowed = tolerance.coarse(case.bound(f"{name}.after"))
        ways = [case[f"{name}.{way}"][-1] for way in ("after", "averaged")]
        if not any(agree(value, way, allowed) for way in ways):
            raise failed("gradient kept", name=name).showing(
                "values", got=value, expected=ways[0], allowed=allowed
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
    with standing_on("step"):
        updates(implementation, case)
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


def _names(case: Case) -> list[str]:
    """Return the names of the parameters of a case."""
    return [name for name in case.arrays if f"d{name}" in case.arrays]


def _step(bench: Bench, number: int = 0) -> dict[str, Remote]:
    """Do a step, for a check that cannot judge an optimizer that raises."""
    with standing_on("step"):
        return bench.step(number)


def run_alone(implementation: Implementation, case: Case) -> dict[str, Array]:
    """Return the parameters after all steps of a case."""
    bench = Bench(implementation, case)
    for step in range(bench.steps):
        bench.step(step)
    return bench.values()
