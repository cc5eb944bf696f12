"""Habits of calling that the source tells: closures, neighbours, parameters in a dict."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from cnn_conformance.adapt.signatures import Argument
from cnn_conformance.adapt.source import FUNCTION, Definition, role, vocabulary, words

BEFORE = r"(?:\w*prev\w*|input_layer|inbound\w*|below|parent|last_layer|source)"
AFTER = r"(?:\w*next\w*|output_layer|outbound\w*|above|child)"
NEVER = re.compile(r"shape|size|dim|num|units|weight|bias|^w$|^b$")
"""What a layer asks its neighbour for that is neither an output nor a gradient."""


def closures(definition: Definition) -> Iterator[tuple[str, int]]:
    """Yield where among what is returned there are functions, and how many arguments each needs."""
    inner = {n.name: n.args for n in ast.walk(definition.node) if isinstance(n, FUNCTION)}
    inner |= {
        target.id: node.value.args
        for node in ast.walk(definition.node)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(definition.node):
        if not isinstance(node, ast.Return) or not isinstance(node.value, ast.Tuple):
            continue
        for place, each in enumerate(node.value.elts):
            arguments = each.args if isinstance(each, ast.Lambda) else None
            if isinstance(each, ast.Name):
                arguments = inner.get(each.id)
            if arguments is not None:
                needed = len(arguments.args) - len(arguments.defaults)
                yield f"self.at.returned[{place}]", needed


def is_neighbour(argument: Argument, definition: Definition) -> bool:
    """Tell whether an argument of a constructor is the layer before it, which is looked into."""
    if not re.fullmatch(BEFORE, words(argument.name)):
        return False
    without = [m for m, arguments in definition.methods.items() if not arguments]
    return any(call for m in without for call in linked_calls(definition, m))


def returned(definition: Definition) -> Iterator[tuple[int, str]]:
    """Yield the names that are returned in a tuple, with their places in it."""
    for node in ast.walk(definition.node):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            names = enumerate(node.value.elts)
            yield from ((place, n.id) for place, n in names if isinstance(n, ast.Name))


def linked_calls(definition: Definition, method: str, back: bool = False) -> Iterator[str]:
    """Yield calls of a method without arguments that looks at its neighbours' attributes."""
    text = definition.part(method).text
    link, value = (AFTER, "dout") if back else (BEFORE, "x")
    for name, attribute in dict.fromkeys(re.findall(rf"self\.({link})\.(\w+)\b(?!\()", text)):
        if not NEVER.search(words(attribute)):
            yield f"runtime.linked(self.layer, {name!r}, {attribute}={value}).{method}()"


def packed(unit: str, definition: Definition) -> dict[str, str]:
    """Return the arguments that have all parameters in them, each as it is handed over.

    Parameters
    ----------
    unit : str
        Of the specification.
    definition : Definition
        A function that looks for its weight in a dict, `params['w']`, or in a tuple.
    """
    if unit not in ("Conv2D", "Dense"):
        return dict.fromkeys(_ignored(definition), "()")
    found = {}
    for argument in definition.arguments:
        entries = {key: kind for key in keys(definition, argument) if (kind := _role(key))}
        if "weight" in entries.values():
            pairs = (f"{key!r}: self.at.{kind}" for key, kind in entries.items())
            found[argument.name] = "{" + ", ".join(pairs) + "}"
        parts = [_role(name) for name in _parts(definition, argument)]
        if "weight" in parts and all(parts):
            found[argument.name] = f"({', '.join(f'self.at.{kind}' for kind in parts)},)"
    return found


def _parts(definition: Definition, argument: Argument) -> list[str]:
    """Return the names into which an argument is taken apart: `w, b = params`."""
    pattern = rf"^\s*\(?(\w+(?:, \w+)*)\)? = {argument.name}$"
    match = re.search(pattern, definition.text, re.M)
    return match[1].split(", ") if match else []


def _ignored(definition: Definition) -> list[str]:
    """Return the first of two arguments of a function with a closure, if it is not used."""
    required = [a.name for a in definition.arguments if not a.default]
    used = {n.id for n in ast.walk(definition.node) if isinstance(n, ast.Name)}
    is_one = len(required) == 2 and required[0] not in used and any(closures(definition))
    return required[:1] if is_one else []


def keys(definition: Definition, argument: Argument) -> list[str]:
    """Return the keys by which an argument is looked into."""
    pattern = rf"\b{argument.name}(?:\.get)?[\[(]'(\w+)'"
    return list(dict.fromkeys(re.findall(pattern, definition.text)))


def _role(key: str) -> str:
    known = vocabulary()["data"]
    name = words(key)
    return next((kind for kind in ("weight", "bias") if re.search(known[kind], name)), "")


def remembers(definition: Definition, method: str) -> bool:
    """Tell whether a method calls forward and keeps something besides, for backward."""
    if method not in definition.nodes or "forward" not in definition.methods:
        return False
    text = definition.part(method).text
    return "self.forward(" in text and bool(re.search(r"self\.\w+ = ", text))


