"""The report for the terminal: the graded table, the total, and what is to be mended."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable
from typing import Any

import tabulate

from cnn_conformance.oracle.specification import ASPECTS
from cnn_conformance.outcomes import WRONG, Outcome
from cnn_conformance.reports import phrases
from cnn_conformance.reports.picture import wrong_elements

tabulate.MIN_PADDING = 0  # columns as wide as what is in them: the table fits into 100
Style = Callable[..., str]
SHOWN_FAILURES = 12
LONG = 2000
WIDE = 100
"""Columns where there is no terminal that could say how many it has."""
SHORT = {
    "forward": "fwd",
    "backward": "bwd",
    "hygiene": "hyg",
    "precision": "prec",
    "robustness": "rob",
}
"""What the columns of aspects are called where the whole names do not fit."""
WHOLE_UNIT = (Outcome.MISSING, Outcome.NOT_STARTED)


def render(document: dict[str, Any], style: Style, command: str, fixtures: str = "") -> str:
    """Return the report.

    Parameters
    ----------
    document : dict
        The result document.
    style : callable
        `style(text, bold=True, red=True, ...)` marks a text up for the terminal.
    command : str
        How pytest was called, to tell how to run a single check; empty where it was not.
    fixtures : str
        The folder of a private set, for the same purpose.
    """
    parts = [
        _failures(document, style, command, fixtures),
        _table(document, style),
        _summary(document, style),
    ]
    return phrases.unheeded("\n\n".join(part for part in parts if part) + "\n")


def _table(document: dict[str, Any], style: Style) -> str:
    rows = []
    for unit in document["units"]:
        earned = any(aspect["passed"] for aspect in unit["aspects"].values())
        if unit["verdict"] == Outcome.NOT_SELECTED and not earned:
            continue
        cells = [_aspect(unit["aspects"].get(aspect), style) for aspect in ASPECTS]
        rows.append([unit["unit"], *cells, phrases.points(unit), _word(unit["verdict"], style)])
    columns = shutil.get_terminal_size((WIDE, 24)).columns
    whole = _columns(rows, list(ASPECTS))
    if _width(whole) <= columns:
        return whole
    short = _columns(rows, [SHORT[aspect] for aspect in ASPECTS])
    return short if _width(short) <= columns else _columns([[r[0], *r[-2:]] for r in rows], [])


def _columns(rows: list[list[str]], aspects: list[str]) -> str:
    align = ("left", *["right"] * len(aspects), "right", "left")
    return tabulate.tabulate(
        rows,
        ["unit", *aspects, "points", ""],
        tablefmt="simple",
        colalign=align,
        disable_numparse=True,
    )


def _width(table: str) -> int:
    """Return the columns that a table needs: its second line has no colours."""
    return len(table.split("\n", 2)[1])


def _aspect(aspect: dict[str, Any] | None, style: Style) -> str:
    if aspect is None:
        return ""
    text = f"{aspect['passed']}/{aspect['requirements']}"
    return text if aspect["passed"] == aspect["requirements"] else style(text, red=True)


def _word(verdict: str, style: Style) -> str:
    if verdict == Outcome.PASSED:
        return style("passed", green=True)
    return style(verdict, red=True) if verdict in WRONG else style(verdict, yellow=True)


def _summary(document: dict[str, Any], style: Style) -> str:
    if document["withheld"]:
        total = style("grade withheld: the suite itself failed, see above", bold=True, red=True)
    else:
        total = style(f"total {phrases.points(document)}  ({phrases.percent(document)})", bold=True)
    lines = [
        f"{total}   {phrases.cleaned(document['implementation'])}",
        f"{phrases.tally(document)}; isolation: " + document["isolation"],
    ]
    if document["profile"] != "core":
        lines.append(f"profile: {document['profile']}")
    lines += [_wrap(text, "") for text in phrases.dialect(document)]
    if document["reveal"] != "all":
        lines.append(f"shown: {document['reveal']} (--reveal)")
    told = [phrases.ISOLATION.get(document["isolation"], ""), *phrases.notices(document)]
    lines += [style(_notice(notice), yellow=True) for notice in told if notice]
    told = phrases.expectations(document)
    held = bool(told) and document["expected"]["held"]
    lines += [style(_wrap(text, ""), **{"green" if held else "red": True}) for text in told]
    if document["partial"]:
        lines.append(
            style("partial run: not every check was selected, so this is not a grade", yellow=True)
        )
    return "\n".join(lines)


def _failures(document: dict[str, Any], style: Style, command: str, fixtures: str) -> str:
    if document["reveal"] == "verdict":
        return "\n".join(phrases.cleaned(problem) for problem in document["problems"])
    parts = [style(phrases.cleaned(problem), red=True) for problem in document["problems"]]
    quiet = {u["unit"]: u["verdict"] for u in document["units"] if u["verdict"] in WHOLE_UNIT}
    parts += _whole_units(document, quiet, style)
    shown = [
        r
        for r in document["requirements"]
        if r["verdict"] not in (Outcome.PASSED, Outcome.NOT_SELECTED)
        and r["unit"] not in quiet
        and "expected" not in r
    ]
    loud = [r for r in shown if phrases.is_loud(r)]
    parts += [text for unit in document["units"] if (text := _diagnosis(unit, style))]
    parts += [_failure(document, r, style, command, fixtures) for r in loud[:SHOWN_FAILURES]]
    if len(loud) > SHOWN_FAILURES:
        ids = ", ".join(r["id"] for r in loud[SHOWN_FAILURES:])
        parts.append(
            _wrap(f"{len(loud) - SHOWN_FAILURES} more requirements are not met: {ids}", "")
        )
    still = [r for r in shown if r not in loud]
    parts += _unjudged(still, style)
    parts += [
        f"{style('expected', bold=True)}: {phrases.cleaned(reason)}\n"
        + _wrap(", ".join(r["id"] for r in together))
        for reason, together in phrases.expected(document)
    ]
    return "\n\n".join(parts)


def _diagnosis(unit: dict[str, Any], style: Style) -> str:
    """Return what a unit's failures look like."""
    lines = []
    for entry in unit.get("diagnosis", ()):
        verb = " looks like" if entry["text"] else ""  # a clue is a sentence of its own
        lines.append(f"{style(unit['unit'], bold=True)}{verb}: {entry['title']}.")
        if entry["text"]:
            lines.append(_wrap(entry["text"]))
    return "\n".join(lines)


