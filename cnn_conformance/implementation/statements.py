"""Which statements of a script are run for what they define, and what stands for failed imports.

Runs where the implementation runs.
"""

from __future__ import annotations

import ast
import builtins
from types import FunctionType
from typing import Any

LIBRARIES = frozenset(
    {"np", "numpy", "math", "os", "typing", "collections", "functools", "itertools"}
)
READERS = ("load", "from", "gen", "mem", "open", "system", "popen", "exec", "fork", "spawn")
"""How those functions of a library begin that a plain assignment does not call."""
STUB = "__stub__"
PLOTTING = frozenset({"matplotlib", "seaborn", "plotly", "bokeh", "wandb", "tensorboardX"})
"""Libraries that take seconds to import, and have no part in what is graded."""


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

    def __setitem__(self, key: object, value: object) -> None:
        """Take a setting, such as the size of figures."""

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        return ()


def kept(body: list[ast.stmt], is_script: bool) -> list[ast.stmt]:
    """Return the statements to run: all, or of a script those that define something."""
    if not is_script:
        return body
    found: list[ast.stmt] = []
    for node in body:
        if isinstance(node, (ast.If, ast.Try)):
            if isinstance(node, ast.If) and not is_plain(node.test):
                continue
            handlers = node.handlers if isinstance(node, ast.Try) else []
            for part in (node, *handlers):
                for name in ("body", "orelse", "finalbody"):
                    if statements := getattr(part, name, None):
                        setattr(part, name, kept(statements, True) or [ast.Pass()])
            found.append(node)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            if node.value is not None and is_plain(node.value):
                found.append(_suppressed(node))
        elif isinstance(
            node,
            (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
        ):
            found.append(node)
    return found


def is_plain(value: ast.expr) -> bool:
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


def _asks(value: ast.expr) -> bool:
    """Tell whether an expression reads a file, calls code at hand, or uses a command line."""
    names = (getattr(node, "attr", getattr(node, "id", "")) for node in ast.walk(value))
    return not is_plain(value) or "argv" in names


def guarded(node: ast.stmt) -> ast.stmt:
    """Return an import that leaves stubs where it fails, and an assignment that may fail.

    What plots is not imported at all: there are stubs at once. An assignment that reads a file, or
    what a command line has, may fail here; any other statement stays as it is.
    """
    if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value and _asks(node.value):
        return ast.copy_location(_suppressed(node), node)
    if isinstance(node, ast.If):
        node.body, node.orelse = [[*map(guarded, part)] for part in (node.body, node.orelse)]
    if isinstance(node, ast.Import) and len(node.names) > 1:  # each fails for itself
        parts = [guarded(ast.copy_location(ast.Import([alias]), node)) for alias in node.names]
        return ast.copy_location(ast.If(ast.Constant(True), parts, []), node)
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
    if bound and {full.partition(".")[0] for _, full in bound} <= PLOTTING:
        why = ast.parse(f"{STUB}error = 'nothing is plotted here'").body
        made = ast.If(ast.Constant(True), [*why, *stubs], [])
        return ast.copy_location(made, node)
    handler = ast.ExceptHandler(
        ast.Name("Exception", ast.Load()), f"{STUB}error", stubs or [ast.Pass()]
    )
    return ast.copy_location(ast.Try([node], [handler], [], []), node)
