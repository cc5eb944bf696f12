"""Grading runs against their floor, and a batch of submissions against as many single runs.

All are whole processes, taken in turns. The floor is a pytest run of one empty test that imports
what the grading process imports, with the same options: what a run costs before it grades.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from .contestants import FOLDER
from .plan import Plan
from .process import Failed
from .record import Record
from .turns import Times, ratio, summary, take_turns

ROOT = FOLDER.parent
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
SECONDS = 300
IMPLEMENTATIONS = {
    "reference": "reference",
    "loops": "tests/correct/seven_loops.py",  # every product and every pixel in Python
    "torch": "examples/adapters/pytorch.py",
}
IMPORTS = """
import sys, pytest
pytest.main(["conformance", "-q", "-p", "no:cacheprovider", "--collect-only", "--impl=reference"])
ours = {"conformance", "tests", "reference", "__main__", "conftest"}
for name, module in sorted(sys.modules.items()):
    spec = getattr(module, "__spec__", None)
    parts = name.split(".")
    if spec and spec.name == name and parts[0] not in ours and all(map(str.isidentifier, parts)):
        print("IMPORT", name)
"""


def steps(plan: Plan) -> int:
    """Return how many steps the section "grading" has."""
    return plan.grading_rounds * (1 + len(plan.grading))


def measure(plan: Plan, record: Record) -> None:
    """Fill `results["grading"]`: seconds, and ratios to the floor, by run."""
    with tempfile.TemporaryDirectory() as folder:
        commands = {"floor": _floor(Path(folder))} | {run: _grading(run) for run in plan.grading}
        times = _in_turns(commands, plan.grading_rounds, record, "grading")
    for run in times:
        seconds = [value for value in times[run] if value is not None]
        if seconds:
            record.results["grading"][run] = {
                "seconds": summary(seconds),
                "ratio": ratio(times, run, "floor"),
            }


def measure_batch(plan: Plan, record: Record) -> None:
    """Fill `results["batch"]`: a batch as a multiple of as many runs of one."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for number in range(plan.copies):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / "reference", folder / "class" / f"s{number}", ignore=ignored)
        batch = [sys.executable, "-m", "conformance", "batch", str(folder / "class")]
        commands = {
            "one": [*PYTEST, "conformance", f"--impl={folder / 'class' / 's0'}"],
            "batch": [*batch, "--regrade", "--out", str(folder / "out")],
        }
        times = _in_turns(commands, plan.batches, record, "batch", lambda: _clear(folder / "out"))
    found = ratio(times, "batch", "one")
    if found is not None:
        for key in ("median", "low", "high"):
            found[key] /= plan.copies
        record.results["batch"] = {
            "copies": plan.copies,
            "ratio": found,
            "seconds": {
                name: summary([v for v in t if v is not None]) for name, t in times.items()
            },
        }


def _grading(run: str) -> list[str]:
    name, _, profile = run.partition(", ")
    options = [f"--impl={IMPLEMENTATIONS[name]}", f"--profile={profile or 'core'}"]
    return [*PYTEST, "conformance", *options]


def _floor(folder: Path) -> list[str]:
    """Write the empty test; return the command that runs it."""
    run = subprocess.run(
        [sys.executable, "-c", IMPORTS], capture_output=True, text=True, cwd=ROOT, timeout=SECONDS
    )
    names = [line.split()[1] for line in run.stdout.splitlines() if line.startswith("IMPORT ")]
    lines = [f"import {name}" for name in names] + ["", "def test_nothing():", "    pass", ""]
    (folder / "test_floor.py").write_text("\n".join(lines), encoding="utf-8")
    return [*PYTEST, str(folder), "-c", str(ROOT / "pyproject.toml"), f"--rootdir={folder}"]


def _in_turns(
    commands: dict[str, list[str]],
    rounds: int,
    record: Record,
    what: str,
    before: Callable[[], None] = lambda: None,
) -> Times:
    def timed(name: str) -> Callable[[], float]:
        def measure() -> float:
            before()
            record.step(f"{what}: {name}")
            return _seconds(commands[name])

        return measure

    return take_turns(
        {name: timed(name) for name in commands},
        rounds,
        {},
        lambda name, failure: record.missing(name, what, str(failure)),
    )


def _seconds(command: list[str]) -> float:
    """Run a command to its end; it may not fail."""
    start = time.perf_counter()
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, cwd=ROOT, timeout=SECONDS, env=dict(os.environ)
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"over {SECONDS} s") from None
    seconds = time.perf_counter() - start
    if run.returncode != 0:
        lines = (run.stderr + run.stdout).strip().splitlines() or [""]
        raise Failed(f"ended with {run.returncode}: {lines[-1]}")
    return seconds


def _clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
