"""`compare --html`: implementations as columns, requirements as rows, and a link to each report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cnn_conformance.language import t
from cnn_conformance.oracle import specification
from cnn_conformance.outcomes import Outcome
from cnn_conformance.reports import html, phrases

Document = dict[str, Any]
PAGE, REPORTS = "compare.html", "reports"
NOT_ASKED = "not asked"
COLUMNS = ("implementation", "points", "share", "lacks", "profile", "graded at")
"""What the table of implementations says of each."""
ALIKE = (Outcome.NOT_SELECTED, NOT_ASKED)
"""Where nothing was judged, nothing is lacked."""


def write(
    documents: Sequence[Document], names: Sequence[str], cautions: Sequence[str], folder: Path
) -> Path:
    """Write the page and the report of each result; return where the page is.

    Parameters
    ----------
    documents : sequence of dict
        Result documents, one or more.
    names : sequence of str
        What to call them.
    cautions : sequence of str
        What keeps the results from being compared point by point.
    folder : Path
        Where to write; it is made where it is not there.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    (folder / REPORTS).mkdir(parents=True, exist_ok=True)
    links = [f"{REPORTS}/{number}.html" for number in range(1, len(documents) + 1)]
    for document, link in zip(documents, links, strict=True):
        (folder / link).write_text(html.render(document), "utf-8", newline="\n")
    page = folder / PAGE
    page.write_text(render(documents, names, cautions, links), "utf-8", newline="\n")
    return page


def render(
    documents: Sequence[Document],
    names: Sequence[str],
    cautions: Sequence[str],
    links: Sequence[str],
) -> str:
    """Return the page.

    Parameters
    ----------
    documents, names, cautions
        As for `write`.
    links : sequence of str
        The address of each report, relative to the page.
    """
    clean = [phrases.prepared(document) for document in documents]
    units = _units(clean)
    return html.page(
        "compare.html.j2",
        ["report.css", "compare.css"],
        script=html.asset("compare.js"),
        implementations=[
            _implementation(document, name, link)
            for document, name, link in zip(clean, names, links, strict=True)
        ],
        groups=[_group(unit, clean) for unit in units],
        columns=COLUMNS,
        headline=_headline(len(documents)),
        units=units,
        aspects=[a for a in specification.ASPECTS if any(a in _aspects(d) for d in clean)],
        cautions=cautions,
    )


def _units(documents: Sequence[Document]) -> list[str]:
    """Return the units of any of the results, in the order of the specification."""
    there = dict.fromkeys(unit["unit"] for d in documents for unit in d["units"])
    known = [unit for unit in specification.units() if unit in there]
    return [*known, *(unit for unit in there if unit not in known)]


def _aspects(document: Document) -> set[str]:
    return {aspect for unit in document["units"] for aspect in unit["aspects"]}


def _implementation(document: Document, name: str, link: str) -> dict[str, Any]:
    lacking = [r for r in document["requirements"] if r["verdict"] not in (Outcome.PASSED, *ALIKE)]
    by_unit: dict[str, list[str]] = {}
    for requirement in lacking:
        by_unit.setdefault(requirement["unit"], []).append(requirement["id"])
    whole = [unit["unit"] for unit in document["units"] if not _any_passed(unit)]
    return {
        "name": name,
        "link": link,
        "points": t("withheld") if document["withheld"] else phrases.points(document),
        "percent": "" if document["withheld"] else phrases.percent(document),
        "profile": document["profile"],
        "graded_at": document["graded_at"],
        "count": len(lacking),
        "counted": _counted(len(lacking)),
        "whole": whole,
        "parts": [(unit, ids) for unit, ids in by_unit.items() if unit not in whole],
    }


def _headline(count: int) -> str:
    if count == 1:
        return t("1 implementation, side by side")
    return t("{count} implementations, side by side", count=count)


def _counted(count: int) -> str:
    if count == 1:
        return t("1 requirement")
    return t("{count} requirements", count=count) if count else t("no requirements")


def _any_passed(unit: dict[str, Any]) -> bool:
    return any(aspect["passed"] for aspect in unit["aspects"].values())


def _group(unit: str, documents: Sequence[Document]) -> dict[str, Any]:
    """Return what each implementation has of a unit, and of each of its requirements."""
    rows: dict[str, dict[str, Any]] = {}
    for place, document in enumerate(documents):
        for requirement in document["requirements"]:
            if requirement["unit"] == unit:
                new = {**requirement, "outcomes": [NOT_ASKED] * len(documents)}
                rows.setdefault(requirement["id"], new)["outcomes"][place] = requirement["verdict"]
    return {"unit": unit, "points": [_points(unit, d) for d in documents], "rows": [
        {
            "id": row["id"],
            "aspect": row["aspect"],
            "sentence": row["sentence"],
            "outcomes": row["outcomes"],
            "differ": len(set(row["outcomes"])) > 1,
            "lacking": [
                number
                for number, outcome in enumerate(row["outcomes"])
                if outcome not in (Outcome.PASSED, *ALIKE)
            ],
        }
        for row in rows.values()
    ]}  # fmt: skip


def _points(unit: str, document: Document) -> str:
    names = [str(entry["unit"]) for entry in document["units"]]
    worth = phrases.points_of(document["units"], document)
    return dict(zip(names, worth, strict=True)).get(unit, "")
