"""What went wrong, for the terminal: what is most worth to fix first, an error only once."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnn_conformance import texts
from cnn_conformance.language import t
from cnn_conformance.oracle.specification import ASPECTS
from cnn_conformance.outcomes import WRONG, Outcome
from cnn_conformance.reports import likely, phrases
from cnn_conformance.reports.picture import wrong_elements

Style = Callable[..., str]
Document = dict[str, Any]
Requirement = dict[str, Any]
COLOURS = re.compile(r"\x1b\[[\d;]*m")
LONG = 2000
WIDE = 100
"""Columns of the widest lines, and of the whole where no terminal says how many it has."""
WHOLE_UNIT = (Outcome.MISSING, Outcome.NOT_STARTED)
FEWEST_ROWS = 14
"""Rows that failures have, however little room the rest leaves."""
MOST_TOLD = 6
"""Units of which the short report says what their failures look like in more than a line."""
MOST_IDS, MOST_REASONS = 24, 3


def plain(text: str, **markup: bool) -> str:
    """Return a text as it is: a style for no terminal."""
    del markup
    return text


@dataclass(frozen=True)
class Shown:
    """How a report is shown.

    Parameters
    ----------
    style : callable
        `style(text, bold=True, red=True, ...)` marks a text up for the terminal.
    command : str
        How the run was started, to tell how to run a single check; empty where it was not.
    fixtures : str
        The folder of a private set, for the same purpose.
    full : bool
        Whether everything is shown.
    """

    style: Style
    command: str = ""
    fixtures: str = ""
    full: bool = False


# ---------------------------------------------------------------- failures


def failures(document: Document, how: Shown, room: int) -> str:
    """Return what failed, as much as there is room for, and where the rest is.

    Parameters
    ----------
    document : dict
        The result document.
    how : Shown
        How it is shown.
    room : int
        Rows of a terminal.
    """
    groups = _same_errors(in_order(phrases.loud(document)))
    parts: list[str] = []
    rows = 5  # where the rest is
    for group in groups:
        text = _failure(document, group, how)
        rows += height(text) + 1
        if not how.full and parts and rows > max(room, FEWEST_ROWS):
            break
        parts.append(text)
    if parts and not how.full:
        parts.append(_rest(document, groups, len(parts), how))
    return "\n\n".join(parts)


def turn(aspect: str) -> int:
    """Return when an aspect's turn is: first what a unit computes, at last errors for bad input."""
    return max(0, ASPECTS.index(aspect) - ASPECTS.index("backward"))


def in_order(requirements: list[Requirement]) -> list[Requirement]:
    """Return requirements as they are best fixed: what a unit computes before how it does so.

    Forward and backward of all units come before their other aspects; in turn the first of each
    unit, the second of each, and so on: those of one unit often have one cause.
    """
    seen: Counter[tuple[str, int]] = Counter()
    keyed = []
    for requirement in requirements:
        when = turn(requirement["aspect"])
        seen[requirement["unit"], when] += 1
        ours = requirement["verdict"] == Outcome.SUITE_ERROR
        keyed.append(((not ours, when, seen[requirement["unit"], when]), requirement))
    return [requirement for _, requirement in sorted(keyed, key=lambda pair: pair[0])]


def _same_errors(requirements: list[Requirement]) -> list[list[Requirement]]:
    """Return requirements in groups, together where the same line raises the same error."""
    groups: dict[str, list[Requirement]] = {}
    for requirement in requirements:
        key = _trace(phrases.smallest(requirement)) or requirement["id"]
        groups.setdefault(key, []).append(requirement)
    return list(groups.values())


def _trace(case: dict[str, Any]) -> str:
    return str(case.get("details", {}).get("traceback", ""))


def _failure(document: Document, group: list[Requirement], how: Shown) -> str:
    requirement, *others = group
    case = phrases.smallest(requirement)
    style = how.style
    lines = [
        f"{style(requirement['id'], bold=True)} {word(requirement['verdict'], style)}",
        wrap(t(requirement["sentence"])),
    ]
    if document["reveal"] == "requirement":
        return "\n".join([*lines, *_others(others)])
    lines.append(wrap(t("case {name}: {why}", name=case["case"], why=case["why"])))
    lines.append(textwrap.indent(style(_fitted(shown(case["message"])), red=True), "  "))
    if picture := wrong_elements(case["details"]):
        lines.append(textwrap.indent(picture, "  "))
    if trace := _trace(case):
        lines.append(textwrap.indent(shown(trace), "  | "))
    if prints := case["prints"].strip():
        lines.append(textwrap.indent(t("printed output: {text}", text=shown(prints[-500:])), "  "))
    told = set() if how.full else _told(document, requirement["unit"])
    known = [entry["title"] for entry in requirement.get("diagnosis", ()) if not entry["text"]]
    lines += [wrap(t("likely: {title}", title=title)) for title in known if title not in told]
    lines += _count(group)
    if how.command:
        call = f'{how.command} -k "{phrases.selection(case["check"])}"'
        lines.append(f"  {t('run just this: {command}', command=call)}")
        if how.full:
            script = phrases.reproduction(document, requirement, how.fixtures)
            lines.append(f"  {t('reproduce: {command}', command=script)}")
    return "\n".join(lines)


