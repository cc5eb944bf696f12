"""What the kit says of wrong units that it was not written from, and whether that is so."""

import importlib
import multiprocessing
import os
import tomllib
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cnn_conformance import outcomes, units
from cnn_conformance.checks.registry import manifest
from tests.grade import RIGHT, checks_of, grade

FOLDER = Path(__file__).with_name("wrong")
JUDGEMENTS = ("true", "vague", "false")
COUNTS = (
    "units",
    "caught",
    "named right",
    "useful",
    "vague only",
    "silent",
    "false",
    "false first",
)
FEW = 8
"""How many units are graded in this process, rather than start others."""


@dataclass(frozen=True)
class Rewritten:
    """A wrong unit, and what is known of it.

    Parameters
    ----------
    file : str
        The stem of the files that have its code and its row.
    name : str
        What it is called there.
    unit : str
        What it is meant to be.
    row : dict
        Its row: the truth about it, and what the sentences about it are worth.
    """

    file: str
    name: str
    unit: str
    row: dict[str, Any]

    @property
    def apart(self) -> bool:
        """Whether it is not to be looked at by those who work on the diagnosis."""
        return self.row.get("apart", False)

    @property
    def profile(self) -> str:
        """What it is graded in: the first profile that has the unit, unless the row says so."""
        return self.row.get("profile", units.of(self.unit).profile)


@dataclass(frozen=True)
class Verdict:
    """What came of grading a wrong unit.

    Parameters
    ----------
    wrong : Rewritten
        Which.
    caught : bool
        Whether a check fails.
    lost : list of str
        The requirements that it does not pass.
    said : list of str
        The sentences about it, first things first.
    """

    wrong: Rewritten
    caught: bool
    lost: list[str]
    said: list[str]

    @property
    def judged(self) -> list[str]:
        """What each sentence is worth; "" where nobody has judged it."""
        return [self.wrong.row.get("said", {}).get(title, "") for title in self.said]


def _module(file: str) -> Any:
    return importlib.import_module(f"tests.rewritten.wrong.{file}")


def collected() -> list[Rewritten]:
    """Return every wrong unit, in the order of the files."""
    found = []
    for path in sorted(FOLDER.glob("[a-z]*.py")):
        module, table = _module(path.stem), path.with_suffix(".toml")
        rows = tomllib.loads(table.read_text("utf-8"))
        for name, code in vars(module).items():
            if getattr(code, "__module__", "") != module.__name__ or not hasattr(code, "unit"):
                continue
            if "is_right" not in vars(code):
                found.append(Rewritten(path.stem, name, code.unit, rows.pop(name, {})))
        assert not rows, f"{table.name} has rows without code: {', '.join(rows)}"
    return found


def verdict(wrong: Rewritten) -> Verdict:
    """Grade one of them, the other units being right."""
    np.random.seed(0)  # they draw their weights from numpy's global generator
    units = RIGHT | {wrong.unit: getattr(_module(wrong.file), wrong.name)}
    graded = grade(units, checks_of(wrong.unit, wrong.profile), profile=wrong.profile)
    caught = any(result.outcome in outcomes.WRONG for result in graded.results.values())
    lost = {manifest()[key].requirement for key in graded.not_passed}
    said = graded.titles(wrong.unit)
    return Verdict(wrong, caught, sorted(lost, key=lambda id_: int(id_.split("-")[1])), said)


def verdicts(wrong: list[Rewritten]) -> list[Verdict]:
    """Grade many, in as many processes as there are processors."""
    if len(wrong) <= FEW:
        return [verdict(each) for each in wrong]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(8, os.cpu_count() or 1), context) as pool:
        return list(pool.map(verdict, wrong))


def counts(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Return how many are caught and named right, and of how many something false is said."""
    found: Counter[str] = Counter()
    for each in verdicts:
        judged = each.judged
        found["units"] += 1
        found["caught"] += each.caught
        found["named right"] += judged[:1] == ["true"]
        found["useful"] += "true" in judged
        found["vague only"] += set(judged) == {"vague"}
        found["silent"] += each.caught and not judged
        found["false"] += "false" in judged
        found["false first"] += judged[:1] == ["false"]
    return {name: found[name] for name in COUNTS}
