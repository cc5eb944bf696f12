"""Steps that an optimizer counts in another method than that which updates the parameters."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from cnn_conformance.adapt.source import Definition

ADDS_ONE = re.compile(r"self\.(\w+)(?: \+= 1| = self\.\1 \+ 1)$", re.M)


@dataclass(frozen=True)
class Count:
    """What has to be said beside an update, so that its step is counted.

    Parameters
    ----------
    text : str
        The statement.
    is_after : bool
        Whether the count is for the next step: it starts at 1.
    """

    text: str
    is_after: bool


def of_steps(definition: Definition, method: str) -> Count | None:
    """Return how a step is counted that a method looks at, if another method counts it.

    That one is called if it does nothing else, and takes nothing; else the count is in the draft.
    """
    own = called_by(definition, method)
    text = "\n".join(definition.part(each).text for each in own)
    counted = {*ADDS_ONE.findall(text)}
    for other in definition.nodes.keys() - own - {"__init__"}:
        part = definition.part(other).text if other in definition.methods else ""
        for name in ADDS_ONE.findall(part):
            if name in counted or not re.search(rf"self\.{name}\b", text):
                continue
            body = getattr(definition.nodes[other], "body", [])
            said = [each for each in body if not isinstance(each, ast.Expr)]
            is_plain = len(said) == 1 and not definition.methods[other]
            call = f"self.layer.{other}()" if is_plain else f"self.layer.{name} += 1"
            return Count(call, _start(definition, name) > 0)
    return None


def called_by(definition: Definition, method: str) -> set[str]:
    """Return a method of a class and all of its methods that it calls or hands on."""
    todo, found = [method], set[str]()
    while todo:
        each = todo.pop()
        if each not in found and each in definition.methods and each in definition.nodes:
            found.add(each)
            todo += re.findall(r"self\.(\w+)", definition.part(each).text)
    return found


def _start(definition: Definition, name: str) -> int:
    """Return at which number a count starts."""
    constructor = definition.nodes.get("__init__", definition.node)
    found = re.search(rf"self\.{name} = (\d+)$", ast.unparse(constructor), re.M)
    return int(found[1]) if found else 0
