"""Which gate of a recurrent layer is which: by the names that the code gives them.

Names are believed: where a gate that is called forget is used as another, that is a mistake of the
code, and no other name of it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from cnn_conformance.adapt.recurrent import ORDERS
from cnn_conformance.adapt.source import Definition, vocabulary, words

KIND = re.compile(r"^(weights?|kernels?|recurrent|bias(es)?|w|u|v|b)_?")
SAID = re.compile(r"(^|_)(gates?|tor|puerta|porte|weights?|bias(es)?|t|pre|act)(?=_|$)")
SOURCES = {"x": "x|in|i", "h": "h|hid|hidden|a|rec|state"}
"""What the name of an array says of what it weighs."""


def named(name: str, unit: str) -> str:
    """Return the gate that a name stands for, in the specification's letter; nothing for none."""
    plain = SAID.sub("", words(name)).strip("_")
    known = vocabulary()["gates"][unit]
    short = re.sub(r"^(\w)(\1?t|_?[xh])$|^[xh]_?(\w)$", r"\1\3", plain)  # "ft", "zx", "xz"
    for each in (plain, short):
        if gate := next((g for g, pattern in known.items() if re.search(pattern, each)), ""):
            return gate
    return ""


def of_arrays(names: list[str], unit: str) -> dict[str, tuple[str, str]]:
    """Return for the names of arrays which gate each has, and what it weighs, as far as they tell.

    Of `Wxi` and `Whf` the gate comes last, of `Wfx` first: that in which all names have a gate, and
    every gate as often as the others. Arrays of one gate each, or nothing: all gates are in each.
    """
    for pattern in (
        r"(?P<of>{of})_?(?P<gate>\w+)",
        r"(?P<gate>\w+?)_?(?P<of>{of})",
        r"(?P<gate>\w+)",
    ):
        found: dict[str, tuple[str, str]] = {}
        for name in names:
            rest = KIND.sub("", words(name), count=1).strip("_")
            of = "|".join(SOURCES.values())
            own = r"(?P<gate>\w+)" if re.match(r"b", words(name)) else pattern.format(of=of)
            match = re.fullmatch(own, rest)
            gate = named(match["gate"], unit) if match else ""
            if gate:
                source = match.groupdict().get("of") if match else ""
                found[name] = (
                    gate,
                    next(
                        (letter for letter, p in SOURCES.items() if re.fullmatch(p, source or "-")),
                        "",
                    ),
                )
        gates = [gate for gate, _ in found.values()]
        if len(gates) > 1 and {*gates} == {*ORDERS[unit]} and len(gates) == len(names):
            counts = {gates.count(gate) for gate in gates}
            if len(counts) == 1:
                return found
    return {}


def order(definitions: list[Definition], unit: str) -> str:
    """Return the gates in the order in which an array has all of them; nothing if nothing tells.

    The source takes them apart: `i, f = a[:n], a[n:]`, `f = sigmoid(a[:, H:2 * H])`, or
    `i, f, g, o = np.split(a, 4)`.
    """
    for definition in definitions:
        for found in (dict(_split(definition, unit)), dict(_sliced(definition, unit))):
            if {*found} == {*ORDERS[unit]} and len({*found.values()}) == len(found):
                return "".join(sorted(found, key=lambda gate: found[gate]))
    return ""


def _split(definition: Definition, unit: str) -> Iterator[tuple[str, float]]:
    """Yield gates that come out of one call, with their places: `i, f, g, o = np.split(a, 4)`."""
    for node in ast.walk(definition.node):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            value, names = node.value, node.targets[0].elts
            is_split = not isinstance(value, ast.Tuple) and "split" in ast.unparse(value)
            for place, name in enumerate(names if is_split else []):
                if gate := named(ast.unparse(name).rpartition(".")[2], unit):
                    yield gate, place


def _sliced(definition: Definition, unit: str) -> Iterator[tuple[str, float]]:
    """Yield gates that are parts of an array, with where these begin."""
    for node in ast.walk(definition.node):
        if not isinstance(node, ast.Assign):
            continue
        target, value = node.targets[0], node.value
        pairs = [(target, value)]
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = list(zip(target.elts, value.elts, strict=False))
        for name, part in pairs:
            begin = _begin(part)
            gate = named(ast.unparse(name).partition("[")[0].rpartition(".")[2], unit)
            if gate and begin is not None:
                yield gate, begin


def _begin(node: ast.expr) -> float | None:
    """Return where a part of an array begins, in sizes of a gate: 2 for `a[2 * n:3 * n]`."""
    for each in ast.walk(node):
        if not isinstance(each, ast.Subscript):
            continue
        inside = each.slice.elts if isinstance(each.slice, ast.Tuple) else [each.slice]
        parts = [s for s in inside if isinstance(s, ast.Slice) and (s.lower or s.upper)]
        if parts:
            return 0.0 if parts[0].lower is None else _value(parts[0].lower)
        if len(inside) == 1 and isinstance(each.slice, ast.Constant):
            return _value(each.slice)
    return None


def _value(node: ast.expr) -> float | None:
    """Return a number in sizes of a gate: every name is 1."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return float(node.value)
    if isinstance(node, (ast.Name, ast.Attribute)):
        return 1.0
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Add)):
        left, right = _value(node.left), _value(node.right)
        if left is not None and right is not None:
            return left * right if isinstance(node.op, ast.Mult) else left + right
    return None


JOINS = re.compile(r"(?:concatenate|h?v?stack|column_stack|r_|c_)[(\[]\(?\[?\s*([\w.]+)[^,]*, ")
"""How the input and the state become one array, and which comes first."""


def joined(definitions: list[Definition]) -> str:
    """Return in which order the input and the state are put together: "hx" or "xh"."""
    for definition in definitions:
        for first in JOINS.findall(definition.text):
            name = words(first.rpartition(".")[2])
            if re.match(r"(prev_?)?(h|a|s)(_|$|\d)|hidden|state|(last|prev)", name):
                return "hx"
            if re.match(r"x|in", name):
                return "xh"
    return ""