def _told(document: Document, unit: str) -> set[str]:
    """Return what stands above the table about a unit anyway."""
    found: dict[str, Any] = next((u for u in document["units"] if u["unit"] == unit), {})
    return {title for title, _ in phrases.diagnosis(found)}


def _count(group: list[Requirement]) -> list[str]:
    """Return how many cases fail like the one that is shown."""
    requirement, *others = group
    if others:
        trace = _trace(phrases.smallest(requirement))
        cases = [case for each in group for case in each["cases"] if _trace(case) == trace]
        said = t("and {count} more cases with the same error", count=len(cases) - 1)
        return [f"  {said}", *_others(others)]
    wrong = sum(case["outcome"] in WRONG for case in requirement["cases"])
    if wrong < 2:
        return []
    of = len(requirement["cases"])
    return [f"  {t('and {count} more of its {of} cases fail', count=wrong - 1, of=of)}"]


def _others(others: list[Requirement]) -> list[str]:
    return [wrap(t("and so {ids}", ids=ids(others)))] if others else []


def _rest(
    document: Document, groups: list[list[Requirement]], shown_groups: int, how: Shown
) -> str:
    """Return which requirements are not shown, and how to see more."""
    rest = [requirement for group in groups[shown_groups:] for requirement in group]
    lines = []
    if rest:
        if len(rest) == 1:
            said = t("1 more requirement is not met: {ids}", ids=ids(rest))
        else:
            said = t("{count} more requirements are not met: {ids}", count=len(rest), ids=ids(rest))
        lines.append(wrap(said, ""))
    if how.command:
        script = phrases.reproduction(document, groups[0][0], how.fixtures)
        lines.append(wrap(t("for a debugger: {command}", command=script), "", "  "))
        lines.append(t("everything: the same with --full"))
    return "\n".join(lines)


def ids(requirements: list[Requirement], most: int = MOST_IDS) -> str:
    """Return the ids of requirements, as many as a reader takes in."""
    named = [requirement["id"] for requirement in requirements]
    more = len(named) - most
    listed = ", ".join(named[:most])
    return t("{ids} and {count} more", ids=listed, count=more) if more > 0 else listed


# ---------------------------------------------------------------- what is not judged


def not_judged(document: Document, how: Shown) -> str:
    """Return what is not there yet, what could not be judged, and what fails as expected."""
    quiet = {u["unit"]: u["verdict"] for u in document["units"] if u["verdict"] in WHOLE_UNIT}
    judged = (Outcome.PASSED, Outcome.NOT_SELECTED)
    still = [
        r
        for r in document["requirements"]
        if r["verdict"] not in judged
        and r["unit"] not in quiet
        and "expected" not in r
        and not phrases.is_loud(r)
    ]
    parts = [_absent(document, quiet, how), _unjudged(still, how)]
    for reason, together in phrases.expected(document):
        named = ", ".join(r["id"] for r in together) if how.full else ids(together)
        parts.append(
            f"{how.style(t('expected'), bold=True)}: {phrases.cleaned(reason)}\n{wrap(named)}"
        )
    return "\n\n".join(part for part in parts if part)


def _absent(document: Document, quiet: dict[str, str], how: Shown) -> str:
    """Return which units are missing or not started; in full, with what they say themselves."""
    lines = []
    for verdict in WHOLE_UNIT:
        names = [unit for unit, its in quiet.items() if its == verdict]
        if how.full and verdict == Outcome.NOT_STARTED:
            lines += [
                f"{how.style(unit, bold=True)} {word(verdict, how.style)}{_todo(document, unit)}"
                for unit in names
            ]
        elif names:
            text = wrap(f"{t(verdict)}: {', '.join(names)}", "")
            lines.append(word(verdict, how.style) + text.removeprefix(t(verdict)))
    return "\n".join(lines)


