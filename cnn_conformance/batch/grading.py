"""The process that grades: one submission after the other, until nobody asks any more.

It is started by `jobs` and stays, so that Python, the suite and the golden data are loaded once.
The code under test is not in it either: that has a sandbox of its own, below this process.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

from cnn_conformance import language
from cnn_conformance.adapt import automatic
from cnn_conformance.batch import results
from cnn_conformance.checks.registry import manifest
from cnn_conformance.grading import expected, profiles, reveal, rubric, session, totals
from cnn_conformance.implementation.limits import Limits
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import Fixtures
from cnn_conformance.oracle.dialect import Dialect
from cnn_conformance.outcomes import WRONG, Outcome
from cnn_conformance.reports import html, phrases
from cnn_conformance.texts import without_surrogates

RESULT, PAGE = "result.json", "report.html"
ROOM = 64 << 10
"""Bytes of the folder for temporary files without which what a submission prints gets lost."""


def main() -> None:
    """Answer requests: a line of JSON in, a line of JSON out."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever prints, no reply gets into
    manifest()
    for line in sys.stdin:
        replies.write(json.dumps(_answer(json.loads(line)), allow_nan=False) + "\n")
        replies.flush()


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    """Return what came of a job; or what went wrong on this machine, which costs nobody a mark."""
    try:
        summary = grade(job)
        _demand_room()
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return {"error": f"{place}{error.strerror or error}"}
    return summary


def _demand_room() -> None:
    """Raise an error if the disk has no room for what is printed: then a print has failed."""
    folder = tempfile.gettempdir()
    if shutil.disk_usage(folder)[2] < ROOM:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), folder)


def grade(job: dict[str, Any]) -> dict[str, Any]:
    """Grade one submission, write its result and its page, and return what a class report needs.

    An adapter that is drafted for it is kept beside them.

    Parameters
    ----------
    job : dict
        See `jobs.Job`.
    """
    started = time.monotonic()
    path = Path(job["rubric"])
    plan, policy = profiles.plan(job["profile"], path), rubric.imports(path)
    golden = _fixtures(job["fixtures"], plan.dialect)
    lists = filter(None, [job["expect"], profiles.of_file(job["profile"])])
    implementation = Implementation(
        job["target"],
        specification.units(),
        job["isolation"],
        Limits(**job["limits"]),
        policy=policy,
        hidden=(golden.folder, path, Path(job["out"]), *map(Path, lists)),
        style=job["style"],
        usual_style=plan.style,
    )
    folder = Path(job["folder"])
    implementation = automatic.adapted(implementation, folder)
    graded = session.grade(implementation, golden, plan.worth, course=plan.course)
    if implementation.grader_problem:  # nobody's fault but the machine's: it is tried again
        return {"error": implementation.grader_problem}
    assert graded is not None  # nothing ends it
    target = Path(job["target"])
    inside = f"{target if target.is_dir() else target.parent}/"
    graded = totals.apply(graded, totals.read(path))
    if job["expect"]:
        graded = expected.apply(graded, expected.read(Path(job["expect"])))
    graded = _replaced(without_surrogates(inside), "", graded)  # which is nobody else's business
    graded = _replaced(without_surrogates(str(target)), job["name"], graded)
    graded = _replaced(f"{folder}/", "", graded)  # where a draft is kept
    graded = reveal.apply(graded, job["reveal"]) | {"implementation": job["name"]}
    graded = without_surrogates(graded)
    folder.mkdir(parents=True, exist_ok=True)
    results.write(folder / RESULT, json.dumps(graded, indent=1, allow_nan=False) + "\n")
    with language.speaking(job["lang"]):
        results.write(folder / PAGE, html.render(graded))
    return summary(graded) | {
        "seconds": round(time.monotonic() - started, 3),
        "own_seconds": round(implementation.account.spent, 3),
    }


def _replaced(text: str, by: str, value: Any) -> Any:
    """Return a value of JSON with another text in the place of one, wherever it stands."""
    if isinstance(value, str):
        return value.replace(text, by)
    if isinstance(value, dict):
        return {key: _replaced(text, by, item) for key, item in value.items()}
    return [_replaced(text, by, item) for item in value] if isinstance(value, list) else value


def summary(graded: dict[str, Any]) -> dict[str, Any]:
    """Return of a result document what is told of it beside the others of a class."""
    wrong = [
        f"{case['check']} {case['message']}"
        for r in graded["requirements"]
        for case in r["cases"]
        if Outcome(case["outcome"]) in WRONG
    ]
    return {
        "points": graded["points"],
        "max_points": graded["max_points"],
        "withheld": graded["withheld"],
        "isolation": graded["isolation"],
        "graded_at": graded["graded_at"],
        "problems": graded["problems"],
        "notices": phrases.notices(graded),
        "units": {
            u["unit"]: {
                "points": u["points"],
                "max_points": u["max_points"],
                "verdict": u["verdict"],
            }
            for u in graded["units"]
        },
        "held": graded.get("expected", {}).get("held", True),
        "lost": [r["id"] for r in graded["requirements"] if Outcome(r["verdict"]) in WRONG],
        "passed": [r["id"] for r in graded["requirements"] if r["verdict"] == Outcome.PASSED],
        "diagnoses": [
            f"{u['unit']}: {title}"
            for u in phrases.prepared(graded)["units"]
            for title, _ in phrases.diagnosis(u)
        ],
        "wrong": sorted(hashlib.sha256(text.encode()).hexdigest()[:10] for text in wrong),
    }


@cache
def _fixtures(folder: str, dialect: Dialect) -> Fixtures:
    return Fixtures(Path(folder), dialect)
