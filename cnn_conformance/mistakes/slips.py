"""Slips: a unit's clear source with one thing changed in a formula.

Of mistakes that nobody has written down, many are of this kind: another axis, another array, a term
or a factor that is missing, another operator. They are made from the source, not listed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import CodeType
from typing import Any

from cnn_conformance.mistakes import edits

CHECKED = "checks"
"""The module whose calls look at arguments, and compute nothing."""
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
}
LEFT_ALONE = ("targets", "target", "annotation", "func")
"""What a statement writes to, or says nothing of values."""
REDUCTIONS = {"sum": "mean", "mean": "sum", "max": "min", "min": "max", "var": "std", "std": "var"}

Scope = dict[str, ast.Assign | ast.AnnAssign | None]


@dataclass(frozen=True)
class Slip:
    """One change of a formula.

    Parameters
    ----------
    method : str
        The function that it is in.
    target : str
        What the statement computes; empty for what is returned.
    node : expr or stmt
        What is in the source.
    new : str or stmt
        What stands in its place, or the name of the variable that does.
    code : code
        The function with that change.
    of_class : bool
        Whether it is a method of the unit.
    """

    method: str
    target: str
    node: ast.AST
    new: ast.AST | str
    code: CodeType
    of_class: bool

    @property
    def was(self) -> str:
        """What is in the source."""
        return ast.unparse(self.node)

    @property
    def now(self) -> str:
        """What stands in its place."""
        return self.new if isinstance(self.new, str) else ast.unparse(self.new)


def slips(unit: str) -> Iterator[Slip]:
    """Yield the slips in what a unit computes, those of names last: there are many."""
    tree = ast.parse(edits.source(unit))
    functions = [
        (node, isinstance(parent, ast.ClassDef))
        for parent in ast.walk(tree)
        if isinstance(parent, (ast.Module, ast.ClassDef))
        for node in parent.body
        if isinstance(node, ast.FunctionDef) and node.name != "__init__"
    ]
    for of_names in (False, True):
        for function, of_class in functions:
            scope = _scope(function) if of_names else {}
            for statement in ast.walk(function):
                if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return)):
                    target = _target(statement)
                    for node, new, code in _in_statement(function, statement, scope):
                        yield Slip(function.name, target, node, new, code, of_class)


def _in_statement(
    function: ast.FunctionDef, statement: ast.stmt, scope: Scope
) -> Iterator[tuple[ast.AST, ast.AST | str, CodeType]]:
    """Yield the slips of one statement: of names where a scope is given, of the rest otherwise."""
    if _is_a_check(statement):
        return
    if not scope and isinstance(statement, ast.AugAssign):
        yield from _overwriting(function, statement)
    for parent in ast.walk(statement):
        for name, value in ast.iter_fields(parent):
            places = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
            for number, node in places:
                if not isinstance(node, ast.expr) or name in LEFT_ALONE:
                    continue
                changes = _of_names(node, statement, scope) if scope else _without_names(node)
                for now, new in changes:
                    _put(parent, name, number, new)
                    code = _compiled(function)
                    _put(parent, name, number, node)
                    if code is not None:
                        yield node, now, code


def _overwriting(
    function: ast.FunctionDef, statement: ast.AugAssign
) -> Iterator[tuple[ast.AST, ast.AST | str, CodeType]]:
    """Yield the slip in which what should add up is overwritten."""
    for parent in ast.walk(function):
        body = getattr(parent, "body", None)
        if isinstance(body, list) and statement in body:
            place = body.index(statement)
            new = ast.Assign([statement.target], statement.value, lineno=statement.lineno)
            body[place] = new
            code = _compiled(function)
            body[place] = statement
            if code is not None:
                yield statement, new, code


def _is_a_check(statement: ast.stmt) -> bool:
    return any(isinstance(n, ast.Name) and n.id == CHECKED for n in ast.walk(statement))


def _put(parent: ast.AST, name: str, number: int | None, node: ast.expr) -> None:
    if number is None:
        setattr(parent, name, node)
    else:
        getattr(parent, name)[number] = node


def _compiled(function: ast.FunctionDef) -> CodeType | None:
    """Return the code that defines a function; None where a change has made none."""
    module = ast.Module([function], [])
    try:
        return compile(ast.fix_missing_locations(module), "<slip>", "exec")
    except (SyntaxError, TypeError, ValueError):
        return None


def _target(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Assign):
        return ast.unparse(statement.targets[0])
    if isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
        return ast.unparse(statement.target)
    return ""


def _scope(function: ast.FunctionDef) -> Scope:
    """Return the arguments and variables of a function, with the statement that alone makes one."""
    made: Scope = {each.arg: None for each in function.args.args if each.arg != "self"}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            made[node.id] = None
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                made[name] = node
    return made


def _of_names(node: ast.expr, statement: ast.stmt, scope: Scope) -> Iterator[tuple[str, ast.expr]]:
    """Yield the other variables that may stand where one does: sizes are in capitals.

    For one that is made later, what it is made from stands there.
    """
    if not (isinstance(node, ast.Name) and node.id in scope):
        return
    for name, made in scope.items():
        if name in (node.id, "_") or name.isupper() != node.id.isupper():
            continue
        is_later = made is not None and made is not statement and made.lineno > statement.lineno
        if is_later and made is not None and made.value is not None:
            yield name, made.value
        elif made is not statement:
            yield name, ast.Name(name, ast.Load())


def _without_names(node: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield what may stand in place of an expression, but for other names."""
    return ((new, new) for new in _changed(node))


def _changed(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            yield from (ast.Constant(value + step) for step in (-1, 1))
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)):
            yield from (ast.Constant(0), ast.Constant(1), ast.UnaryOp(ast.USub(), ast.Constant(2)))
        case ast.UnaryOp():
            yield node.operand
        case ast.BinOp():
            yield from (node.left, node.right)
            if (other := OPERATORS.get(type(node.op))) is not None:
                yield ast.BinOp(node.left, other(), node.right)
        case ast.Compare(ops=[op]):
            for comparison in COMPARISONS.get(type(op), ()):
                yield ast.Compare(node.left, [comparison()], node.comparators)
        case ast.Attribute(attr="T"):
            yield node.value
        case ast.Tuple() if len(node.elts) > 1:
            for number in range(len(node.elts)):
                yield ast.Tuple(node.elts[:number] + node.elts[number + 1 :], ast.Load())
            if len(node.elts) == 2:
                yield ast.Tuple(node.elts[::-1], ast.Load())
        case ast.IfExp():
            yield from (node.body, node.orelse)
        case ast.Call():
            yield from _of_call(node)


def _of_call(node: ast.Call) -> Iterator[ast.expr]:
    """Yield a call without its function, with another reduction, or without an option."""
    if len(node.args) == 1 and not node.keywords:
        yield node.args[0]
    if isinstance(node.func, ast.Attribute) and node.func.attr in REDUCTIONS:
        other = ast.Attribute(node.func.value, REDUCTIONS[node.func.attr], ast.Load())
        yield ast.Call(other, node.args, node.keywords)
    for number in range(len(node.keywords)):
        kept = node.keywords[:number] + node.keywords[number + 1 :]
        yield ast.Call(node.func, node.args, kept)


def made(unit: str, slip: Slip) -> Any:
    """Return the unit that a slip makes."""
    module = edits.executed(unit, _whole(unit))
    exec(slip.code, module)
    if slip.of_class:
        setattr(module[unit], slip.method, module[slip.method])
    return module[unit]


@cache
def _whole(unit: str) -> CodeType:
    return compile(edits.source(unit), f"<{unit}>", "exec")