SLOPE = re.compile(r"grad|deri?v|prim[ae]|^d_?f$|^d_?act|_d$")


def handed(derivative: Definition, found: list[Definition]) -> str:
    """Return what code hands to its derivatives where it keeps them beside their functions.

    `self.df(self.z)` is handed the input if `self.f(self.z)` is the function; "x" or "y" for input
    and output, nothing if the code does not tell, or calls this derivative by its own name.
    """
    if any(f"{derivative.name}(" in each.text for each in found if each.name != derivative.name):
        return ""
    kinds = {kind for each in found for kind in each.slopes_take}
    return kinds.pop() if len(kinds) == 1 else ""


def slopes_take(definition: Definition) -> tuple[str, ...]:
    """Return what a class hands to derivatives that it keeps: "x" or "y", as `handed` has it."""
    called = re.findall(r"\bself\.(\w+)\(([\w.]+)\)", definition.text)
    kept = [(name, given) for name, given in called if name not in definition.methods]
    slopes = {given for name, given in kept if SLOPE.search(words(name))}
    if not slopes:
        return ()
    assigned = re.findall(r"([\w.]+) = self\.(\w+)\([\w.]+\)", definition.text)
    inputs = {given for name, given in kept if not SLOPE.search(words(name))}
    outputs = {to for to, name in assigned if name not in definition.methods}
    return tuple("x" for _ in slopes & inputs) + tuple("y" for _ in slopes & outputs)


def resets(found: list[Definition]) -> list[str]:
    """Return the attributes for gradients that the code itself sets to 0, between two steps.

    In a constructor, forward or backward that is no reset: of what adds up, it is part of the code.
    """
    known = vocabulary()
    back = "|".join(known["methods"]["backward"])
    names: list[str] = []
    for each in found:
        for method, node in each.nodes.items():
            is_run = method in (*each.protocol, *known["methods"]["forward"])
            if not is_run and not (method == "__init__" or _is_backward(method, back)):
                names += [name for part in ast.walk(node) for name in _set_to_zero(part)]
    gradient = rf"{known['optimizer']['held_gradient']}|^g_?[wb]$"
    return [name for name in dict.fromkeys(names) if re.search(gradient, words(name))]


def _is_backward(method: str, back: str) -> bool:
    return bool(re.search(back, words(method))) and not re.search("zero|reset|clear", words(method))


def _set_to_zero(node: ast.AST) -> Iterator[str]:
    """Yield the attribute that a statement sets to 0."""
    text = ast.unparse(node) if isinstance(node, (ast.Assign, ast.Expr)) else ""
    pattern = r"^[\w.]+\.(\w+)(\[(\.\.\.|:)\])?( = (np\.zeros\w*\(.*|0(\.0)?)|\.fill\(0(\.0)?\))$"
    match = re.search(pattern, text)
    if match:
        yield match[1]


def updates(definition: Definition) -> Iterator[str]:
    """Yield calls of methods that update the weights after backward, at a learning rate of 1."""
    for method, arguments in definition.methods.items():
        if not re.search(r"^update|^fit$|^step$|^apply_grad|^optimi[sz]e$", words(method)):
            continue
        kinds = [role(a, ("rate", "decay"), "arguments") for a in arguments]
        if kinds.count("rate") == 1 and all(
            k or a.default for k, a in zip(kinds, arguments, strict=True)
        ):
            values = {"rate": "1.0", "decay": "0.0"}
            pairs = zip(arguments, kinds, strict=True)
            given = [f"{a.name}={values[kind]}" for a, kind in pairs if kind]
            yield f"self.layer.{method}({', '.join(given)})"


def received(definition: Definition, method: str, given: str) -> Iterator[str]:
    """Yield calls of a method that hands on what it has to that of its neighbours.

    `for parent in self.parents: parent.backward(dx)` is such a habit: nothing is returned.
    """
    text = definition.part(method).text
    if re.search(r"return [^\n]", text):
        return
    lists = re.findall(rf"for (\w+) in self\.(\w+):\n(?:[^\n]*\n)*?\s+\1\.{method}\(", text)
    one = re.findall(rf"self\.({BEFORE}|{AFTER})\.{method}\(", text)
    for name in dict.fromkeys([*(name for _, name in lists), *one]):
        yield f"runtime.received(self.layer, {name!r}, {method!r}, {given})"


def adds_up_in(definition: Definition, forward: str, reset: str) -> bool:
    """Tell whether forward adds to what it has, until a method resets that."""
    source, text = definition.part(forward).text, definition.part(reset).text
    added = re.findall(r"self\.(\w+) \+= (?!1$)", source, re.M)
    asked = re.findall(r"self\.(\w+) is None", source) if added else []
    return any(re.search(rf"self\.{name} = ", text) for name in (*added, *asked))
