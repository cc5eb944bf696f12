"""The report for the terminal: what is to be fixed, what it looks like, the table, the total."""

from __future__ import annotations

from typing import Any

import tabulate

from cnn_conformance.language import t
from cnn_conformance.oracle.specification import ASPECTS
from cnn_conformance.outcomes import Outcome
from cnn_conformance.reports import failures, phrases
from cnn_conformance.reports.failures import Style, word, wrap

tabulate.MIN_PADDING = 0  # columns as wide as what is in them: the table fits into 100
ROWS = 60
"""Rows of the report of a usual unit that fails."""
MOST_ITEMS = 3
"""Items of a list, of the first and of the last, that a short report shows."""
SHORT = {
    "forward": "fwd",
    "backward": "bwd",
    "hygiene": "hyg",
    "precision": "prec",
    "robustness": "rob",
}
"""What the columns of aspects are called where the whole names do not fit."""


def render(
    document: dict[str, Any],
    style: Style,
    command: str,
    fixtures: str = "",
    full: bool = False,
) -> str:
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
    full : bool
        Whether every failure is shown, and not only as many as make a report of ROWS rows.
    """
    how = failures.Shown(style, command, fixtures, full)
    problems = [style(phrases.cleaned(problem), red=True) for problem in document["problems"]]
    seen = document["reveal"] != "verdict"
    parts = [
        *problems,
        failures.not_judged(document, how) if seen else "",
        _notices(document, style, full),
        failures.diagnosis(document, how) if seen else "",
        _table(document, style),
        _summary(document, style),
    ]
    if seen:
        room = ROWS - sum(failures.height(part) + 1 for part in parts if part)
        parts.insert(len(problems), failures.failures(document, how, room))
    return phrases.unheeded("\n\n".join(part.strip("\n") for part in parts if part) + "\n")


def _table(document: dict[str, Any], style: Style) -> str:
    rows = []
    worth = phrases.points_of(document["units"], document)
    for unit, points in zip(document["units"], worth, strict=True):
        earned = any(aspect["passed"] for aspect in unit["aspects"].values())
        if unit["verdict"] == Outcome.NOT_SELECTED and not earned:
            continue
        cells = [_aspect(unit["aspects"].get(aspect), style) for aspect in ASPECTS]
        rows.append([unit["unit"], *cells, points, word(unit["verdict"], style)])
    columns = failures.columns()
    whole = _columns(rows, [t(aspect) for aspect in ASPECTS])
    if _width(whole) <= columns:
        return whole
    short = _columns(rows, [t(SHORT[aspect]) for aspect in ASPECTS])
    return short if _width(short) <= columns else _columns([[r[0], *r[-2:]] for r in rows], [])


def _columns(rows: list[list[str]], aspects: list[str]) -> str:
    align = ("left", *["right"] * len(aspects), "right", "left")
    return tabulate.tabulate(
        rows,
        [t("unit"), *aspects, t("points"), ""],
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


def _summary(document: dict[str, Any], style: Style) -> str:
    if document["withheld"]:
        total = style(t("grade withheld: the suite itself failed, see above"), bold=True, red=True)
    else:
        total = style(
            t(
                "total {points}  ({percent})",
                points=phrases.points(document),
                percent=phrases.percent(document),
            ),
            bold=True,
        )
    lines = [
        f"{total}   {phrases.cleaned(document['implementation'])}",
        wrap(phrases.tallied(document), ""),
    ]
    if document["profile"] != "core":
        lines.append(t("profile: {name}", name=document["profile"]))
    if document["reveal"] != "all":
        lines.append(t("shown: {level} (--reveal)", level=document["reveal"]))
    if document["partial"]:
        text = t("partial run: not every check was selected, so this is not a grade")
        lines.append(style(wrap(text, ""), yellow=True))
    return "\n".join(lines)


def _notices(document: dict[str, Any], style: Style, full: bool) -> str:
    """Return what a reader must know before they believe the points."""
    lines = [wrap(text, "") for text in phrases.total(document) + phrases.dialect(document)]
    told = [*phrases.isolation(document), *phrases.notices(document)]
    lines += [style(_notice(notice, full), yellow=True) for notice in told if notice]
    told = phrases.expectations(document)
    held = bool(told) and document["expected"]["held"]
    lines += [style(wrap(text, ""), **{"green" if held else "red": True}) for text in told]
    return "\n".join(lines)


def _notice(text: str, full: bool) -> str:
    """Return a notice, each item of its list on lines of its own; in short, some of them."""
    head, *items = text.split("\n")
    if not full and len(items) > 2 * MOST_ITEMS:
        count = len(items) - 2 * MOST_ITEMS
        left_out = f"{phrases.ITEM}{t('{count} more, with --full', count=count)}"
        items = [*items[:MOST_ITEMS], left_out, *items[-MOST_ITEMS:]]
    return "\n".join([wrap(head, ""), *(wrap(item, "  ", "    ") for item in items)])
