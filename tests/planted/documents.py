"""Small result documents made by hand: one of every outcome, a withheld one, a hostile one."""

import copy
import json
from typing import Any

OUTCOMES = (
    "passed", "failed", "error", "timeout", "crashed", "missing", "not-started", "unsupported",
    "blocked", "not-selected",
)  # fmt: skip
SCRIPT = "</script></style></pre><script>alert(1)</script><img src=x onerror=alert(2)>"
HOSTILE = (
    f"{SCRIPT} & \"quoted' ]]> <!-- \x1b[31mred\x07\x00\x08 \ud800 \uffff \u202e {{{{ 7*7 }}}}\r\n"
    "::error::taken over\n  ::stop-commands::x\n##[error]old\n```\n# heading\n``````\n| a | b |\n"
    "100 % of a: b, c \\"
) + "A" * 20_000


def case(name: str, outcome: str = "passed", unit: str = "conv2d", **more: Any) -> dict[str, Any]:
    """Return a case with everything that its outcome asks for."""
    entry: dict[str, Any] = {
        "check": f"test_{unit}.py::test_y[{' '.join(name.split())}]",
        "case": name,
        "outcome": outcome,
        "seconds": 0.25,
    }
    if outcome == "passed":
        entry["share_of_tolerance"] = 0.25
    elif outcome != "not-selected":
        entry |= {"why": f"Why {name}.", "message": f"{name} is {outcome}", "prints": ""}
        entry["details"] = {}
    return entry | more


def comparison(name: str = "wrong") -> dict[str, Any]:
    """Return a failed comparison of arrays of shape (2, 2, 2), with one wrong element."""
    details = {
        "shape": [2, 2, 2],
        "wrong_elements": 1,
        "elements": 8,
        "allowed": 0.01,
        "got_values": [[[1.0, 2.0], [3.0, 4.0]], [[5.0, -6.0], [7.0, "nan"]]],
        "expected_values": [[[1.0, 2.0], [3.0, 4.0]], [[5.0, -6.0], [7.0, 8.5]]],
        "difference_values": [[[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.001], [0.0, "nan"]]],
    }
    return case(name, "failed", message="y[1, 1, 1] is nan, expected 8.5", details=details)


def requirement(
    number: int, *cases: dict[str, Any], unit: str = "Conv2D", **more: Any
) -> dict[str, Any]:
    """Return a requirement whose verdict is the outcome of its first case, worth two points."""
    return {
        "id": f"{unit.upper()}-{number}",
        "unit": unit,
        "aspect": "forward",
        "sentence": "What `forward` has to do.",
        "verdict": cases[0]["outcome"],
        "points": 2.0 if cases[0]["outcome"] == "passed" else 0.0,
        "max_points": 2.0,
        "cases": list(cases),
    } | more


def document(*requirements: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a whole document with the sums that belong to it."""
    units = []
    for name in dict.fromkeys(r["unit"] for r in requirements):
        mine = [r for r in requirements if r["unit"] == name]
        got = {
            "points": sum(r["points"] for r in mine),
            "max_points": sum(r["max_points"] for r in mine),
        }
        passed = sum(r["verdict"] == "passed" for r in mine)
        wrong = next((r["verdict"] for r in mine if r["verdict"] != "passed"), "passed")
        aspects = {"forward": {"passed": passed, "requirements": len(mine), **got}}
        units.append({"unit": name, "verdict": wrong, **got, "aspects": aspects})
    outcomes = [c["outcome"] for r in requirements for c in r["cases"]]
    return {
        "format": "cnn-conformance-result",
        "version": 1,
        "implementation": "my_cnn.py",
        "problems": [],
        "imports": [],
        "not_enforced": [],
        "graded_at": "2026-01-02T03:04:05+00:00",
        "versions": {
            "conformance": "0.1.0",
            "numpy": "2.0.0",
            "python": "3.11.0",
            "fixtures": {"torch": "2.13.0", "numpy": "2.0.0"},
        },
        "fixtures": {"sha256": "0123456789abcdef" * 4, "seed": 0},
        "isolation": "process",
        "profile": "core",
        "reveal": "all",
        "partial": "not-selected" in outcomes,
        "withheld": False,
        "points": sum(r["points"] for r in requirements),
        "max_points": sum(r["max_points"] for r in requirements),
        "units": units,
        "requirements": list(requirements),
        "counts": {o: outcomes.count(o) for o in dict.fromkeys(outcomes)},
        "complete": "not-selected" not in outcomes,
    } | more


def of_every_outcome() -> dict[str, Any]:
    """Return a document with a requirement for every outcome, in two units."""
    conv = [requirement(k, case(o, o)) for k, o in enumerate(OUTCOMES[:5], 1)]
    pool = [
        requirement(k, case(o, o, "maxpool2d"), unit="MaxPool2D")
        for k, o in enumerate(OUTCOMES[5:], 1)
    ]
    picture = requirement(
        20, comparison(), case("b"), diagnosis=[{"title": "The kernel is rotated", "text": "Look."}]
    )
    return document(*conv, picture, *pool)


def withheld() -> dict[str, Any]:
    """Return a document in which the suite made a mistake, with points left in its requirements."""
    broken = requirement(1, case("broken", "suite-error"), points=1.25)
    made = document(broken, requirement(2, case("right")), withheld=True, points=None)
    for unit in made["units"]:
        unit["points"] = None
        for aspect in unit["aspects"].values():
            aspect["points"] = None
    return made


def hostile() -> dict[str, Any]:
    """Return a document that says HOSTILE wherever a text of anybody else's may stand."""
    bad = comparison(HOSTILE)
    bad |= {"why": HOSTILE, "message": HOSTILE, "prints": HOSTILE}
    bad["details"] |= {
        "traceback": HOSTILE,
        "reproduce": HOSTILE,
        "diagnosis": [{"title": HOSTILE, "text": HOSTILE}],
        "got_shape": HOSTILE,
        HOSTILE: HOSTILE,
    }
    odd_values = [
        {"shape": [2], "allowed": 1.0, "got_values": [HOSTILE, {}]},
        {"shape": [10**9, 10**9], "allowed": 1.0, "got_values": 1},
        {"shape": HOSTILE, "allowed": HOSTILE, "elements": HOSTILE},
        {"diagnosis": HOSTILE, "traceback": [HOSTILE], "reproduce": {"a": 1}},
    ]
    odd = [case(f"odd-{k}", "failed", details=copy.deepcopy(d)) for k, d in enumerate(odd_values)]
    waiting = case("waiting", "blocked", message=HOSTILE)
    likely = [{"title": HOSTILE, "text": HOSTILE}]
    made = document(
        requirement(1, bad, sentence=HOSTILE, diagnosis=likely),
        requirement(2, *odd),
        requirement(3, waiting),
        implementation=HOSTILE,
        problems=[HOSTILE, HOSTILE],
        isolation="none",
    )
    made["versions"] |= {"numpy": HOSTILE, "python": HOSTILE, "fixtures": {HOSTILE: HOSTILE}}
    made["units"][0]["diagnosis"] = likely
    return json.loads(json.dumps(made))