def _whole_units(document: dict[str, Any], quiet: dict[str, str], style: Style) -> list[str]:
    """Return a line for the units that are missing, and one for each that is not started."""
    missing = [unit for unit, verdict in quiet.items() if verdict == Outcome.MISSING]
    todo = [unit for unit in quiet if unit not in missing]
    lines = [
        f"{style(unit, bold=True)} {_word(quiet[unit], style)}{_todo(document, unit)}"
        for unit in todo
    ]
    if missing:
        lines.append(_wrap(f"{_word(Outcome.MISSING, style)}: {', '.join(missing)}", ""))
    return ["\n".join(lines)] if lines else []


def _todo(document: dict[str, Any], unit: str) -> str:
    """Return the first message of a unit that is missing or not started."""
    for requirement in document["requirements"]:
        for case in requirement["cases"]:
            if requirement["unit"] == unit and case["outcome"] == Outcome.NOT_STARTED:
                return f"  {_first_line(case['message'].removeprefix('NotImplementedError: '))}"
    return ""


def _failure(
    document: dict[str, Any], requirement: dict[str, Any], style: Style, command: str, fixtures: str
) -> str:
    case = phrases.smallest(requirement)
    head = f"{style(requirement['id'], bold=True)} {_word(requirement['verdict'], style)}"
    lines = [head, _wrap(requirement["sentence"])]
    if document["reveal"] == "requirement":
        return "\n".join(lines)
    lines.append(_wrap(f"case {case['case']}: {case['why']}"))
    lines.append(textwrap.indent(style(_shown(case["message"]), red=True), "  "))
    if picture := wrong_elements(case["details"]):
        lines.append(textwrap.indent(picture, "  "))
    if trace := case["details"].get("traceback"):
        lines.append(textwrap.indent(_shown(trace), "  | "))
    if prints := case["prints"].strip():
        lines.append(textwrap.indent(f"printed output: {_shown(prints[-500:])}", "  "))
    known = requirement.get("diagnosis", ())
    lines += [_wrap(f"likely: {e['title']}") for e in known if not e["text"]]
    wrong = sum(other["outcome"] in WRONG for other in requirement["cases"])
    if wrong > 1:
        lines.append(f"  and {wrong - 1} more of its {len(requirement['cases'])} cases fail")
    if command:
        lines.append(f'  run just this: {command} -k "{phrases.selection(case["check"])}"')
        if script := phrases.reproduction(document, requirement, fixtures):
            lines.append(f"  reproduce: {script}")
    return "\n".join(lines)


def _unjudged(requirements: list[dict[str, Any]], style: Style) -> list[str]:
    """Return what was not judged, the requirements of one and the same reason together."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for requirement in requirements:
        case = next(c for c in requirement["cases"] if c["outcome"] == requirement["verdict"])
        message = _first_line(case["message"])
        reason = message.removeprefix("NotImplementedError: ").removeprefix("unsupported: ")
        key = requirement["unit"], requirement["verdict"], reason
        groups.setdefault(key, []).append(requirement["id"])
    return [
        f"{style(unit, bold=True)} {_word(verdict, style)}: {reason}\n{_wrap(', '.join(ids))}"
        for (unit, verdict, reason), ids in groups.items()
    ]


def _wrap(text: str, indent: str = "  ", rest: str | None = None) -> str:
    width = min(shutil.get_terminal_size().columns, 100)
    rest = indent if rest is None else rest
    return textwrap.fill(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=rest,
        break_on_hyphens=False,  # nor would a path that is broken be one to copy
        break_long_words=False,
    )


def _notice(text: str) -> str:
    """Return a notice, each item of its list on lines of its own."""
    head, *items = text.split("\n")
    return "\n".join([_wrap(head, ""), *(_wrap(item, "  ", "    ") for item in items)])


def _first_line(text: str) -> str:
    return phrases.cleaned(text.strip().partition("\n")[0][:300])


def _shown(text: str) -> str:
    return phrases.cut(phrases.cleaned(text), LONG)
