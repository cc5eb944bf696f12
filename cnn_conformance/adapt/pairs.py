"""Optimizers that are a pair of functions: one makes a state, the other takes a step with it."""

from __future__ import annotations

import ast
from collections.abc import Callable

from cnn_conformance.adapt.signatures import Argument, arguments_of
from cnn_conformance.adapt.source import FUNCTION, Definition


def of_step(
    definition: Definition, kind: Callable[[Argument], str]
) -> tuple[str, dict[str, str]] | None:
    """Return what the step of a pair calls its state, and its weight and gradient by their kinds.

    None if the function does not return such a pair.

    Parameters
    ----------
    definition : Definition
        A function.
    kind : callable
        Returns what an argument of a step is for: "weight", "gradient".
    """
    returned = [n.value for n in ast.walk(definition.node) if isinstance(n, ast.Return)]
    inner = {n.name: n for n in ast.walk(definition.node) if isinstance(n, FUNCTION)}
    for value in returned:
        if not isinstance(value, ast.Tuple) or len(value.elts) != 2:
            continue
        parts = [inner.get(e.id) if isinstance(e, ast.Name) else e for e in value.elts]
        if not all(isinstance(part, (ast.FunctionDef, ast.Lambda)) for part in parts):
            continue
        begin, step = (arguments_of(part) for part in parts)  # type: ignore[arg-type]
        kinds = {kind(argument): argument.name for argument in step}
        others = [
            a.name for a in step if a.name not in (kinds.get("weight"), kinds.get("gradient"))
        ]
        if len(begin) == 1 and {"weight", "gradient"} <= kinds.keys() and len(others) == 1:
            return others[0], {k: kinds[k] for k in ("weight", "gradient")}
    return None
