"""Finding and importing what `--impl` names. Runs where the implementation runs.

A *target* is a package folder, a folder of loose files, one `.py` file, or a dotted name.
Nothing here raises for what the implementation does: what cannot be imported becomes a
`problems` entry that names the file and the line.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

SKIPPED_PREFIXES = ("test_", "setup", "conftest", "__main__")


@dataclass
class Loaded:
    """The names found, and what stood in the way of the others."""

    units: dict[str, object] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


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
    if path.is_dir() and not (path / "__init__.py").exists():
        return _load_loose(path.resolve(), names)
    loaded = Loaded()
    try:
        module = _import(path.resolve()) if path.exists() else importlib.import_module(target)
        loaded.units = {name: getattr(module, name) for name in names if hasattr(module, name)}
    except BaseException as error:
        loaded.problems.append(describe(error, target))
    return loaded


def _import(path: Path) -> ModuleType:
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
        name, file, submodule_search_locations=[str(path)] if path.is_dir() else None
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _load_loose(folder: Path, names: list[str]) -> Loaded:
    """Import those files of a folder that bind one of the names; scripts are left alone."""
    loaded = Loaded()
    sys.path.insert(0, str(folder))
    files = [f for f in sorted(folder.glob("*.py")) if not f.name.startswith(SKIPPED_PREFIXES)]
    if not files:
        loaded.problems.append(f"{folder}: no Python files in this folder")
    for file in files:
        try:
            bound = _bound_names(ast.parse(file.read_bytes(), str(file)))
            wanted = [name for name in names if name in bound or "*" in bound]
            module = _import(file) if wanted else None
        except BaseException as error:
            loaded.problems.append(describe(error, str(file)))
            continue
        for name in wanted:
            defines_it = file.stem == name.lower() or name not in loaded.units
            if defines_it and hasattr(module, name):
                loaded.units[name] = getattr(module, name)
    return loaded


def _bound_names(tree: ast.Module) -> set[str]:
    """Return the names that a module binds at its top level, with "*" for star imports."""
    bound: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            bound.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound.update(alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
    return bound


def describe(error: BaseException, where: str) -> str:
    """Return one line for an import that failed: the file, the line and the reason."""
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}: SyntaxError: {error.msg}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if _is_theirs(f.filename)]
    if frames:
        return f"{frames[-1].filename}, line {frames[-1].lineno}: {reason}"
    return f"{where}: {reason}"


def _is_theirs(filename: str) -> bool:
    ours = str(Path(__file__).parent)
    return not (filename.startswith((ours, "<frozen")) or "site-packages" in filename)


def own_traceback(error: BaseException, limit: int = 8) -> str:
    """Return the traceback of an error, without the frames of the suite itself."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = str(Path(__file__).parent)
    theirs = [f for f in frames if not f.filename.startswith(ours)]
    return "".join(traceback.format_list(theirs[-limit:])).rstrip()
