"""A mistake as an edit: a piece of a unit's clear source, and what stands in its place.

The source is that of `reference/<stem>.py`. What an edit looks for has to be there exactly once,
in code and not in a docstring. Where it goes over several lines, they are written as if the first
stood at the margin.
"""

from __future__ import annotations

import ast
import difflib
import linecache
import textwrap
from collections.abc import Sequence
from functools import cache
from types import CodeType, ModuleType
from typing import Any

from cnn_conformance import reference, units
from cnn_conformance.locations import REFERENCE

Edit = tuple[str, str]
"""What is in the source, and what comes in its place."""
DEEPEST = 24
"""Spaces of indentation up to which a piece of several lines is looked for."""


class BadEdit(ValueError):
    """An edit cannot be made: what it looks for is not there, or is there twice."""


def edited(unit: str, name: str, edits: Sequence[Edit], constant: float | None = None) -> object:
    """Return a unit of the reference whose source is edited.

    Parameters
    ----------
    unit : str
        The unit.
    name : str
        What the mistake is called, for tracebacks.
    edits : sequence of (str, str)
        They are made one after another.
    constant : float, optional
        What the name CONSTANT stands for in them.

    Raises
    ------
    BadEdit
        If one of them cannot be made, or gives no Python.
    """
    text = source(unit, edits)
    file = f"<{unit}: {name}>"
    try:
        code = compile(text, file, "exec")
    except SyntaxError as error:
        raise BadEdit(f"{unit}: {name}: line {error.lineno}: {error.msg}") from error
    linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file
    made: object = executed(unit, code, constant)[unit]
    return made


def executed(unit: str, code: CodeType, constant: float | None = None) -> dict[str, Any]:
    """Return all that the code of a unit's file defines, as a part of the reference."""
    module = ModuleType(f"{reference.__name__}.{units.of(unit).stem}")
    module.__package__ = reference.__name__
    vars(module)["CONSTANT"] = constant
    exec(code, module.__dict__)
    return vars(module)


def source(unit: str, edits: Sequence[Edit] = ()) -> str:
    """Return the source of a unit's file, edited."""
    text = _source(units.of(unit).stem)
    for was, now in edits:
        start, found, indent = _find(text, was.strip("\n"), unit)
        rest = textwrap.indent(now.strip("\n"), indent).removeprefix(indent)
        text = text[:start] + rest + text[start + len(found) :]
    return text


def diff(unit: str, edits: Sequence[Edit]) -> str:
    """Return what edits change, as a unified diff with no more than a line around it."""
    before, after = (text.splitlines() for text in (source(unit), source(unit, edits)))
    lines = difflib.unified_diff(before, after, lineterm="", n=1)
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


def _find(text: str, was: str, unit: str) -> tuple[int, str, str]:
    """Return where a piece begins, the piece as it stands there, and its line's indentation."""
    code = _without_docstrings(text)
    indents = {" " * n for n in range(0, DEEPEST + 1, 4)} if "\n" in was else {""}
    pieces = {indent: textwrap.indent(was, indent).removeprefix(indent) for indent in indents}
    counts = {indent: code.count(piece) for indent, piece in pieces.items()}
    if sum(counts.values()) != 1:
        times = sum(counts.values())
        raise BadEdit(
            f"{unit}: expected once in {units.of(unit).stem}.py, found {times} times: {was}"
        )
    found = next(piece for indent, piece in pieces.items() if counts[indent])
    start = code.index(found)
    before = text[text.rfind("\n", 0, start) + 1 : start]
    return start, found, before[: len(before) - len(before.lstrip())]


@cache
def _source(stem: str) -> str:
    return (REFERENCE / f"{stem}.py").read_text("utf-8")


@cache
def _without_docstrings(text: str) -> str:
    """Return a text of the same length with spaces for its docstrings."""
    lines = text.splitlines(keepends=True)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(
            node
        ):
            first, last = node.body[0].lineno, node.body[0].end_lineno or 0
            for number in range(first - 1, last):
                lines[number] = " " * (len(lines[number]) - 1) + "\n"
    return "".join(lines)
