"""Loading code for what it defines: no training runs, and what cannot be imported is stubbed.

A file that only defines something is run whole. Of a script, which calls or loops at top level,
only imports, functions, classes and plain assignments are; a package's `__init__.py`, which may set
things up, is run whole, too. An import that fails, in any, leaves a stub that says so when it is
used. This holds for all files of the code's folder, however they are imported. Runs where the
implementation runs.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.machinery import FileFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from cnn_conformance.implementation import careful_reading
from cnn_conformance.implementation.blame import describe, read_source
from cnn_conformance.implementation.loading import SKIPPED_PREFIXES, Source
from cnn_conformance.implementation.notebook_loader import NotebookLoader
from cnn_conformance.implementation.notebooks import is_notebook
from cnn_conformance.implementation.statements import STUB, Stub, guarded, kept

MAX_FILES = 500
NOT_LOOKED_INTO = ("__pycache__", "site-packages", "tests", "test")
Sources = tuple[dict[Path, Source], list[str]]
"""What can be told of files without running them, and what is wrong with the others."""
target = ""
"""What is loaded through a style: an adapter that is used as one has to know where that is."""


@dataclass
class Foreign:
    """What code in a style of its own defines.

    Parameters
    ----------
    names : dict
        Classes, functions and whatever else has a public name, by that name; also the modules.
    problems : list of str
        What stood in the way of the others.
    modules : list of ModuleType
        Where they come from, the likeliest first.
    """

    names: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    modules: list[ModuleType] = field(default_factory=list)

    def forget(self) -> None:
        """Let the modules be imported anew, as a whole."""
        homes = {module.__name__.partition(".")[0] for module in self.modules}
        for name in [name for name in sys.modules if name.partition(".")[0] in homes]:
            del sys.modules[name]


def sources(path: Path) -> Sources:
    """Return what can be told without running it of a file, or of every file in a folder.

    Returns
    -------
    sources : dict
        By file.
    problems : list of str
        What is wrong with the files that cannot be parsed.
    """
    trees, problems = parsed(path)
    return {file: Source.of(tree) for file, tree in trees.items()}, problems


def parsed(path: Path) -> tuple[dict[Path, ast.Module], list[str]]:
    """Return a file, or every file in a folder, as it is parsed, and what is wrong with others."""
    found: dict[Path, ast.Module] = {}
    problems = []
    for file in [path] if path.is_file() else _files(path):
        try:
            found[file] = ast.parse(read_source(file), str(file))
        except Exception as error:  # of whatever kind: it is a stranger's
            problems.append(describe(error, str(file), path))
    return found, problems


def _files(folder: Path) -> Iterator[Path]:
    """Yield the Python files in a folder, those nearer to its top first, and then notebooks."""

    def is_foreign(entry: careful_reading.Entry) -> bool:
        name = entry.path.name
        return name.startswith(SKIPPED_PREFIXES) or name in NOT_LOOKED_INTO

    found = []
    with contextlib.suppress(OSError, careful_reading.Refused):  # what was seen is looked at
        for entry in careful_reading.walk(folder, skip=is_foreign):
            is_source = entry.path.suffix == ".py" or is_notebook(entry.path)
            if is_source and entry.kind == "file":
                found.append(entry.path)
    found.sort(key=lambda file: (is_notebook(file), len(file.parts), file))
    yield from (folder / file for file in found[:MAX_FILES])


def load(
    path: Path,
    wanted: Callable[[Source], float] = lambda source: 1,
    known: Sources | None = None,
) -> Foreign:
    """Load a file, or those of a folder that are wanted.

    Parameters
    ----------
    path : Path
        A file or a folder.
    wanted : callable
        How much a file is wanted, 0 for not at all. Of two definitions of a name, the one in the
        file that is wanted more is taken; one that is still to be written gives way to any other.
    known : tuple, optional
        What `sources` has returned for the path, if it was asked already.
    """
    path = path.resolve()
    found, problems = known if known is not None else sources(path)
    problems = list(problems)
    ranked = sorted((f for f in found if wanted(found[f])), key=lambda f: -wanted(found[f]))
    foreign = Foreign(problems=problems)
    root = path if path.is_dir() else path.parent
    with _only_definitions(root):
        package = _package(root, foreign.problems)
        for file in ranked:
            inside = file.relative_to(root).with_suffix("").parts
            parts = inside[:-1] if inside[-1] == "__init__" else inside
            try:
                load_one = _of_notebook if is_notebook(file) else _of_module
                foreign.modules.append(load_one(file, ".".join([package, *parts])))
            except BaseException as error:
                foreign.problems.append(describe(error, str(file), root))
    read = [found[Path(str(m.__file__))] for m in foreign.modules]
    own = [(source.defined - source.unwritten, source.defined) for source in read]
    for step in (0, 1, None):  # what is written, what is defined, and what is imported
        for module, names in zip(foreign.modules, own, strict=True):
            for name, value in vars(module).items():
                if not name.startswith("_") and (step is None or name in names[step]):
                    foreign.names.setdefault(name, value)
    for module in foreign.modules:
        foreign.names.setdefault(module.__name__.rpartition(".")[2], module)
    return foreign


def _package(root: Path, problems: list[str]) -> str:
    """Make a package of a folder, and return its name: what is in it may import its neighbours."""
    name = root.name.replace(".", "_")
    known = sys.modules.get(name)
    if known is not None and str(root) in getattr(known, "__path__", ()):
        return name
    if known is not None or name in sys.stdlib_module_names:
        name = f"implementation_{name}"
    file = root / "__init__.py"
    package = ModuleType(name)
    package.__path__ = [str(root)]
    sys.modules[name] = package
    if file.exists():
        loader = DefinitionsLoader(name, str(file))
        package.__spec__ = importlib.util.spec_from_file_location(
            name, file, loader=loader, submodule_search_locations=[str(root)]
        )
        package.__file__, package.__package__ = str(file), name
        try:
            loader.exec_module(package)
        except BaseException as error:
            problems.append(describe(error, str(file), root))
    return name


def _of_module(file: Path, name: str) -> ModuleType:
    """Import a file of a package by its name there."""
    return importlib.import_module(name)


def _of_notebook(file: Path, name: str) -> ModuleType:
    """Load a notebook, which may be called what no module can be."""
    loader = NotebookLoader(name, str(file))
    spec = importlib.util.spec_from_file_location(name, file, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    loader.exec_module(module)
    return module


@contextlib.contextmanager
def _only_definitions(root: Path) -> Iterator[None]:
    """Let imports from a folder, and from below it, run only definitions."""

    def hook(entry: str) -> FileFinder:
        if not Path(entry).resolve().is_relative_to(root):
            raise ImportError(entry)
        return FileFinder(entry, (DefinitionsLoader, [".py"]))

    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    sys.path_hooks.insert(0, hook)
    sys.path_importer_cache.clear()
    Stub.is_loading = True
    try:
        yield
    finally:
        Stub.is_loading = False
        sys.path_hooks.remove(hook)
        sys.path_importer_cache.clear()


class DefinitionsLoader(SourceFileLoader):
    """Loads of a file what it defines."""

    def get_code(self, fullname: str) -> CodeType:
        """Compile the file, never a copy that Python keeps: that would be all of it."""
        tree = ast.parse(read_source(Path(self.path)), self.path)
        is_script = Source.of(tree).is_script and Path(self.path).name != "__init__.py"
        tree.body = [guarded(node) for node in kept(tree.body, is_script)]
        return compile(ast.fix_missing_locations(tree), self.path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        """Run it as from its own folder, with a stub at hand for each import that fails."""
        vars(module)[STUB] = Stub
        before = list(sys.path)
        for folder in _homes(Path(self.path).parent):
            _let_go_of_others(folder)
            sys.path.insert(0, str(folder))
        try:
            super().exec_module(module)
        finally:
            sys.path[:] = before


def _homes(folder: Path) -> Iterator[Path]:
    """Yield from where a file's neighbours may be imported: beside its package, and beside it."""
    top = folder
    while (top / "__init__.py").exists():
        top = top.parent
    if top != folder:
        yield top
    yield folder


def _let_go_of_others(folder: Path) -> None:
    """Forget modules of other folders that are called as one in this folder: it has its own."""
    for entry in folder.iterdir():
        known = sys.modules.get(entry.stem)
        where = getattr(known, "__file__", None)
        is_module = entry.suffix == ".py" or (entry / "__init__.py").exists()
        if not (is_module and where and isinstance(known, ModuleType)):
            continue
        if not isinstance(known.__loader__, DefinitionsLoader):
            continue
        if Path(where) not in (entry, entry / "__init__.py"):
            for name in [n for n in sys.modules if n.partition(".")[0] == entry.stem]:
                del sys.modules[name]
