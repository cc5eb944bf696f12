"""Saying what is wrong: known mistakes by name, and clues from the arrays themselves.

Runs after grading, on what failed only, in the grader's process; it changes no verdict. What it
finds goes into the result document: `diagnosis` of a unit (known mistakes) and of a requirement
(known mistakes and clues), each a list of {"title", "text"}.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from cnn_conformance.diagnosis.unit import explain_unit
from cnn_conformance.grading.grader import Grader
from cnn_conformance.outcomes import WRONG


def explain(grader: Grader, document: dict[str, Any]) -> None:
    """Add what is likely to be wrong to a result document.

    Whatever goes wrong in it costs one unit its sentences, and is noted once in `problems`.

    Parameters
    ----------
    grader : Grader
        After its run.
    document : dict
        Its result document.
    """
    lost: dict[str, list[dict[str, Any]]] = {}
    for requirement in document["requirements"]:
        if requirement["verdict"] in WRONG and requirement["aspect"] != "robustness":
            lost.setdefault(requirement["unit"], []).append(requirement)
    units = {unit["unit"]: unit for unit in document["units"]}
    failures: dict[str, list[str]] = {}
    for name, requirements in lost.items():
        try:
            with _silence():
                explain_unit(grader, units[name], requirements)
        except Exception as error:
            failures.setdefault(f"{type(error).__name__}: {error}", []).append(name)
    grader.implementation.end()
    if failures:
        said = "; ".join(f"{', '.join(names)}: {text}" for text, names in failures.items())
        document["problems"].append(f"the diagnosis failed ({said})")


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keep what wrong code prints and warns of to itself: wrong numbers may be anything."""
    sink = io.StringIO()
    with (
        contextlib.redirect_stdout(sink),
        contextlib.redirect_stderr(sink),
        np.errstate(all="ignore"),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield
