"""Runs checks on an implementation and keeps their outcomes. Knows nothing of pytest or points."""

from __future__ import annotations

import contextlib
import time
import traceback
import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cnn_conformance import units
from cnn_conformance.checks import buffers, networks
from cnn_conformance.checks.registry import Check, Function, manifest
from cnn_conformance.findings import Compared, Finding
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import BadFixtures, Case, Fixtures
from cnn_conformance.oracle.specification import Requirement
from cnn_conformance.outcomes import WRONG, NotPassed, Outcome, blocked, blocked_by, no_option
from cnn_conformance.phrases import say

MAX_SHOWN_TEXT = 5000
"""Characters of a message, whatever names and numbers of the implementation's it is made of."""


@dataclass(frozen=True)
class CaseResult:
    """What came of one check on one case.

    Parameters
    ----------
    key : str
        The check, for example `test_conv2d.py::test_dx[stride-2]`.
    requirement, unit, case, why : str
        What was checked.
    outcome : Outcome
        What came of it.
    finding : Finding or None
        What was seen; None for a pass.
    traceback : str
        Of what the implementation raised, cut to its own files.
    share : float or None
        The share of the tolerance that a numerical comparison used.
    prints : str
        What the implementation printed meanwhile.
    seconds : float
        How long it took.
    """

    key: str
    requirement: str
    unit: str
    case: str
    why: str
    outcome: Outcome
    finding: Finding | None = None
    traceback: str = ""
    share: float | None = None
    prints: str = ""
    seconds: float = 0.0

    @property
    def message(self) -> str:
        """What was seen, for whoever wrote the implementation; empty for a pass."""
        return "" if self.finding is None else say(self.finding)[:MAX_SHOWN_TEXT]

    @property
    def compared(self) -> Compared | None:
        """The arrays of the comparison that failed, if one did."""
        return None if self.finding is None else self.finding.root().compared


class Grader:
    """Grades one implementation.

    Parameters
    ----------
    implementation : Implementation
        The code under test.
    fixtures : Fixtures
        The golden data.
    """

    def __init__(self, implementation: Implementation, fixtures: Fixtures) -> None:
        self.implementation = implementation
        self.fixtures = fixtures
        self.results: dict[str, CaseResult] = {}

    def of_others(self, objects: dict[str, object]) -> Grader:
        """Return a grader of units that are at hand, with the same golden data."""
        made = Implementation("objects", specification.units(), "none", objects=objects)
        return Grader(made, self.fixtures)

    def run(self, key: str) -> CaseResult:
        """Run one check and keep its result."""
        check = manifest()[key]
        requirement = specification.requirements()[check.requirement]
        started = time.monotonic()
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # wrong numbers may be anything
            result = self._run(key, check, requirement)
        self.results[key] = replace(result, seconds=time.monotonic() - started)
        return self.results[key]

    def _run(self, key: str, check: Check, requirement: Requirement) -> CaseResult:
        share, outcome, finding, why = None, Outcome.PASSED, None, ""
        trace, prints = "", None
        try:
            case = self._case(check)
            why = case.why
            share = self._decide(check, case, requirement.unit)
        except NotPassed as failure:
            outcome, finding = failure.outcome, failure.finding
            trace, prints = failure.traceback, failure.prints
        except BadFixtures as error:
            outcome, finding = Outcome.SUITE_ERROR, Finding("fixtures", why=str(error))
        except Exception as error:  # a mistake of the suite's: it must cost nobody a mark
            outcome, trace = Outcome.SUITE_ERROR, traceback.format_exc()
            finding = Finding("suite error", type=type(error).__name__, text=str(error))
        if outcome in WRONG:
            prints = prints or self.implementation.prints()
        return CaseResult(
            key=key,
            requirement=check.requirement,
            unit=requirement.unit,
            case=check.case,
            why=why,
            outcome=outcome,
            finding=finding,
            traceback=trace[:MAX_SHOWN_TEXT],
            share=share,
            prints=prints or "",
        )

    def run_all(self, requirements: Collection[str]) -> dict[str, CaseResult]:
        """Run every check of some requirements, for example of those that a rubric names."""
        for key, check in manifest().items():
            if check.requirement in requirements:
                self.run(key)
        return self.results

    def _case(self, check: Check) -> Case:
        unit = self.fixtures.unit(check.stem)
        cases = unit.of(check.kind)
        if check.case not in cases:
            raise BadFixtures(f"{check.stem}.toml has no case {check.case}")
        return cases[check.case]

    def _decide(self, check: Check, case: Case, unit: str) -> float | None:
        for name in sorted(networks.parts(case)) if unit == units.NETWORK else [unit]:
            self.implementation.require(name)
        case = buffers.with_own_statistics(self.implementation, case)
        if check.control_function is not None:
            self._demand_plain_use(check, check.control_function)
        try:
            return check.function(self.implementation, case)
        except NotPassed as failure:
            if failure.outcome is Outcome.UNSUPPORTED:
                if self._learns_what_is_fixed(case):
                    return self._decide(check, case, unit)
                if not check.asked:
                    raise no_option(failure) from None
            by = self._culprits(check, case) if failure.outcome in WRONG else []
            if by:
                raise blocked("until", names=tuple(by), cause=failure.finding) from None
            raise

    def _learns_what_is_fixed(self, case: Case) -> bool:
        """Leave out from now on what a unit refuses to be given, though it is the default.

        Tell whether that is new: the case is then to be tried again.
        """
        implementation, unit = self.implementation, units.of(case.unit)
        fixed = {n for n, value in case.options.items() if unit.is_default(n, value)}
        rest = {name: value for name, value in case.options.items() if name not in fixed}
        if not fixed - implementation.left_out.get(case.unit, set()):
            return False
        with contextlib.suppress(NotPassed):
            implementation.begin(case.unit)
            implementation.layer(case.unit, case.args, rest)
            with contextlib.suppress(NotPassed):
                implementation.layer(case.unit, case.args, case.options)
                return False
            implementation.left_out.setdefault(case.unit, set()).update(fixed)
            implementation.memo.clear()
            return True
        return False

    def _demand_plain_use(self, check: Check, control_function: Function) -> None:
        """Demand an answer, right or wrong, in the first of the controls that is offered."""
        cases = self.fixtures.unit(check.stem).cases
        refused: NotPassed | None = None
        for control in check.controls:
            try:
                control_function(self.implementation, cases[control])
                return
            except NotPassed as failure:
                if failure.outcome is Outcome.FAILED:
                    return
                if failure.outcome is not Outcome.UNSUPPORTED:
                    raise blocked_by(failure, "its plain use") from None
                refused = refused or failure
        if refused is not None:
            raise refused

    def _culprits(self, check: Check, case: Case) -> Sequence[str | Finding]:
        """Return what has failed before and explains a failure of this check.

        For a network, its units; for a law that ties backward to forward, the forward.
        """
        requirements = specification.requirements()
        mine = requirements[check.requirement]
        wrong = {
            (requirements[result.requirement].unit, requirements[result.requirement].aspect)
            for result in self.results.values()
            if result.outcome in WRONG
        }
        if mine.unit == units.NETWORK:
            needed = networks.parts(case) | {units.SEQUENTIAL, *units.LOOPS}
            judged = ("forward", "backward", "hygiene")
            return sorted({unit for unit, aspect in wrong if unit in needed and aspect in judged})
        if check.kind == "law" and mine.aspect == "backward":
            forward = Finding("forward of", unit=mine.unit)
            return [forward] if (mine.unit, "forward") in wrong else []
        return []
