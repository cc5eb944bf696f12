"""What code under test may import: a grader's policy, what the source names, and what is loaded.

The source is parsed, never run, so what it names cannot be hidden by what it does; what it hides in
texts that it puts together, or in copied code, is not seen. The worker tells what was loaded, and
refuses what is forbidden; it is the implementation's own process, which may lie about the former.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

LOADERS = frozenset({"import_module", "__import__", "find_spec", "resolve_name", "run_module"})
ACTS = {
    "subprocess": ("subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.fork"),
    "ctypes": ("ctypes.dlopen", "ctypes.dlsym"),
    "socket": ("socket.connect", "socket.bind", "socket.sendto"),
}
"""What the standard library's modules do: that is forbidden, as numpy imports some of them too."""
MOST_FILES, MOST_BYTES = 500, 1 << 20


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


def covers(name: str, module: str) -> bool:
    """Tell whether a name of a policy speaks of a module."""
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
    dotted name nothing is known without an import.
    """
    path = Path(target)
    if not path.exists():
        return
    folder = path if path.is_dir() else path.parent
    own = {file.stem for file in folder.glob("*.py")}
    own |= {file.parent.name for file in folder.glob("*/*.py")}  # a package, marked as one or not
    own |= {folder.resolve().name} if (folder / "__init__.py").exists() else set()
    todo = list(islice(_files(path), MOST_FILES)) if path.is_dir() else [path]
    for file in todo:  # which grows meanwhile
        for module, line in _modules(file):
            top = module.partition(".")[0]
            if top not in own:
                yield module, f"{file.relative_to(folder)}, line {line}"
                continue
            neighbours = [folder / f"{top}.py"] if (folder / f"{top}.py").exists() else []
            neighbours += islice(_files(folder / top), MOST_FILES)
            todo += [new for new in neighbours if new not in todo][: MOST_FILES - len(todo)]


def _files(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*.py")):
        inside = file.relative_to(folder).parts
        hidden = any(part.startswith(".") or part == "site-packages" for part in inside)
        if not hidden and not file.is_symlink():
            yield file


def _modules(file: Path) -> Iterator[tuple[str, int]]:
    """Return the modules that a file names, and the lines."""
    try:
        if file.stat().st_size > MOST_BYTES:
            return
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
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
    """Let this process refuse modules from now on; it cannot be taken back."""
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
    sys.addaudithook(refuse)


def refusal(name: str) -> str:
    """Return why a module cannot be had."""
    return f"{name} may not be used here: the rubric's [imports] forbids it; take the line out"


def loaded_since(before: set[str]) -> list[str]:
    """Return the modules that were loaded since, those of the standard library left out."""
    names = [name for name in list(sys.modules) if type(name) is str and name not in before]
    tops = {name for name in names if name.count(".") <= 1}
    return sorted(n for n in tops if n.partition(".")[0] not in sys.stdlib_module_names)[:2000]
