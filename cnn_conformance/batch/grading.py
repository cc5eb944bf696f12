"""The process that grades: one submission after the other, until nobody asks any more.

It is started by `jobs` and stays, so that Python, the suite and the golden data are loaded once.
The code under test is not in it either: that has a sandbox of its own, below this process.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

from cnn_conformance import diagnosis
from cnn_conformance.checks.registry import manifest
from cnn_conformance.grading import document, reveal, rubric
from cnn_conformance.grading.grader import Grader
from cnn_conformance.implementation import tree
from cnn_conformance.implementation.limits import Limits
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import Fixtures
from cnn_conformance.outcomes import WRONG, Outcome
from cnn_conformance.reports import html, words

RESULT, PAGE = "result.json", "report.html"


def main() -> None:
    """Answer requests: a line of JSON in, a line of JSON out."""
    tree.end_with_parent()
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever prints, no reply gets into
    manifest()
    for line in sys.stdin:
        replies.write(json.dumps(grade(json.loads(line)), allow_nan=False) + "\n")
        replies.flush()


def grade(job: dict[str, Any]) -> dict[str, Any]:
    """Grade one submission, write its result and its page, and return what a class report needs.

    Parameters
    ----------
    job : dict
        See `jobs.Job`.
    """
    started = time.monotonic()
    path = Path(job["rubric"])
    worth, policy = rubric.points(path, job["profile"]), rubric.imports(path)
    golden = _fixtures(job["fixtures"])
    implementation = Implementation(
        job["target"],
        specification.units(),
        job["isolation"],
        Limits(**job["limits"]),
        policy=policy,
        hidden=(golden.folder, path, Path(job["out"])),
    )
    try:
        grader = Grader(implementation, golden)
        grader.run_all(worth)
    finally:
        implementation.end()
    if implementation.grader_problem:  # nobody's fault but the machine's: it is tried again
        return {"error": implementation.grader_problem}
    graded = document.build(grader, worth)
    target = Path(job["target"])
    inside = f"{target if target.is_dir() else target.parent}/"  # which is nobody else's business
    graded["problems"] = [problem.replace(inside, "") for problem in graded["problems"]]
    if graded["points"] != graded["max_points"] and not graded["withheld"]:
        try:
            diagnosis.explain(grader, graded)
        except Exception as error:
            graded["problems"].append(f"the diagnosis failed ({type(error).__name__}: {error})")
    graded = reveal.apply(graded, job["reveal"]) | {"implementation": job["name"]}
    folder = Path(job["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / RESULT, json.dumps(graded, indent=1, allow_nan=False) + "\n")
    _write(folder / PAGE, html.render(graded))
    return summary(graded) | {
        "seconds": round(time.monotonic() - started, 3),
        "own_seconds": round(implementation.account.spent, 3),
    }


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
        "notices": words.notices(graded),
        "units": {
            u["unit"]: {
                "points": u["points"],
                "max_points": u["max_points"],
                "verdict": u["verdict"],
            }
            for u in graded["units"]
        },
        "lost": [r["id"] for r in graded["requirements"] if Outcome(r["verdict"]) in WRONG],
        "passed": [r["id"] for r in graded["requirements"] if r["verdict"] == Outcome.PASSED],
        "diagnoses": [
            f"{u['unit']}: {title}"
            for u in words.prepared(graded)["units"]
            for title, _ in words.diagnosis(u)
        ],
        "wrong": sorted(hashlib.sha256(text.encode()).hexdigest()[:10] for text in wrong),
    }


@cache
def _fixtures(folder: str) -> Fixtures:
    return Fixtures(Path(folder))


def _write(path: Path, text: str) -> None:
    """Replace a file when the new one is complete."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    unfinished.write_text(text, "utf-8", newline="\n")
    unfinished.replace(path)


if __name__ == "__main__":
    main()
