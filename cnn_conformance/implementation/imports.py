"""What code under test may import: a grader's policy, what the source names, and what is loaded.

The source is parsed, never run, so what it names cannot be hidden by what it does; what it hides in
texts that it puts together, or in copied code, is not seen. The worker tells what was loaded, and
refuses what is forbidden; it is the implementation's own process, which may lie about the former
and do away with the latter. What keeps it from what is forbidden is the sandbox.
"""

from __future__ import annotations

import ast
import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

from cnn_conformance.implementation import careful_reading, notebooks
from cnn_conformance.implementation.notebooks import BadNotebook, is_notebook
from cnn_conformance.locations import KIT_REFERENCE

LOADERS = frozenset({"import_module", "__import__", "find_spec", "resolve_name", "run_module"})
ACTS = {
    "subprocess": (
        *("subprocess.Popen", "os.system", "os.posix_spawn", "os.spawn"),
        *("os.exec", "os.fork", "os.forkpty", "pty.spawn"),
    ),
    "ctypes": ("ctypes.dlopen", "ctypes.dlsym"),
    "socket": ("socket.connect", "socket.bind", "socket.sendto"),
}
"""What the standard library's modules do: that is forbidden, as numpy imports some of them too."""
MOST_FILES, MOST_BYTES, MOST_SOURCE = 500, 1 << 20, 8 << 20
"""How many files are parsed, and of how many bytes: each, and all together."""


@dataclass(frozen=True)
class Policy:
    """Modules by name, `scipy` with all below it; the longest name that fits a module decides.

    Parameters
    ----------
    allowed : tuple of str
        Not worth a word, as the standard library.
    reported : tuple of str
        Mentioned in every report where the source names them or the worker loads them.
    forbidden : tuple of str
        Not to be imported; what one of the standard library does is not to be done.

    Notes
    -----
    What is in none of the lists is mentioned where the source names it.
    """

    allowed: tuple[str, ...] = ()
    reported: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()

    def entry(self, module: str) -> tuple[str, str]:
        """Return what is said of a module, and the name for which it is said."""
        lists = {"forbidden": self.forbidden, "reported": self.reported, "allowed": self.allowed}
        fitting = [
            (len(name), word, name)
            for word, names in lists.items()
            for name in names
            if covers(name, module)
        ]
        if fitting:
            return max(fitting)[1:]
        top = module.partition(".")[0]
        return ("allowed" if top in sys.stdlib_module_names else "unlisted"), top


CLOSED = Policy(forbidden=(KIT_REFERENCE,))
"""Where no rubric says anything: the kit's own solution is no part of a submission."""


def covers(name: str, module: str) -> bool:
    """Tell whether a name of a policy speaks of a module."""
    if name == KIT_REFERENCE:  # which has a name within the kit's package too
        module = module.removeprefix("cnn_conformance.")
    return module == name or module.startswith(f"{name}.")


def noticed(policy: Policy, target: str, loaded: Iterable[str]) -> list[dict[str, str]]:
    """Return what a report should say of what an implementation imports.

    Parameters
    ----------
    policy : Policy
        What the grader allows.
    target : str
        What `--impl` names.
    loaded : iterable of str
        The modules that its process has loaded.

    Returns
    -------
    list of dict
        `name`, `policy` ("reported", "forbidden" or "unlisted"), and `where`: the file and line
        that name it, or empty where only the process was seen to load it.
    """
    found: dict[str, dict[str, str]] = {}
    for module, where in named(target):
        word, name = policy.entry(module)
        if word != "allowed":
            found.setdefault(name, {"name": name, "policy": word, "where": where})
    for module in loaded:
        word, name = policy.entry(module)
        if word in ("reported", "forbidden"):
            found.setdefault(name, {"name": name, "policy": word, "where": ""})
    return [found[name] for name in sorted(found)]


def named(target: str) -> Iterator[tuple[str, str]]:
    """Return the modules that an implementation's files name, each with file and line.

    Of a folder that is all files, of a file those beside it and the packages that it imports. Of a
    dotted name nothing is known without an import. A file that is none, too large or behind a link
    is passed over: the import tells what is wrong with it.
    """
    path = Path(target)
    if not path.exists():
        return
    path = path.resolve()
    folder = path if path.is_dir() else path.parent
    is_package = careful_reading.look(folder, "__init__.py") is not None
    todo = list(_below(folder)) if path.is_dir() else [PurePosixPath(path.name)]
    known: dict[str, list[PurePosixPath]] = {}
    left = MOST_SOURCE
    for file in todo:  # which grows meanwhile
        source, place = _source(folder, file, left)
        left -= len(source)
        for module, line in _modules(source):
            top = module.partition(".")[0]
            if top not in known:
                known[top] = list(_neighbours(folder, top))
                todo += [new for new in known[top] if new not in todo][: MOST_FILES - len(todo)]
            if not known[top] and not (is_package and top == folder.name):
                yield module, f"{file}, {place(line)}"


