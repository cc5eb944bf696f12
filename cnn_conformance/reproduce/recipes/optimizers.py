"""Scripts for what an optimizer does to parameters, gradients and itself."""

from __future__ import annotations

import re

from cnn_conformance.arrays import Array
from cnn_conformance.checks import optimizers
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.reproduce.script import Draft, Recipe, Subject, constructor, nearer


class Bench:
    """The names and lines that scripts for one case have in common."""

    def __init__(self, subject: Subject) -> None:
        case = subject.case
        self.names = [name for name in case.arrays if f"d{name}" in case.arrays]
        named = re.search(r'(?:params|grads)\["([^"]+)"\]', subject.message)
        self.name = named[1] if named and named[1] in self.names else self.names[0]
        steps = len(case[f"d{self.names[0]}"])
        said = re.search(r"after step (\d+)", subject.message)
        self.steps = min(int(said[1]), steps) if said else steps
        self.variables = {name: f"p{name.replace('.', '_')}" for name in self.names}
        self.data: dict[str, Array] = {}
        for name, variable in self.variables.items():
            self.data[variable] = case[name]
            self.data[f"d{variable}"] = case[f"d{name}"]
        self.make = constructor(case.unit, case.args, case.options)

    def params(self, cast: str = "") -> str:
        """Return the dict of parameters."""
        pairs = [f'"{name}": {variable}{cast}' for name, variable in self.variables.items()]
        return "{" + ", ".join(pairs) + "}"

    def grads(self, step: str, *, cast: str = "", backwards: bool = False) -> str:
        """Return the dict of gradients of a step."""
        pairs = [f'"{n}": d{variable}[{step}]{cast}' for n, variable in self.variables.items()]
        return "{" + ", ".join(reversed(pairs) if backwards else pairs) + "}"

    def updated(self, case: Case, *, cast: str = "", backwards: bool = False) -> Draft:
        """Return the script that compares a parameter after some steps with the golden one."""
        self.data["expected"] = case[f"{self.name}.after"][self.steps - 1]
        lines = [
            f"params = {self.params(cast)}",
            f"optimizer = {self.make}",
            f"for step in range({self.steps}):",
            f"    grads = {self.grads('step', cast=cast, backwards=backwards)}",
            "    optimizer.step(params, grads)",
            f'got = params["{self.name}"]',
        ]
        return Draft(self.data, lines, tolerance.coarse(case.bound(f"{self.name}.after")))


def updates(subject: Subject) -> Draft:
    """Show a parameter after some steps."""
    return Bench(subject).updated(subject.case)


def momentum(subject: Subject) -> Draft:
    """Show a parameter after some steps beside the nearer of two right ones."""
    bench = Bench(subject)
    draft = bench.updated(subject.case)
    draft.data["averaged"] = subject.case[f"{bench.name}.averaged"][bench.steps - 1]
    draft.lines.append(nearer("averaged"))
    return draft


def updates_by_key(subject: Subject) -> Draft:
    """Show a parameter where the gradients came in another order."""
    return Bench(subject).updated(subject.case, backwards=True)


def float64(subject: Subject) -> Draft:
    """Show a parameter to the digits of float64."""
    return _precise(subject, "float64", tolerance.EPS64)


def float32(subject: Subject) -> Draft:
    """Show a parameter of float32."""
    return _precise(subject, "float32", tolerance.EPS32)


def _precise(subject: Subject, dtype: str, eps: float) -> Draft:
    bench = Bench(subject)
    cast = f'.astype("{dtype}")'
    draft = bench.updated(subject.case, cast=cast)
    draft.lines.append(f'assert got.dtype == "{dtype}", got.dtype')
    draft.tolerance = tolerance.FACTOR * eps * subject.case.bound(f"{bench.name}.after")
    return draft


def updates_in_place(subject: Subject) -> Draft:
    """Show that the array of a parameter is the one that was updated."""
    bench = Bench(subject)
    variable = bench.variables[bench.name]
    lines = [
        f"params = {bench.params()}",
        f"before = {variable}.copy()",
        f"{bench.make}.step(params, {bench.grads('0')})",
        f'print("before", before, "the array now", {variable}, sep="\\n")',
        f'print("in the dict", params["{bench.name}"])',
        f'assert np.array_equal({variable}, params["{bench.name}"]), "a new array in the dict"',
        f'assert not np.array_equal({variable}, before), "nothing has changed"',
    ]
    return Draft(bench.data, lines)


def gradients_unchanged(subject: Subject) -> Draft:
    """Show a gradient before and after a step."""
    bench = Bench(subject)
    lines = [
        f"grads = {bench.grads('0')}",
        f'expected = grads["{bench.name}"].copy()',
        f"{bench.make}.step({bench.params()}, grads)",
        f'got = grads["{bench.name}"]',
    ]
    return Draft(bench.data, lines, 0.0)


def share_nothing(subject: Subject) -> Draft:
    """Show an optimizer beside which a second one is used, and one that is alone."""
    bench, case = Bench(subject), subject.case
    other = constructor(case.unit, (case.args[0] * 3, *case.args[1:]), case.options)
    copied = bench.params(".copy()")
    doubled = bench.grads("step").replace("[step]", "[step] * 2")
    lines = [
        f"params, alone = {copied}, {copied}",
        f"fresh = {bench.make}",
        f"for step in range({bench.steps}):",
        f"    fresh.step(alone, {bench.grads('step')})",
        f"optimizer, other = {bench.make}, {other}",
        f"for step in range({bench.steps}):",
        f"    optimizer.step(params, {bench.grads('step')})",
        f"    other.step({copied}, {doubled})",
        f'got, expected = params["{bench.name}"], alone["{bench.name}"]',
    ]
    return Draft(bench.data, lines, tolerance.coarse(case.bound(f"{bench.name}.after")))


RECIPES: dict[object, Recipe] = {
    optimizers.updates: updates,
    optimizers.momentum: momentum,
    optimizers.updates_by_key: updates_by_key,
    optimizers.updates_in_place: updates_in_place,
    optimizers.gradients_unchanged: gradients_unchanged,
    optimizers.share_nothing: share_nothing,
    optimizers.float64: float64,
    optimizers.float32: float32,
}
