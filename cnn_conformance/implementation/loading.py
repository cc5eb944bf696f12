"""Finding and importing what `--impl` names. Runs where the implementation runs.

A *target* is a package folder, a folder of loose files, one `.py` file or notebook, or a dotted
name. Nothing here raises for what the implementation does: what cannot be imported becomes a
`problems` entry that names the file and the line.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from cnn_conformance.implementation.blame import describe, read_source
from cnn_conformance.implementation.notebook_loader import NotebookLoader
from cnn_conformance.implementation.notebooks import is_notebook
from cnn_conformance.implementation.statements import Stub

SKIPPED_PREFIXES = ("test_", "setup.", "conftest.", "__main__.", ".")


@dataclass
class Loaded:
    """The names found, and what stood in the way of the others."""

    units: dict[str, object] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    modules: dict[str, ModuleType] = field(default_factory=dict)
    """The modules that gave the names."""
    notes: list[str] = field(default_factory=list)
    """What of a notebook was left out."""
    style: Any = None
    """The style through which they are given (see `styles`), None where they are exported."""


def load(target: str, names: list[str]) -> Loaded:
    """Import a target and return those of `names` that it exports.

    Parameters
    ----------
    target : str
        A path or a dotted module name.
    names : list of str
        The units to look for.
    """
    path = Path(target)
    home = (path if path.is_dir() else path.parent).resolve() if path.exists() else None
    if path.is_dir() and not (path / "__init__.py").exists():
        return _load_loose(path.resolve(), names)
    loaded = Loaded()
    try:
        known = path.exists()
        module = _import(path.resolve(), names) if known else importlib.import_module(target)
    except BaseException as error:
        loaded.problems.append(describe(error, target, home))
        return loaded
    for name in names:
        _take(loaded, module, name, target, home)
    _note(loaded, module, names)
    if path.is_dir() and not loaded.units and not loaded.problems:
        return _load_loose(path.resolve(), names, f"{module.__name__}.")
    return loaded


def _import(path: Path, wanted: Collection[str] = ()) -> ModuleType:
    """Import a package folder or a single file; its neighbours are importable too."""
    file = path / "__init__.py" if path.is_dir() else path
    for folder in (path.parent, *([path] if path.is_dir() else [])):
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
    name = path.stem
    known = sys.modules.get(name)
    if known is not None:
        if getattr(known, "__file__", None) == str(file):
            return known
        name = f"implementation_{name}"
    spec = importlib.util.spec_from_file_location(
        name,
        file,
        loader=NotebookLoader(name, str(file), wanted) if is_notebook(file) else None,
        submodule_search_locations=[str(path)] if path.is_dir() else None,
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is not a Python file")
    read_source(file)  # whose complaints tell more than Python's
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _load_loose(folder: Path, names: list[str], package: str = "") -> Loaded:
    """Import those files of a folder that provide the names, and no others: scripts are not run.

    `package` is the prefix of their names where the folder is a package that exports nothing.
    """
    loaded = Loaded()
    sys.path.insert(0, str(folder))
    found = [*sorted(folder.glob("*.py")), *sorted(folder.glob("*.ipynb"))]
    files = [file for file in found if not file.name.startswith(SKIPPED_PREFIXES)]
    if not files:
        loaded.problems.append(f"{folder}: neither Python files nor notebooks in this folder")
    sources = {}
    for file in files:
        try:
            sources[file] = Source.read(file)
        except BaseException as error:
            loaded.problems.append(describe(error, str(file), folder))
    failed: set[Path] = set()
    for name in names:
        ranked = sorted((rank, file) for file in sources if (rank := _rank(file, name, sources)))
        for _, file in ranked:
            try:
                if file in failed:
                    continue
                is_part = package and not is_notebook(file)
                module = (
                    importlib.import_module(package + file.stem)
                    if is_part
                    else _import(file, names)
                )
            except BaseException as error:
                failed.add(file)
                loaded.problems.append(describe(error, str(file), folder))
                continue
            if _take(loaded, module, name, str(file), folder):
                break
    for module in dict.fromkeys(loaded.modules.values()):
        _note(loaded, module, names)
    loaded.problems = list(dict.fromkeys(loaded.problems))  # a file may be in the way of others
    return loaded


def _take(loaded: Loaded, module: ModuleType, name: str, where: str, home: Path | None) -> bool:
    """Take a name from a module, and tell whether it has it; it may be made only now, and fail."""
    try:
        found = hasattr(module, name) and not isinstance(getattr(module, name), Stub)
        loaded.units |= {name: getattr(module, name)} if found else {}
        loaded.modules |= {name: module} if found else {}
    except BaseException as error:
        loaded.problems += [] if loaded.problems else [describe(error, where, home)]
        return False
    return found


def notes_of(module: ModuleType) -> list[str]:
    """Return what was left out of a module that is a notebook."""
    loader = module.__spec__.loader if module.__spec__ else None
    return loader.notes if isinstance(loader, NotebookLoader) else []


def _note(loaded: Loaded, module: ModuleType, names: Collection[str]) -> None:
    """Keep what was left out of a notebook; what raised is in the way of units not there."""
    loaded.notes += notes_of(module)
    loader = module.__spec__.loader if module.__spec__ else None
    if isinstance(loader, NotebookLoader) and set(names) - set(loaded.units):
        loaded.problems += loader.errors


@dataclass(frozen=True)
class Source:
    """What can be told of a file without running it.

    Parameters
    ----------
    defined : frozenset of str
        Names that it gives to classes and functions.
    bound : frozenset of str
        Names that it binds by an import or an assignment.
    stars : frozenset of str
        Modules that it imports everything from.
    is_script : bool
        Whether an import would do more than define something: it calls or loops at top level.
    parameters : dict
        The parameters of its functions, classes and methods, by `name` or `Class.method`.
    unwritten : frozenset of str
        Functions that do nothing but return None, as those that a course leaves to be written.
    """

    defined: frozenset[str]
    bound: frozenset[str]
    stars: frozenset[str]
    is_script: bool
    parameters: dict[str, frozenset[str]]
    unwritten: frozenset[str]

    @classmethod
    def read(cls, file: Path) -> Source:
        """Parse a file."""
        return cls.of(ast.parse(read_source(file), str(file)))

    @classmethod
    def of(cls, tree: ast.Module) -> Source:
        """Look through a file that is parsed."""
        nodes = list(_top_level(tree.body))
        imports = [n for n in nodes if isinstance(n, (ast.Import, ast.ImportFrom))]
        bound = {a.asname or a.name for node in imports for a in node.names}
        for node in nodes:
            if isinstance(node, (ast.Assign, ast.AnnAssign)):
                stored = (n for n in ast.walk(node) if isinstance(n, ast.Name))
                bound |= {n.id for n in stored if isinstance(n.ctx, ast.Store)}
        return cls(
            frozenset(n.name for n in nodes if isinstance(n, (ast.ClassDef, ast.FunctionDef))),
            frozenset(bound),
            frozenset(
                (node.module or "").rpartition(".")[2]
                for node in imports
                if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
            ),
            any(
                isinstance(node, (ast.For, ast.While, ast.With))
                or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
                for node in nodes
            ),
            dict(_parameters(nodes)),
            frozenset(n.name for n in nodes if isinstance(n, ast.FunctionDef) and _is_open(n)),
        )


def _is_open(function: ast.FunctionDef) -> bool:
    """Tell whether a function does nothing but `out, cache = None, None` and return them."""
    values = [n.value for n in function.body if isinstance(n, (ast.Assign, ast.Return))]
    parts = [n for value in values if value is not None for n in ast.walk(value)]
    known = {
        n.id
        for each in function.body
        for n in ast.walk(each)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    plain = (ast.Tuple, ast.Load, ast.Name, ast.Constant)
    return all(
        isinstance(n, (ast.Assign, ast.Return, ast.Pass))
        or (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))
        for n in function.body
    ) and all(
        isinstance(n, plain)
        and getattr(n, "value", None) is None
        and getattr(n, "id", None) in {None, *known}
        for n in parts
    )


def _parameters(nodes: Iterable[ast.stmt]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield what functions, classes and methods are called with, by name."""
    for node in nodes:
        if isinstance(node, ast.ClassDef):
            methods = dict(_parameters(node.body))
            yield node.name, methods.get("__init__", frozenset())
            yield from ((f"{node.name}.{name}", taken) for name, taken in methods.items())
        elif isinstance(node, ast.FunctionDef):
            args = node.args
            known = [*args.posonlyargs, *args.args, *args.kwonlyargs]
            yield node.name, frozenset(each.arg for each in known)


def _top_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Return the statements that an import executes, those within `if` and `try` too."""
    for node in body:
        yield node
        if isinstance(node, ast.If) and not _asks_for_main(node):
            yield from _top_level([*node.body, *node.orelse])
        elif isinstance(node, ast.Try):
            handlers = [statement for handler in node.handlers for statement in handler.body]
            yield from _top_level([*node.body, *handlers, *node.orelse, *node.finalbody])


def _asks_for_main(node: ast.If) -> bool:
    return any(isinstance(n, ast.Name) and n.id == "__name__" for n in ast.walk(node.test))


def _rank(file: Path, name: str, sources: dict[Path, Source]) -> int:
    """Return how likely a file is the one that provides a name: 1 is best, 0 is not at all."""
    source = sources[file]
    if is_notebook(file):  # where a file of Python has the same name, that is the finished one
        return 6 if name in source.defined | source.bound else 0
    if name in source.defined:
        own = file.stem.lower() == name.lower()
        return 1 if own else 2 + source.is_script
    if source.is_script:
        return 0
    if name in source.bound:
        return 4
    stars = {file.with_name(f"{module}.py") for module in source.stars}
    return 5 if stars - set(sources) or "__getattr__" in source.defined else 0
