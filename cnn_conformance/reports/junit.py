"""`junit.xml`: a suite for each unit, a test case for each check.

Only what was not selected, or fails as expected, is skipped: a skip never counts as a pass, and
many readers of the format let it be one. A row of a list of known deviations that is no longer true
is a failure of what passes.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from cnn_conformance.outcomes import Outcome
from cnn_conformance.reports import phrases

ERRORS = frozenset({Outcome.ERROR, Outcome.TIMEOUT, Outcome.CRASHED, Outcome.SUITE_ERROR})


def render(document: dict[str, Any]) -> str:
    """Return the file."""
    document = phrases.prepared(document)
    stamp = document["graded_at"].replace("+00:00", "")
    root = ET.Element("testsuites", name="cnn-conformance")
    stale = phrases.stale(document)
    for unit in document["units"]:
        suite = ET.SubElement(root, "testsuite", name=unit["unit"], timestamp=stamp)
        _properties(suite, document, unit)
        mine = [r for r in document["requirements"] if r["unit"] == unit["unit"]]
        cases = [(r, case) for r in mine for case in r["cases"]]
        for requirement, case in cases:
            _case(suite, requirement, case, stale)
        _count(suite)
    _count(root)
    ET.indent(root, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, "unicode")}\n'


def _properties(suite: ET.Element, document: dict[str, Any], unit: dict[str, Any]) -> None:
    known = {
        "implementation": document["implementation"],
        "style": document.get("style", ""),
        "isolation": document["isolation"],
        "partial": str(document["partial"]).lower(),
        "withheld": str(document["withheld"]).lower(),
        "fixtures": document["fixtures"]["sha256"],
        "problems": "\n".join(document["problems"]),
        "dialect": " ".join(phrases.dialect(document)),
        "not_enforced": ", ".join(document.get("not_enforced", ())),
    }
    if unit["points"] is not None:
        known |= {"points": str(unit["points"]), "max_points": str(unit["max_points"])}
    parent = ET.SubElement(suite, "properties")
    for name, value in known.items():
        ET.SubElement(parent, "property", name=name, value=value)


def _count(element: ET.Element) -> None:
    cases = list(element.iter("testcase"))
    counts = {"tests": len(cases)}
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        counts[name] = sum(case.find(tag) is not None for case in cases)
    for name, count in counts.items():
        element.set(name, str(count))
    element.set("time", f"{sum(float(case.get('time', 0)) for case in cases):.6f}")


def _case(
    suite: ET.Element, requirement: dict[str, Any], case: dict[str, Any], stale: set[str]
) -> None:
    element = ET.SubElement(
        suite,
        "testcase",
        name=f"{requirement['id']} {case['check'].partition('::')[2]}",
        classname=f"cnn_conformance.{requirement['unit']}.{requirement['aspect']}",
        time=f"{case['seconds']:.6f}",
    )
    outcome = case["outcome"]
    if outcome == Outcome.PASSED:
        if requirement["id"] in stale:
            message = "passes, and is listed as expected to fail"
            ET.SubElement(element, "failure", message=message, type="unexpected pass")
        return
    if outcome == Outcome.NOT_SELECTED:
        ET.SubElement(element, "skipped", message="not selected")
        return
    if "expected" in requirement:
        message = f"expected: {requirement['expected']}"
        ET.SubElement(element, "skipped", message=message, type=outcome)
        return
    trace = case["details"].get("traceback")
    parts = [requirement["sentence"], case["why"], case["message"]]
    parts += [trace] if isinstance(trace, str) else []
    kind = "error" if outcome in ERRORS else "failure"
    message = phrases.cut(case["message"].partition("\n")[0], 300, " ... ")
    ET.SubElement(element, kind, message=message, type=outcome).text = "\n".join(parts)
    if case["prints"].strip():
        ET.SubElement(element, "system-out").text = case["prints"]
