"""Loading code for what it defines: no training runs, and what cannot be imported is stubbed.

A file that only defines something is run whole. Of a script, which calls or loops at top level,
only imports, functions, classes and plain assignments are; a package's `__init__.py`, which may set
things up, is run whole, too. An import that fails, in any, leaves a stub that says so when it is
used. This holds for all files of the code's folder, however they are imported. Runs where the
implementation runs.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.machinery import FileFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from cnn_conformance.implementation import careful_reading
from cnn_conformance.implementation.blame import describe, read_source
from cnn_conformance.implementation.loading import SKIPPED_PREFIXES, Source

MAX_FILES = 500
NOT_LOOKED_INTO = ("__pycache__", "site-packages", "tests", "test")
LIBRARIES = frozenset(
    {"np", "numpy", "math", "os", "typing", "collections", "functools", "itertools"}
)
READERS = ("load", "from", "gen", "mem", "open", "system", "popen", "exec", "fork", "spawn")
"""How those functions of a library begin that a plain assignment does not call."""
STUB = "__stub__"
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


class Stub:
    """Stands for what could not be imported, until it is used.

    Parameters
    ----------
    name : str
        What was imported.
    why : str
        Why that failed.
    """

    is_loading = False

    def __init__(self, name: str, why: str) -> None:
        self._name, self._why = name, why

    def __getattr__(self, name: str) -> Stub:
        if name.startswith("__"):
            raise AttributeError(name)
        return Stub(f"{self._name}.{name}", self._why)

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Return what it decorates; as a function it cannot be used."""
        if len(args) == 1 and not options and isinstance(args[0], (FunctionType, type)):
            return args[0]  # a decorator
        if Stub.is_loading:
            return self
        raise ImportError(f"{self._name} cannot be used: {self._why}")

    def __getitem__(self, key: object) -> Stub:
        return self

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        return ()


def sources(path: Path) -> tuple[dict[Path, Source], list[str]]:
    """Return what can be told without running it of a file, or of every file in a folder.

    Returns
    -------
    sources : dict
        By file.
    problems : list of str
        What is wrong with the files that cannot be parsed.
    """
    found: dict[Path, Source] = {}
    problems = []
    for file in [path] if path.is_file() else _files(path):
        try:
            found[file] = Source.read(file)
        except Exception as error:  # of whatever kind: it is a stranger's
            problems.append(describe(error, str(file), path))
    return found, problems


def _files(folder: Path) -> Iterator[Path]:
    """Yield the Python files in a folder, those nearer to its top first."""

    def is_foreign(entry: careful_reading.Entry) -> bool:
        name = entry.path.name
        return name.startswith(SKIPPED_PREFIXES) or name in NOT_LOOKED_INTO

    found = []
    with contextlib.suppress(OSError, careful_reading.Refused):  # what was seen is looked at
        for entry in careful_reading.walk(folder, skip=is_foreign):
            if entry.path.suffix == ".py" and entry.kind == "file":
                found.append(entry.path)
    found.sort(key=lambda file: (len(file.parts), file))
    yield from (folder / file for file in found[:MAX_FILES])


def load(path: Path, wanted: Callable[[Source], float] = lambda source: 1) -> Foreign:
    """Load a file, or those of a folder that are wanted.

    Parameters
    ----------
    path : Path
        A file or a folder.
    wanted : callable
        How much a file is wanted, 0 for not at all. Of two definitions of a name, the one in the
        file that is wanted more is taken.
    """
    path = path.resolve()
    found, problems = sources(path)
    ranked = sorted((f for f in found if wanted(found[f])), key=lambda f: -wanted(found[f]))
    foreign = Foreign(problems=problems)
    root = path if path.is_dir() else path.parent
    with _only_definitions(root):
        package = _package(root, foreign.problems)
        for file in ranked:
            inside = file.relative_to(root).with_suffix("").parts
            parts = inside[:-1] if inside[-1] == "__init__" else inside
            try:
                foreign.modules.append(importlib.import_module(".".join([package, *parts])))
            except BaseException as error:
                foreign.problems.append(describe(error, str(file), root))
    for own in (True, False):
        for module in foreign.modules:
            defined = found[Path(str(module.__file__))].defined
            for name, value in vars(module).items():
                if not name.startswith("_") and (name in defined or not own):
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
        tree.body = [_guarded(node) for node in _kept(tree.body, is_script)]
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


def _kept(body: list[ast.stmt], is_script: bool) -> list[ast.stmt]:
    """Return the statements to run: all, or of a script those that define something."""
    if not is_script:
        return body
    kept: list[ast.stmt] = []
    for node in body:
        if isinstance(node, (ast.If, ast.Try)):
            if isinstance(node, ast.If) and not _is_plain(node.test):
                continue
            handlers = node.handlers if isinstance(node, ast.Try) else []
            for part in (node, *handlers):
                for name in ("body", "orelse", "finalbody"):
                    if statements := getattr(part, name, None):
                        setattr(part, name, _kept(statements, True) or [ast.Pass()])
            kept.append(node)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            if node.value is not None and _is_plain(node.value):
                kept.append(_suppressed(node))
        elif isinstance(
            node,
            (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
        ):
            kept.append(node)
    return kept


def _is_plain(value: ast.expr) -> bool:
    """Tell whether an expression calls nothing but Python's own functions and a library's."""
    for node in ast.walk(value):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        if isinstance(function, ast.Name) and function.id in vars(builtins):
            if function.id in ("open", "input", "exec", "eval", "print"):
                return False
        elif isinstance(function, ast.Attribute):
            owner: ast.expr = function
            while isinstance(owner, ast.Attribute):
                owner = owner.value
            is_library = isinstance(owner, ast.Name) and owner.id in LIBRARIES
            if not is_library or function.attr.startswith(READERS):
                return False
        else:
            return False
    return True


def _suppressed(node: ast.stmt) -> ast.stmt:
    """Return an assignment that may use what a script has not made: then its name is not bound."""
    handler = ast.ExceptHandler(ast.Name("Exception", ast.Load()), None, [ast.Pass()])
    return ast.Try([node], [handler], [], [])


def _guarded(node: ast.stmt) -> ast.stmt:
    """Return an import that leaves stubs where it fails; any other statement as it is."""
    if isinstance(node, ast.If):
        node.body, node.orelse = [[*map(_guarded, part)] for part in (node.body, node.orelse)]
    if not isinstance(node, (ast.Import, ast.ImportFrom)):
        return node
    if isinstance(node, ast.ImportFrom) and node.module == "__future__":
        return node
    module = f"{node.module or ''}." if isinstance(node, ast.ImportFrom) else ""
    bound = [
        (alias.asname or alias.name.partition(".")[0], f"{module}{alias.name}")
        for alias in node.names
        if alias.name != "*"
    ]
    stubs: list[ast.stmt] = [
        *ast.parse("\n".join(f"{n} = {STUB}({full!r}, str({STUB}error))" for n, full in bound)).body
    ]
    handler = ast.ExceptHandler(
        ast.Name("Exception", ast.Load()), f"{STUB}error", stubs or [ast.Pass()]
    )
    return ast.copy_location(ast.Try([node], [handler], [], []), node)
