"""What layers' methods are called in some code, as its loops over layers tell, in any language."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from cnn_conformance.adapt import habits
from cnn_conformance.adapt.source import Definition, words

BUILDS = r"build|init|shape|setup|compil|summar"
"""Methods through which loops hand on what is no array: `shape = layer.build(shape)`."""
LEAST = 2
"""How many classes have to have both methods."""


def note(found: list[Definition]) -> None:
    """Tell each class which of its methods goes forward, and which backward, if loops say so.

    `for layer in layers: x = layer.run(x)` goes forward; over `reversed(layers)` or `layers[::-1]`
    it goes backward. Each is also told which gradients the
    code resets, and what it hands to derivatives.
    """
    classes = [each for each in found if each.is_class]
    seen = Counter(call for each in found for call in _calls(each.node))
    ways: list[list[str]] = [[], []]
    for (method, is_back), _ in seen.most_common():
        if not re.search(BUILDS, words(method)):
            ways[is_back].append(method)
    for forward in ways[False]:
        for backward in ways[True]:
            with_both = [d for d in classes if {forward, backward} <= d.methods.keys()]
            if forward == backward or len(with_both) < LEAST:
                continue
            for each in with_both:
                each.protocol = each.protocol or (forward, backward)
    resets = tuple(habits.resets(found))
    for each in classes:
        each.resets, each.slopes_take = resets, habits.slopes_take(each)


def _calls(node: ast.AST) -> Iterator[tuple[str, bool]]:
    """Yield the methods through which a loop hands something on, and whether it runs backward."""
    for loop in ast.walk(node):
        if not isinstance(loop, ast.For):
            continue
        names = {n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)}
        over = ast.unparse(loop.iter)
        is_back = "reversed(" in over or "[::-1]" in over
        for each in loop.body:
            if not isinstance(each, ast.Assign) or not isinstance(each.value, ast.Call):
                continue
            given = [ast.unparse(argument) for argument in each.value.args]
            called = each.value.func
            owner = called.value if isinstance(called, ast.Attribute) else called
            is_layer = isinstance(owner, ast.Name) and owner.id in names
            if is_layer and ast.unparse(each.targets[0]) in given:
                yield called.attr if isinstance(called, ast.Attribute) else "__call__", is_back
