"""What functions and constructors take, as their source says."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Argument:
    """An argument of a function.

    Parameters
    ----------
    name : str
        Its name.
    default : str
        What its default is, as written; nothing if it has none.
    annotation : str
        What its type is said to be.
    """

    name: str
    default: str = ""
    annotation: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether the signature says that it is a single whole number."""
        return self.default.lstrip("-").isdigit() or self.annotation == "int"

    @property
    def is_pair(self) -> bool:
        """Whether the signature says that it is a pair."""
        return self.default.startswith(("(", "[")) or bool(
            re.match(r"(typing\.)?(tuple|list|sequence)", self.annotation.lower())
        )

    @property
    def is_text(self) -> bool:
        """Whether the signature says that it is a word."""
        return self.default.startswith(("'", '"')) or self.annotation == "str"


def arguments_of(node: ast.FunctionDef | ast.Lambda) -> list[Argument]:
    """Return the arguments of a function, keyword-only ones last."""
    given = [*node.args.posonlyargs, *node.args.args]
    defaults = [None] * (len(given) - len(node.args.defaults)) + list(node.args.defaults)
    pairs = [*zip(given, defaults, strict=True)]
    pairs += zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    return [
        Argument(
            each.arg,
            ast.unparse(default) if default is not None else "",
            ast.unparse(each.annotation) if each.annotation else "",
        )
        for each, default in pairs
    ]


def of_constructor(
    node: ast.ClassDef, constructor: ast.FunctionDef | None
) -> tuple[str, list[Argument]]:
    """Return what a constructor takes, and in which one argument if it looks them up in a dict."""
    if constructor is None:
        is_data = any("dataclass" in ast.unparse(each) for each in node.decorator_list)
        return "", [a for each in node.body if (a := _field(each))] if is_data else []
    arguments = arguments_of(constructor)[1:]
    packed = arguments[0].name if len(arguments) == 1 else ""
    if not arguments and constructor.args.kwarg is not None:
        packed = constructor.args.kwarg.arg
    entries = _entries(constructor, packed) if packed else []
    if not entries:
        return "", arguments
    return packed if arguments else "", entries


def _field(node: ast.stmt) -> Argument | None:
    """Return a field of a dataclass that its constructor takes."""
    if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
        return None
    value, kind = ast.unparse(node.value) if node.value else "", ast.unparse(node.annotation)
    if kind.startswith(("ClassVar", "typing.ClassVar")) or "init=False" in value:
        return None
    if value.startswith("field(") and "default" not in value:
        value = ""
    return Argument(node.target.id, value, kind)


def _entries(constructor: ast.FunctionDef, packed: str) -> list[Argument]:
    """Return the keys by which a constructor looks into a dict, with the defaults of `get`."""
    found: dict[str, Argument] = {}
    inside = [node for node in ast.walk(constructor) if isinstance(node, ast.expr)]
    for each in sorted(inside, key=lambda node: (node.lineno, node.col_offset)):
        default: ast.expr | None = None
        if isinstance(each, ast.Subscript) and isinstance(each.value, ast.Name):
            owner, key = each.value.id, each.slice
        elif (
            isinstance(each, ast.Call)
            and isinstance(each.func, ast.Attribute)
            and isinstance(each.func.value, ast.Name)
            and each.func.attr in ("get", "pop")
            and each.args
        ):
            owner, key = each.func.value.id, each.args[0]
            default = each.args[1] if len(each.args) > 1 else ast.Constant(None)
        else:
            continue
        if owner == packed and isinstance(key, ast.Constant) and isinstance(key.value, str):
            said = ast.unparse(default) if default is not None else ""
            if key.value.isidentifier():
                found.setdefault(key.value, Argument(key.value, said))
    return list(found.values())
