"""Which check decides which requirement, on which case: the manifest that points are counted over.

A `test_<stem>.py` file is a list of lines such as

    conv2d = Checks("conv2d")
    test_linear = conv2d.laws("CONV2D-12", laws.linear)

Each is the list of its checks, one for each case; `manifest()` gathers them under the names by
which pytest shows them.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from cnn_conformance import suite, units
from cnn_conformance.checks import golden, options
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.locations import GOLDEN
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import Case, parsed

KINDS = ("case", "error", "law")

Function = Callable[[Implementation, Case], float | None]


@dataclass(frozen=True)
class Check:
    """One check on one case.

    Parameters
    ----------
    stem : str
        The unit's file stem; the case is in `<stem>.toml`.
    requirement : str
        The id of the requirement that it decides.
    case : str
        The case's id.
    function : callable
        What decides.
    kind : {"case", "error", "law"}
        Which table of the toml file has the case.
    asked : frozenset of tuple
        The options that it uses on the case, each with its value.
    controls : tuple of str
        The cases in the first of which that is offered `control_function` has to find that the unit
        works before an error is judged: an error on everything is no answer to bad input.
    """

    stem: str
    requirement: str
    case: str
    function: Function
    kind: str = "case"
    asked: options.Asked = frozenset()
    controls: tuple[str, ...] = ()
    control_function: Function | None = None

    @property
    def uses(self) -> frozenset[str]:
        """The options that it uses."""
        return frozenset(name for name, _ in self.asked)


class BadManifest(Exception):
    """A requirement without a check, or a check without a requirement."""


class Checks:
    """The checks of one unit.

    Attributes
    ----------
    chosen : dict
        Lists of cases that the unit's toml file has under `[chosen]`, by name.
    """

    def __init__(self, stem: str) -> None:
        self.stem = stem
        self._table = _table(stem)
        self.chosen: dict[str, list[str]] = self._table.get("chosen", {})

    def by_case(self, output: str, function: Function) -> list[Check]:
        """Check one output, in every case that names a requirement for it."""
        return [
            self._check(decided[output], case, function, "case", *_backward(output, case))
            for case in self._table["case"]
            if output in (decided := _decided(case))
        ]

    def golden(self, output: str) -> list[Check]:
        """Check one output against the golden data, in every case that names a requirement."""
        return self.by_case(output, golden.of(output))

    def check(
        self, requirement: str, function: Function, cases: list[str], *uses: str
    ) -> list[Check]:
        """Check one requirement, on some cases; with the options that it uses on all of them."""
        known = {case["id"]: case for case in self._table["case"]}
        return [self._check(requirement, known[case], function, "case", *uses) for case in cases]

    def precise_cases(self, output: str) -> list[str]:
        """Return the cases that name a requirement for an output, and are for the precision."""
        return [case["id"] for case in self._for_precision() if output in _decided(case)]

    def precise(self, requirement: str, function: Function, *uses: str) -> list[Check]:
        """Check a requirement of the precision, on all cases of its profile that are for that."""
        among = self._for_precision()
        cases = [case["id"] for case in among if _same_profile(case, requirement)]
        return self.check(requirement, function, cases, *uses)

    def _for_precision(self) -> list[dict[str, Any]]:
        return [case for case in self._table["case"] if case.get("precision", True)]

    def errors(
        self, function: Function, control: Function, requirement: str | None = None
    ) -> list[Check]:
        """Check every error, for the requirement that it names or for a given one.

        A given requirement is checked on the errors of its profile.
        """
        controls = tuple(case["id"] for case in self._table["case"])
        return [
            replace(
                self._check(
                    requirement or error.get("requirement", "(none)"), error, function, "error"
                ),
                controls=controls,
                control_function=control,
            )
            for error in self._table.get("error", ())
            if requirement is None or _same_profile(error, requirement)
        ]

    def laws(self, requirement: str, function: Function) -> list[Check]:
        """Check a law, for every entry of the toml file that names the requirement."""
        return [
            self._check(requirement, law, function, "law")
            for law in self._table.get("law", ())
            if law.get("requirement") == requirement
        ]

    def _check(
        self,
        requirement: str,
        entry: dict[str, Any],
        function: Function,
        kind: str = "case",
        *uses: str,
    ) -> Check:
        known = specification.requirements().get(requirement)
        unit = self._table["unit"] if known is None else known.unit
        asked = options.asked(unit, kind, entry, *uses)
        return Check(self.stem, requirement, entry["id"], function, kind, asked)


@cache
def manifest() -> dict[str, Check]:
    """Return all checks of the suite by key, for example `test_conv2d.py::test_dx[stride-2]`.

    Raises
    ------
    BadManifest
        If a requirement has no check, or a check or case names no requirement that exists.
    """
    found: dict[str, Check] = {}
    for module in pkgutil.iter_modules(suite.__path__):
        if module.name.startswith("test_"):
            tests = vars(importlib.import_module(f"{suite.__name__}.{module.name}"))
            for name, checks in _named(tests):
                for check in checks:
                    found[f"{module.name}.py::{name}[{check.case}]"] = check
    complaints = [*units.audit(specification.units(), specification.arguments())]
    complaints += audit(found, specification.requirements())
    for stem in sorted({check.stem for check in found.values()}):
        mine = [check for check in found.values() if check.stem == stem]
        complaints += audit_cases(stem, _table(stem), mine, set(specification.requirements()))
    if complaints:
        raise BadManifest("; ".join(complaints))
    order = {unit: place for place, unit in enumerate(specification.units())}
    known = specification.requirements()
    return dict(sorted(found.items(), key=lambda item: order[known[item[1].requirement].unit]))


def _named(tests: dict[str, Any]) -> Iterator[tuple[str, list[Check]]]:
    """Yield the lists of checks of a file by name; a contract has several, under their own."""
    for name, checks in tests.items():
        if name.startswith("test_"):
            several = isinstance(checks, dict)
            yield from (
                ((f"test_{n}", c) for n, c in checks.items()) if several else [(name, checks)]
            )


def audit(checks: dict[str, Check], known: dict[str, Any]) -> list[str]:
    """Return what is wrong between requirements and checks, one sentence each."""
    complaints = [
        f"{key} names the requirement {check.requirement}, which SPEC.md does not have"
        for key, check in checks.items()
        if check.requirement not in known
    ]
    checked = {check.requirement for check in checks.values()}
    complaints += [f"{id_} of SPEC.md has no check" for id_ in known if id_ not in checked]
    return complaints


def audit_cases(
    stem: str, table: dict[str, Any], checks: Iterable[Check], known: Container[str]
) -> list[str]:
    """Return what is wrong with the requirements that the cases of a toml file name."""
    complaints = []
    checked = {(check.kind, check.case, check.requirement) for check in checks}
    for kind in KINDS:
        ids = [entry["id"] for entry in table.get(kind, ())]
        complaints += [
            f"{stem}.toml has the {kind} {id_} twice"
            for id_ in sorted(set(ids))
            if ids.count(id_) > 1
        ]
        for entry in table.get(kind, ()):
            where = f"the {kind} {entry['id']} of {stem}.toml"
            named = list(_decided(entry).values())
            if not named:
                complaints.append(f"{where} names no requirement")
            for id_ in named:
                if id_ not in known:
                    complaints.append(f"{where} names {id_}, which SPEC.md does not have")
                elif (kind, entry["id"], id_) not in checked:
                    complaints.append(f"{where} names {id_}, which no check decides there")
    return complaints


@cache
def _table(stem: str) -> dict[str, Any]:
    return parsed((GOLDEN / f"{stem}.toml").read_bytes())


def _decided(entry: dict[str, Any]) -> dict[str, str]:
    """Return the requirements that a case names, by output."""
    named = entry.get("requirement", {})
    return named if isinstance(named, dict) else {"": str(named)}


def _backward(output: str, case: dict[str, Any]) -> tuple[str, ...]:
    """Return the option that a gradient in evaluation is."""
    in_evaluation = not case.get("training", True) and output.startswith("d")
    return (options.BACKWARD,) if in_evaluation else ()


def _same_profile(entry: dict[str, Any], requirement: str) -> bool:
    """Tell whether a case or an error is of the profile that a requirement belongs to.

    It is of the last one that it decides anything of; what SPEC.md does not have is none's.
    """
    known = specification.requirements()
    mine = [id_ for id_ in _decided(entry).values() if id_ in known]
    profile = specification.least_profile(mine)
    return requirement not in known or known[requirement].profile == profile
