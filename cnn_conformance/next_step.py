"""What to write or to fix next, in the order in which the students' README leads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cnn_conformance import units
from cnn_conformance.language import t
from cnn_conformance.locations import GOLDEN
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import fixtures
from cnn_conformance.outcomes import WRONG, Outcome
from cnn_conformance.reports import failures, phrases
from cnn_conformance.template import helpers

SHOWN = 8
"""Ids that stand in a line or two."""
UNDONE = (*WRONG, Outcome.NOT_STARTED, Outcome.MISSING)

Document = dict[str, Any]


def order() -> list[str]:
    """Return the units in the order in which the students' README leads, then all others."""
    return sorted(specification.units(), key=units.taught)


def first_undone(graded: Document) -> dict[str, Any] | None:
    """Return the requirement that it helps most to meet next; None where nothing is left.

    That is the first of the core in the order of the README, and of all units what they compute
    before how they do it: a unit that is not started comes before another one's error for bad
    input.
    """
    places = {name: place for place, name in enumerate(order())}
    core = specification.of_profile("core")

    def rank(requirement: dict[str, Any]) -> tuple[bool, int, int, bool]:
        wrong = requirement["verdict"] in WRONG
        turn = failures.turn(requirement["aspect"]) if wrong else 0
        return requirement["id"] not in core, turn, places[requirement["unit"]], not wrong

    undone = [r for r in graded["requirements"] if r["verdict"] in UNDONE]
    return min(undone, key=rank, default=None)


def to_explain(graded: Document) -> tuple[str, ...]:
    """Return the unit of which it is worth the time to say what its failures look like."""
    first = first_undone(graded)
    return () if first is None else (first["unit"],)


def what_next(graded: Document, place: Path | None = None) -> str:
    """Return what to do next, what the unit's failures look like, and what would help.

    Parameters
    ----------
    graded : dict
        The result document.
    place : Path, optional
        The folder or file of the implementation.
    """
    first = first_undone(graded)
    if first is None:
        left = [r for r in graded["requirements"] if r["verdict"] != Outcome.PASSED]
        return (
            t("not judged or not supported: {ids}", ids=failures.ids(left, SHOWN))
            if left
            else t("next: nothing, everything passes")
        )
    if first["verdict"] not in WRONG:
        return _named(first)
    unit = next(entry for entry in graded["units"] if entry["unit"] == first["unit"])
    case = phrases.smallest(first)
    lines = [_named(first)]
    lines += [failures.wrap(t("case {name}: {why}", name=case["case"], why=case["why"]))]
    message = phrases.cleaned(phrases.cut(case["message"], 600))
    lines += [failures.wrap(line) for line in message.splitlines()]
    if trace := case["details"].get("traceback"):
        lines += [f"  | {line}" for line in phrases.cleaned(trace).splitlines()[-4:]]
    if unit.get("diagnosis"):
        lines.append(failures.looks_like(unit))
    if place is not None and (help_ := _helpers(first, case, place)):
        lines.append(failures.wrap(help_))
    return "\n".join(lines)


def of_a_beginning(graded: Document) -> str:
    """Return the next step in a line or two where units are not started; otherwise nothing.

    Of code that is not begun so, such as a library without some units, nobody knows what its
    author wants to write.
    """
    if graded["withheld"] or graded["reveal"] == "verdict":
        return ""
    judged = [r for r in graded["requirements"] if "expected" not in r]
    if all(r["verdict"] != Outcome.NOT_STARTED for r in judged):
        return ""
    first = first_undone({**graded, "requirements": judged})
    return "" if first is None else _named(first)


def _named(first: dict[str, Any]) -> str:
    """Return what is next: a unit to write, or a requirement to meet."""
    if first["verdict"] in WRONG:
        return listed(t("next: {id}: {sentence}", id=first["id"], sentence=t(first["sentence"])))
    file = f"{units.of(first['unit']).stem}.py"
    return t("next: write {unit} ({file})", unit=first["unit"], file=file)


def _helpers(requirement: dict[str, Any], case: dict[str, Any], place: Path) -> str:
    """Return what of the template's checks would raise the error that is asked for."""
    if requirement["aspect"] != "robustness":
        return ""
    error = fixtures(GOLDEN).unit(units.of(requirement["unit"]).stem).of("error").get(case["case"])
    return "" if error is None else helpers.said(error, place if place.is_dir() else place.parent)


def listed(text: str) -> str:
    """Return an item of a list in lines of the width of the terminal."""
    return failures.wrap(text, "", "    ")