def _todo(document: Document, unit: str) -> str:
    """Return the first message of a unit that is not started."""
    for requirement in document["requirements"]:
        for case in requirement["cases"]:
            if requirement["unit"] == unit and case["outcome"] == Outcome.NOT_STARTED:
                return f"  {_first_line(case['message'].removeprefix('NotImplementedError: '))}"
    return ""


def _unjudged(requirements: list[Requirement], how: Shown) -> str:
    """Return what was not judged: all of one reason together, in short all of one unit."""
    groups: dict[tuple[str, str, str], list[Requirement]] = {}
    reasons: dict[tuple[str, str, str], dict[str, None]] = {}
    for requirement in requirements:
        case = next(c for c in requirement["cases"] if c["outcome"] == requirement["verdict"])
        message = _first_line(case["message"])
        reason = message.removeprefix("NotImplementedError: ").removeprefix("unsupported: ")
        key = requirement["unit"], requirement["verdict"], reason if how.full else ""
        groups.setdefault(key, []).append(requirement)
        reasons.setdefault(key, {})[reason] = None
    lines = []
    for key, together in groups.items():
        unit, verdict, _ = key
        said = "; ".join(list(reasons[key])[:MOST_REASONS])
        if how.full:
            named = wrap(", ".join(r["id"] for r in together))
            lines.append(
                f"{how.style(unit, bold=True)} {word(verdict, how.style)}: {said}\n{named}\n"
            )
        else:
            text = wrap(f"{unit} {t(verdict)} ({len(together)}): {said}", "", "  ")
            head = f"{how.style(unit, bold=True)} {word(verdict, how.style)}"
            lines.append(head + text.removeprefix(f"{unit} {t(verdict)}"))
    return "\n".join(lines).rstrip("\n")


# ---------------------------------------------------------------- what it looks like


def diagnosis(document: Document, how: Shown) -> str:
    """Return what the failures of each unit look like; in short, of the first units in full."""
    units = [unit for unit in document["units"] if unit.get("diagnosis")]
    told = [
        looks_like(unit, how.style, how.full or place < MOST_TOLD)
        for place, unit in enumerate(units)
    ]
    return "\n\n".join(told[:MOST_TOLD]) + "".join(f"\n{text}" for text in told[MOST_TOLD:])


def looks_like(unit: dict[str, Any], style: Style = plain, whole: bool = True) -> str:
    """Return the diagnosis of a unit, in one line each or whole."""
    lines = []
    for entry in unit["diagnosis"]:
        facts = {"unit": unit["unit"], "title": phrases.cleaned(likely.title(entry))}
        if entry.get("sentences"):
            head = wrap(t("{unit} looks like: {title}", **facts), "", "  ")
        else:  # what is no known mistake is a sentence of its own
            head = wrap(f"{facts['unit']}: {facts['title']}", "", "  ")
        lines.append(style(unit["unit"], bold=True) + head.removeprefix(unit["unit"]))
        if whole and entry["text"]:
            lines.append(wrap(phrases.cleaned(likely.text(entry, unit["unit"]))))
    return "\n".join(lines)


# ---------------------------------------------------------------- lines


def word(verdict: str, style: Style) -> str:
    """Return a verdict in its colour."""
    if verdict == Outcome.PASSED:
        return style(t("passed"), green=True)
    said = t(verdict)
    return style(said, red=True) if verdict in WRONG else style(said, yellow=True)


def wrap(text: str, indent: str = "  ", rest: str | None = None) -> str:
    """Return a text in lines of the width of the terminal, and of 100 columns at most."""
    width = min(shutil.get_terminal_size().columns, WIDE)
    return texts.filled(text, width, indent, indent if rest is None else rest)


def columns() -> int:
    """Return how wide the terminal is; where there is none, as wide as the table of all units."""
    return shutil.get_terminal_size((WIDE, 24)).columns


def height(text: str) -> int:
    """Return how many rows of a terminal a text takes."""
    wide = columns()
    lines = COLOURS.sub("", text).split("\n") if text else []
    return sum(max(1, -(-texts.columns(line) // wide)) for line in lines)


def _fitted(text: str) -> str:
    """Return a text whose lines are broken between words where they would be broken in one."""
    room = columns() - 2
    lines = [
        line if texts.columns(line) <= room else texts.filled(line, room, rest="  ")
        for line in text.split("\n")
    ]
    return "\n".join(lines)


def shown(text: str) -> str:
    """Return a text of anybody's, cleaned and not too long."""
    return phrases.cut(phrases.cleaned(text), LONG)


def _first_line(text: str) -> str:
    return phrases.cleaned(text.strip().partition("\n")[0][:300])
