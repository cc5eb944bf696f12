"""Which methods of a class go forward and backward, as loops over layers or their names tell."""

from __future__ import annotations

import re

from cnn_conformance.adapt import habits
from cnn_conformance.adapt.source import Definition, vocabulary, words


def forward_methods(definition: Definition) -> list[str]:
    """Return the methods that may be forward, the likeliest first."""
    known = vocabulary()["methods"]
    known_names = dict.fromkeys((*definition.first_forward, *known["forward"]))
    named = [m for m in known_names if m in definition.methods]
    if habits.remembers(definition, "__call__"):
        named.sort(key=lambda m: m != "__call__")
    if named:
        return named
    own = words(definition.name)
    others = [
        m
        for m, arguments in definition.methods.items()
        if not re.search(known["not_forward"], words(m))
        and len([a for a in arguments if not a.default]) in (1, 2)
    ]
    return sorted(others, key=lambda m: (words(m)[:4] != own[:4], m.endswith("_")))


def backward_methods(definition: Definition, forward: list[str], loss: bool = False) -> list[str]:
    """Return the methods that may be backward, the likeliest first: only a loss's take nothing."""
    patterns = vocabulary()["methods"]["backward"]
    ranked = []
    for method in definition.methods:
        rank = next((i for i, p in enumerate(patterns) if re.search(p, words(method))), None)
        rank = -1 if method in definition.protocol[1:] else rank
        takes = len(definition.methods[method]) > 0 or rank in (-1, 0) or loss
        if rank is not None and method not in forward and takes and "check" not in method:
            ranked.append((rank, method.startswith("_"), len(method), method))
    return [method for *_, method in sorted(ranked)]


def reset_methods(definition: Definition) -> list[str]:
    """Return the methods that reset gradients, and what else adds up."""
    known = vocabulary()["methods"]["reset"]
    named = {words(m): m for m in reversed(definition.methods)} | {m: m for m in definition.methods}
    return [named[name] for name in known if name in named]
