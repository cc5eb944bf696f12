"""Loading notebooks: imports, definitions and plain assignments, statement by statement.

What computes, prints or plots at the top level of a cell is left out, as a training run there would
use up the time of the import; a statement that raises is left out too. Both are noted with cell and
line. Runs where the implementation runs.
"""

from __future__ import annotations
import __future__

import ast
import linecache
from collections.abc import Collection, Iterable, Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

from cnn_conformance.implementation.blame import describe, notebook, of_cell
from cnn_conformance.implementation.notebooks import Cell
from cnn_conformance.implementation.statements import Stub, is_plain, kept

FUTURE = {name: getattr(__future__, name).compiler_flag for name in __future__.all_feature_names}
MAX_NOTES = 20


class NotebookLoader(SourceFileLoader):
    """Loads what a notebook defines.

    Parameters
    ----------
    fullname, path : str
        The module's name, and the notebook.
    wanted : collection of str
        Names that are made, with all that they need, however they are.
    """

    def __init__(self, fullname: str, path: str, wanted: Collection[str] = ()) -> None:
        super().__init__(fullname, path)
        self._wanted = wanted
        self.notes: list[str] = []
        """What was left out."""
        self.errors: list[str] = []
        """What of that should not have been: cells that cannot be read, statements that raised."""

    def exec_module(self, module: ModuleType) -> None:
        """Run what is to be run, one statement at a time."""
        book = notebook(Path(self.path))
        name = Path(self.path).name
        self.notes = [f"{name}, {note}" for note in book.notes[:MAX_NOTES]]
        for error in book.errors:
            self._note(f"{name}, {error}")
        trees = [(cell, ast.parse(cell.source).body) for cell in book.cells]
        needed = _needed([node for _, body in trees for node in body], self._wanted)
        left_out: list[int] = []
        flags = 0
        before, Stub.is_loading = Stub.is_loading, True
        try:
            for cell, body in trees:
                chosen = [each for node in body for each in _chosen(node, needed)]
                if len(chosen) < sum(not _is_text(node) for node in body):
                    left_out.append(cell.number)
                for node in chosen:
                    flags |= _future(node)
                    self._run(node, cell, module, flags)
        finally:
            Stub.is_loading = before
        if left_out:
            where = ("cell " if len(left_out) == 1 else "cells ") + ", ".join(map(str, left_out))
            self.notes.insert(
                0,
                f"{name}, {where}: what computes, prints or plots was not run, only imports, "
                "definitions and plain assignments",
            )

    def _run(self, node: ast.stmt, cell: Cell, module: ModuleType, flags: int) -> None:
        """Run a statement of a cell; one that raises is noted, and leaves stubs if it imports."""
        file = of_cell(self.path, cell.number)
        lines = [f"{line}\n" for line in cell.source.split("\n")]
        linecache.cache[file] = (len(cell.source), None, lines, file)
        try:
            code = compile(
                ast.fix_missing_locations(ast.Module([node], [])),
                file,
                "exec",
                flags,
                dont_inherit=True,
            )
            exec(code, vars(module))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            place = f"{file}, line {node.lineno}"
            why = describe(error, place, Path(self.path).parent)
            self._note(f"{why.replace(f'{Path(self.path).parent}/', '')}, so it was left out")
            for bound, full in _bound(node):
                vars(module).setdefault(bound, Stub(full, why))

    def _note(self, text: str) -> None:
        for kept_ones in (self.notes, self.errors):
            if len(kept_ones) < MAX_NOTES:
                kept_ones.append(text)


def _chosen(node: ast.stmt, needed: Collection[int]) -> Iterator[ast.stmt]:
    """Yield what of a statement is run: all or parts of it, or nothing."""
    if id(node) in needed:
        yield node
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        if node.value is not None and is_plain(node.value):
            yield node
    else:
        yield from kept([node], True)


def _needed(body: Iterable[ast.stmt], wanted: Collection[str]) -> set[int]:
    """Return which assignments the wanted names need, through what they refer to."""
    statements: dict[str, list[ast.stmt]] = {}
    for node in body:
        for name in _names_of(node):
            statements.setdefault(name, []).append(node)
    found: set[int] = set()
    seen: set[str] = set()
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for node in statements.get(name, ()):
            if isinstance(node, (ast.Assign, ast.AnnAssign)):
                found.add(id(node))
            waiting += _used(node)
    return found


def _used(node: ast.AST) -> set[str]:
    """Return the names of the notebook that a statement uses: a function has names of its own."""
    if isinstance(node, ast.ClassDef):
        parts = [*node.body, *node.bases, *node.keywords, *node.decorator_list]
        return set().union(*map(_used, parts))
    inside = list(ast.walk(node))
    loaded = {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return loaded
    own = {n.arg for n in inside if isinstance(n, ast.arg)}
    own |= {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    own -= {name for n in inside if isinstance(n, ast.Global) for name in n.names}
    return loaded - own


def _names_of(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a definition or an assignment gives."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield from (
                n.id
                for n in ast.walk(target)
                if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Del)
            )


def _is_text(node: ast.stmt) -> bool:
    """Tell whether a statement does nothing: a docstring, or `pass` in the place of a magic."""
    is_constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_constant or isinstance(node, ast.Pass)


def _future(node: ast.stmt) -> int:
    """Return the flags of the compiler for what a statement imports from `__future__`."""
    flags = 0
    if isinstance(node, ast.ImportFrom) and node.module == "__future__":
        for alias in node.names:
            flags |= FUTURE.get(alias.name, 0)
    return flags


def _bound(node: ast.stmt) -> Iterator[tuple[str, str]]:
    """Yield the names that an import gives, and of what."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        module = f"{node.module or ''}." if isinstance(node, ast.ImportFrom) else ""
        for alias in node.names:
            if alias.name != "*":
                yield alias.asname or alias.name.partition(".")[0], f"{module}{alias.name}"
