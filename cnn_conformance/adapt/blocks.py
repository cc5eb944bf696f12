"""Functions that make functions: `conv(stride)` returns a layer, `relu = pointwise(f, df)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from cnn_conformance.adapt.signatures import arguments_of
from cnn_conformance.adapt.source import FUNCTION, Definition


def resolved(found: list[Definition]) -> list[Definition]:
    """Return definitions, those that make functions as what they make.

    Of names to which a call is assigned, those are left that are such a function.
    """
    assigned = [d for d in found if isinstance(d.node, ast.Assign)]
    functions = {d.name: d for d in reversed(found) if isinstance(d.node, ast.FunctionDef)}
    made = [_made_by(each, functions) or each for each in found if each not in assigned]
    return [*made, *(block for each in assigned if (block := _assigned(each, functions)))]


def _made_by(factory: Definition, functions: dict[str, Definition]) -> Definition | None:
    """Return the function that a function returns, with the factory's name."""
    inner = None if factory.is_class else _returned(factory, functions)
    if inner is None:
        return None
    arguments = arguments_of(inner)
    return replace(factory, arguments=arguments, node=inner, factory=(factory.arguments,))


def _assigned(each: Definition, functions: dict[str, Definition]) -> Definition | None:
    call = each.node.value if isinstance(each.node, ast.Assign) else None
    inner = _of_call(call, functions, 0)
    return None if inner is None else replace(each, arguments=arguments_of(inner), node=inner)


def _returned(
    factory: Definition, functions: dict[str, Definition], depth: int = 0
) -> ast.FunctionDef | None:
    """Return the one function that is made in another and returned, maybe by another factory."""
    body = getattr(factory.node, "body", [])
    inside = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
    values = [node.value for node in _own(body) if isinstance(node, ast.Return)]
    if len(values) != 1:
        return None
    if isinstance(values[0], ast.Name):
        return inside.get(values[0].id)
    return _of_call(values[0], functions, depth)


def _of_call(
    call: ast.expr | None, functions: dict[str, Definition], depth: int
) -> ast.FunctionDef | None:
    if depth > 2 or not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        return None
    called = functions.get(call.func.id)
    return None if called is None else _returned(called, functions, depth + 1)


def _own(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the statements of a function, without those of functions in it."""
    for node in body:
        if isinstance(node, (*FUNCTION, ast.ClassDef)):
            continue
        yield node
        for name in ("body", "orelse", "finalbody"):
            yield from _own(getattr(node, name, []))
