"""Which one change of a formula gives what came, where no known mistake does.

The unit's clear source is changed in one place at a time (`mistakes.slips`). A change is said if it
gives what came in every failing case of an output, and what is right in every case that has passed:
it need not be what the code does, but it comes to the same.
"""

from __future__ import annotations

from collections.abc import Collection

from cnn_conformance import units
from cnn_conformance.checks.grader import CaseResult, Grader
from cnn_conformance.checks.registry import manifest
from cnn_conformance.diagnosis.budget import Budget
from cnn_conformance.diagnosis.known_mistakes import Trial, tensors
from cnn_conformance.findings import Finding
from cnn_conformance.mistakes import Mistake, slips
from cnn_conformance.mistakes.slips import Slip
from cnn_conformance.oracle import specification
from cnn_conformance.outcomes import Outcome

KINDS = ("layer", "loss", "optimizer")
FEWEST = 2
"""How many checks have to speak for a change."""
LONGEST = 60
"""How many characters of a formula a reader may be shown."""
TRIED = 1500
"""How many changes may be made, and checks run with them, for all units of a run together: at 1 ms
each or less."""


def budget() -> Budget:
    """Return what a run may cost."""
    return Budget(TRIED)


def explain(grader: Grader, unit: str, left: dict[str, CaseResult], tries: Budget) -> list[Finding]:
    """Return for the outputs that fail what change gives them, at most one for each.

    Parameters
    ----------
    grader : Grader
        After its run.
    unit : str
        A unit that has lost values.
    left : dict
        The failing checks of values that nothing explains, by their names.
    tries : Budget
        How many changes may be made, and checks run: one for a whole run.
    """
    row = units.of(unit)
    if row.kind not in KINDS or row.is_random or grader.fixtures.dialect.of(unit):
        return []
    open_ = _by_output(left)
    found: dict[Finding, list[str]] = {}
    for slip in slips.slips(unit):
        if not open_ or not tries.allows():
            break
        candidate = _candidate(grader, unit, slip)
        for tensor in list(open_):
            trial = Trial(grader, candidate, open_[tensor], tries, patience=1)
            trial.look()
            trial.finish()
            match = trial.match()
            if match is None or max(len(slip.was), len(slip.now)) > LONGEST:
                continue
            if _is_all(match.explains, open_[tensor]):
                said = Finding(
                    "changed formula",
                    method=slip.method,
                    target=slip.target,
                    was=slip.was,
                    now=slip.now,
                )
                found.setdefault(said, []).append(tensor)
                del open_[tensor]
    return [said.with_facts(names=tuple(names)) for said, names in found.items()]


def _by_output(left: dict[str, CaseResult]) -> dict[str, dict[str, CaseResult]]:
    """Return the failing cases of each output, those that ended in an error with those beside."""
    cases = {key: result for key, result in left.items() if manifest()[key].kind == "case"}
    compared = tensors(cases)
    outputs: dict[str, dict[str, CaseResult]] = {}
    for key, tensor in compared.items():
        if tensor is not None:
            outputs.setdefault(tensor, {})[key] = cases[key]
    for results in outputs.values():
        requirements = {each.requirement for each in results.values()}
        for key, tensor in compared.items():
            if tensor is None and cases[key].requirement in requirements:
                results[key] = cases[key]
    return {tensor: results for tensor, results in outputs.items() if len(results) >= FEWEST}


def _is_all(explained: Collection[str], failing: dict[str, CaseResult]) -> bool:
    """Tell whether all wrong answers are explained: an error may have come before one."""
    silent = {key for key, result in failing.items() if result.outcome is Outcome.ERROR}
    return failing.keys() - silent <= set(explained) and len(explained) >= FEWEST


def _candidate(grader: Grader, unit: str, slip: Slip) -> Mistake:
    """Return a slip as a mistake that may lose all that was judged of values."""
    known = specification.requirements()
    judged: Collection[str] = {result.requirement for result in grader.results.values()}
    loses = tuple(
        id_
        for id_ in known
        if id_ in judged
        and known[id_].unit == unit
        and known[id_].aspect in ("forward", "backward")
    )
    return Mistake(
        name="slip",
        unit=unit,
        loses=loses,
        said="",
        asks="",
        look="",
        is_a_convention=False,
        edits=(),
        constant=None,
        make=lambda _: {unit: slips.made(unit, slip)},
    )