def _neighbours(folder: Path, name: str) -> Iterator[PurePosixPath]:
    """Yield the files of a module or a package beside an implementation, marked as one or not."""
    if name.isidentifier():
        beside = careful_reading.look(folder, f"{name}.py")
        if beside is not None and beside.kind in ("file", "link"):
            yield beside.path
        inside = careful_reading.look(folder, name)
        if inside is not None and inside.kind == "folder":
            yield from _below(folder, name)
        elif inside is not None and inside.kind == "link":
            yield inside.path  # which is not followed


def refused(policy: Policy, target: str) -> list[str]:
    """Return what imports are to be refused for: not for a `reference` of the code's own."""
    return [n for n in policy.forbidden if n != KIT_REFERENCE or not _brings_along(target, n)]


def _brings_along(target: str, name: str) -> bool:
    """Tell whether an implementation has a module of a name, on the top level, or is one."""
    path = Path(target)
    if not path.exists():
        return name in (target.partition(".")[0], target.rpartition(".")[2])
    path = path.resolve()
    folder = path if path.is_dir() else path.parent
    if folder.name == name and careful_reading.look(folder, "__init__.py") is not None:
        return True
    return any(True for _ in _neighbours(folder, name))


def _below(folder: Path, inside: str = "") -> Iterator[PurePosixPath]:
    """Yield the Python files in a folder of an implementation, as many as are looked at."""
    files = (
        entry.path
        for entry in careful_reading.walk(folder, inside, _is_foreign)
        if entry.kind == "file" and (entry.path.suffix == ".py" or is_notebook(entry.path))
    )
    with contextlib.suppress(OSError, careful_reading.Refused):  # the rest is not looked at
        yield from islice(files, MOST_FILES)


def _is_foreign(entry: careful_reading.Entry) -> bool:
    return entry.path.name.startswith(".") or entry.path.name == "site-packages"


def _source(folder: Path, file: PurePosixPath, left: int) -> tuple[bytes, Callable[[int], str]]:
    """Return the source in a file or a notebook, and what tells where a line of it is."""
    most = min(left, MOST_BYTES)
    with contextlib.suppress(OSError, careful_reading.Refused, BadNotebook):  # the import says so
        if not is_notebook(file):
            return careful_reading.read(folder, file, most), "line {}".format
        book = notebooks.read(careful_reading.read(folder, file, notebooks.MAX_BYTES))
        source = book.text.encode()
        return (source if len(source) <= most else b""), book.place
    return b"", "line {}".format


def _modules(source: bytes) -> Iterator[tuple[str, int]]:
    """Return the modules that a source names, and the lines."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return  # the import says so
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno
        elif isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else ""
            name = function.id if isinstance(function, ast.Name) else name
            first = node.args[0] if node.args else None
            if name in LOADERS and isinstance(first, ast.Constant) and type(first.value) is str:
                yield first.value, node.lineno


def forbid(names: list[str]) -> None:
    """Let this process refuse modules from now on, in words that help.

    Code that wants to can do away with that: what keeps it from the modules is the sandbox.
    """
    acts = {act: name for name in names for act in ACTS.get(name, ())}
    modules = [name for name in names if name not in ACTS]

    def refuse(event: str, args: tuple[object, ...]) -> None:
        if event == "import":
            asked = args[0]
            for name in modules:
                if isinstance(asked, str) and covers(name, asked):
                    raise ImportError(refusal(name))
        elif event in acts:
            raise PermissionError(refusal(acts[event]))

    for loaded in [n for n in sys.modules if any(covers(name, n) for name in modules)]:
        del sys.modules[loaded]  # by whatever Python reads at its start
    sys.modules.update(dict.fromkeys(modules))  # type: ignore[arg-type]  # None: not to be found
    sys.addaudithook(refuse)


def refusal(name: str) -> str:
    """Return why a module cannot be had."""
    return f"{name} may not be used here: the rubric's [imports] forbids it; take the line out"


def loaded_since(before: set[str]) -> list[str]:
    """Return the modules that were loaded since, those of the standard library left out."""
    now = [name for name, module in list(sys.modules.items()) if module is not None]
    names = [name for name in now if type(name) is str and name not in before]
    tops = {name for name in names if name.count(".") <= 1}
    return sorted(n for n in tops if n.partition(".")[0] not in sys.stdlib_module_names)[:2000]
