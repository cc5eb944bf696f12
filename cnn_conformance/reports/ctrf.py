"""The Common Test Report Format: a test for each check. Specification: https://ctrf.io."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from cnn_conformance.outcomes import WRONG, Outcome
from cnn_conformance.reports import phrases

SPEC_VERSION = "0.1.0"
STATUSES = ("passed", "failed", "skipped", "pending", "other")


def render(document: dict[str, Any]) -> str:
    """Return the report."""
    document = phrases.prepared(document)
    stale = phrases.stale(document)
    tests = [
        _test(r, case, r["id"] in stale) for r in document["requirements"] for case in r["cases"]
    ]
    seconds = sum(case["seconds"] for r in document["requirements"] for case in r["cases"])
    stop = round(1000 * datetime.fromisoformat(document["graded_at"]).timestamp())
    statuses = [test["status"] for test in tests]
    versions = document["versions"]
    report = {
        "reportFormat": "CTRF",
        "specVersion": SPEC_VERSION,
        "timestamp": document["graded_at"],
        "generatedBy": "cnn-conformance",
        "results": {
            "tool": {"name": "cnn-conformance", "version": versions["conformance"]},
            "summary": {
                "tests": len(tests),
                **{status: statuses.count(status) for status in STATUSES},
                "start": stop - round(1000 * seconds),
                "stop": stop,
                "extra": _extra(document),
            },
            "tests": tests,
            "environment": {
                "appName": document["implementation"],
                "extra": {"numpy": versions["numpy"], "python": versions["python"]},
            },
        },
    }
    return json.dumps(report, indent=1, allow_nan=False) + "\n"


def _extra(document: dict[str, Any]) -> dict[str, Any]:
    names = ["isolation", "partial", "withheld", "problems"]
    names += [] if document["withheld"] else ["points", "max_points"]
    found = {name: document[name] for name in names}
    found |= {"dialect": phrases.dialect(document)[0]} if "dialect" in document else {}
    found |= {"expected": document["expected"]["held"]} if "expected" in document else {}
    found |= {"style": document["style"]} if document.get("style") else {}
    return found | {"not_enforced": document.get("not_enforced", [])}


def _test(requirement: dict[str, Any], case: dict[str, Any], is_stale: bool) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": f"{requirement['id']} {case['case']}",
        "status": _status(case["outcome"]),
        "rawStatus": case["outcome"],
        "duration": round(1000 * case["seconds"]),
        "suite": [requirement["unit"], requirement["aspect"]],
        "filePath": case["check"].partition("::")[0],
        "extra": {"check": case["check"], "requirement": requirement["id"]},
    }
    if "message" in case:
        test["message"] = f"{requirement['sentence']}\n{case['message']}"
        trace = case["details"].get("traceback")
        if isinstance(trace, str):
            test["trace"] = trace
        if case["prints"].strip():
            test["stdout"] = case["prints"].splitlines()
    if "expected" in requirement and test["status"] != "passed":
        test["status"] = "other"
        test["extra"]["expected"] = requirement["expected"]
    if is_stale and test["status"] == "passed":
        test |= {"status": "failed", "message": "passes, and is listed as expected to fail"}
    return test


def _status(outcome: str) -> str:
    if outcome == Outcome.PASSED:
        return "passed"
    if outcome in WRONG:
        return "failed"
    known = {Outcome.NOT_SELECTED: "skipped", Outcome.NOT_STARTED: "pending"}
    return known.get(Outcome(outcome), "other")
