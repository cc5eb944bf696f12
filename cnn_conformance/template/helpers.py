"""Which functions of the template's `checks.py` refuse what a unit should refuse.

What the clear reference calls where is read from its text; it is never imported.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from cnn_conformance import units
from cnn_conformance.locations import REFERENCE
from cnn_conformance.oracle.cases import Case

MODULE = "checks"


def said(error: Case, folder: Path) -> str:
    """Return which functions of a folder's `checks.py` raise an error; empty where none is there.

    Parameters
    ----------
    error : Case
        What is to be refused.
    folder : Path
        Where the student's files are.
    """
    method = _method(error)
    own = _functions(folder / f"{MODULE}.py")
    names = [name for name in called(error.unit).get(method, ()) if name in own]
    if not names:
        return ""
    functions = " and ".join(f"{MODULE}.{name}" for name in names)
    verb = "raises" if len(names) == 1 else "raise"
    return f"{functions}, called in {method}, {verb} such errors: see {MODULE}.py"


def _method(error: Case) -> str:
    """Return the method that has to refuse."""
    if "dout" in error.table and error.unit in units.OPTIMIZERS:
        return "step"
    if "dout" in error.table or error.table.get("before_forward"):
        return "backward"
    given = [*units.of(error.unit).inputs, "target"]
    return "forward" if any(name in error.table for name in given) else "__init__"


@cache
def called(unit: str) -> dict[str, tuple[str, ...]]:
    """Return for each method of a unit of the reference which functions of checks it calls."""
    source = (REFERENCE / f"{units.of(unit).stem}.py").read_text("utf-8")
    return {
        node.name: tuple(dict.fromkeys(_calls(node)))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
    }


def _calls(function: ast.FunctionDef) -> list[str]:
    return [
        node.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == MODULE
    ]


def _functions(file: Path) -> set[str]:
    """Return the functions that a file defines; none where it cannot be read."""
    try:
        body = ast.parse(file.read_text("utf-8")).body
    except (OSError, ValueError, SyntaxError):
        return set()
    return {node.name for node in body if isinstance(node, ast.FunctionDef)}
