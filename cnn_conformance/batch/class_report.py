"""The page of a class: who has which unit, and what goes wrong most often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from cnn_conformance.batch import gradebook, likeness
from cnn_conformance.batch.likeness import Alike
from cnn_conformance.language import t
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.dialect import Dialect, requirements_of
from cnn_conformance.outcomes import Outcome
from cnn_conformance.reports import html, phrases
from cnn_conformance.reports.shares import added_up

Entry = dict[str, Any]
BINS = 10
MAX_SHOWN_MISTAKES = 12
FEWEST_SUBMISSIONS = 3
"""Submissions from which on it is strange that nobody passes a requirement."""
RARE, ALIKE, FEWEST = 0.1, 0.9, 5
"""Of wrong answers: the share of the class that may have one, the share that two submissions have
in common, and their number."""


def render(
    entries: Sequence[Entry],
    pages: dict[str, str],
    title: str,
    dialect: Dialect | None = None,
    copies: Sequence[Alike] = (),
) -> str:
    """Return the page.

    Parameters
    ----------
    entries : sequence of dict
        One for each submission, in the order in which they are shown.
    pages : dict
        The address of each submission's own page, by name, relative to this one.
    title : str
        What the class or the folder is called.
    dialect : Dialect, optional
        The conventions that the rubric declares: none unless given.
    copies : sequence of Alike
        Whose code is the same or nearly so.
    """
    dialect = dialect or Dialect()
    known = requirements_of(dialect)

    def sentence(id_: str) -> str:
        return (
            known[id_].sentence if id_ in known else t("(of another version of the specification)")
        )

    graded = [entry for entry in entries if entry.get("points") is not None]
    units = units_of(entries)
    return html.page(
        "class.html.j2",
        ["report.css", "class.css"],
        title=phrases.cleaned(title),
        rows=[_row(entry, units, pages.get(entry["name"], "")) for entry in entries],
        units=units,
        most=" ".join(sorted({f"{entry['max_points']:.1f}" for entry in graded})),
        graded=len(graded),
        mean=sum(map(_share, graded)) / len(graded) if graded else None,
        bins=distribution(graded),
        diagnoses=most_common(graded, "diagnoses"),
        lost=[(i, sentence(i), n, share) for i, n, share in most_common(graded, "lost")],
        nobody=[(i, sentence(i)) for i in nobody_passes(graded)],
        alike=alike(graded),
        copies=[
            (", ".join(map(phrases.cleaned, each.names)), each.how, each.share) for each in copies
        ],
        compares=likeness.can_compare(),
        failed=_remarks([entry for entry in entries if entry.get("points") is None]),
        remarks=_remarks(graded),
        isolation=sorted({e["isolation"] for e in graded}),
        warnings=[
            *phrases.dialect({"dialect": dialect.shown()}),
            *sorted({said for entry in graded for said in phrases.isolation(entry)}),
        ],
    )


def units_of(entries: Sequence[Entry]) -> list[str]:
    """Return the units that were graded, in the order of the specification."""
    return [u for u in specification.units() if any(u in e.get("units", ()) for e in entries)]


def distribution(graded: Sequence[Entry]) -> list[tuple[str, int, float]]:
    """Return the submissions in each tenth of the points: number, and share of the largest."""
    counts = Counter(min(int(_share(entry) * BINS), BINS - 1) for entry in graded)
    most = max(counts.values(), default=1)
    step = 100 // BINS
    return [
        (t("{low} to {high} %", low=i * step, high=(i + 1) * step), counts[i], counts[i] / most)
        for i in range(BINS)
    ]


def most_common(graded: Sequence[Entry], what: str) -> list[tuple[str, int, float]]:
    """Return what most submissions have in a list of theirs: it, how many, and their share."""
    counts = Counter(item for entry in graded for item in set(entry[what]))
    return [(item, n, n / len(graded)) for item, n in counts.most_common(MAX_SHOWN_MISTAKES)]


def nobody_passes(graded: Sequence[Entry]) -> list[str]:
    """Return the requirements that nobody passes, though somebody was right or wrong about them."""
    if len(graded) < FEWEST_SUBMISSIONS:
        return []
    passed = {item for entry in graded for item in entry["passed"]}
    lost = {item for entry in graded for item in entry["lost"]}
    return [item for item in specification.requirements() if item in lost - passed]


def alike(graded: Sequence[Entry]) -> list[tuple[str, str, int]]:
    """Return pairs of submissions with nearly the same wrong answers, that few others have."""
    counts = Counter(item for entry in graded for item in entry["wrong"])
    most = max(2, RARE * len(graded))
    rare = [(e["name"], {i for i in e["wrong"] if counts[i] <= most}) for e in graded]
    found = []
    for (one, mine), (other, theirs) in combinations([r for r in rare if len(r[1]) >= FEWEST], 2):
        shared = len(mine & theirs)
        if shared >= ALIKE * len(mine | theirs):
            found.append((phrases.cleaned(one), phrases.cleaned(other), shared))
    return sorted(found, key=lambda pair: -pair[2])


def _share(entry: Entry) -> float:
    return float(entry["points"] / entry["max_points"]) if entry["max_points"] else 0.0


def _remarks(entries: Sequence[Entry]) -> list[tuple[str, str]]:
    """Return who has a remark, and what it is."""
    told = [(entry["name"], gradebook.remark(entry)) for entry in entries]
    return [(phrases.cleaned(name), phrases.cleaned(remark)) for name, remark in told if remark]


def _row(entry: Entry, units: Sequence[str], page: str) -> dict[str, Any]:
    mine = entry.get("units", {})
    worth = dict(zip(mine, added_up([*mine.values()], entry, 1) if mine else [], strict=True))
    cells = []
    for unit in units:
        verdict = mine.get(unit, {}).get("verdict", str(Outcome.NOT_SELECTED))
        got, _ = worth.get(unit, (None, 0.0))
        cells.append({"verdict": verdict, "points": "" if got is None else f"{got:.1f}"})
    return {
        "name": phrases.cleaned(entry["name"]),
        "page": page,
        "points": entry.get("points"),
        "worth": phrases.points(entry).partition(" ")[0] if entry.get("points") is not None else "",
        "cells": cells,
    }
