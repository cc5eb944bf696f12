"""How containers of layers may be called: hypotheses from loops over their layers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from cnn_conformance.adapt.calls import back_arguments, run_arguments
from cnn_conformance.adapt.candidates import Candidate, fits
from cnn_conformance.adapt.signatures import Argument
from cnn_conformance.adapt.source import Definition, role, vocabulary, words

UNIT = "Sequential"
LOOP = re.compile(r"for (?:\w+, ?)?\(?(\w+)\)? in [^\n]*self\.\w+[^\n]*:\n(.*)", re.S)
ADD = ("add", "add_layer", "append", "push", "add_module", "agregar", "ajouter", "hinzufuegen")
LAYERS = "layer|module|^net$|seq|blocks|schicht|capas|couches"


def candidates(found: list[Definition]) -> list[Candidate]:
    """Return the classes that hand an array through a list of layers."""
    return [c for d in found if d.is_class and fits(UNIT, d) and (c := _of_class(d))]


def _of_class(definition: Definition) -> Candidate | None:
    known = vocabulary()["methods"]
    names = dict.fromkeys((*definition.first_forward, *known["forward"]))
    forward = _looping(definition, "|".join(f"^{name}$" for name in names))
    ways = [{"text": text, "takes": {}, "shape": False} for text in makes(definition)]
    if not forward or not ways:
        return None
    method, calls = forward[0], {"forward": forward[1]}
    made = Candidate(
        UNIT, definition.where, (definition.name,), {definition.module: definition.file}
    )
    made.makes = ways
    made.runs = [f"self.layer.{method}({run_arguments(definition.methods[method])})"]
    if back := _looping(definition, "|".join(("back|bprop", *definition.protocol[1:]))):
        method, calls["backward"] = back
        if definition.methods[method]:
            given = back_arguments(definition.methods[method], UNIT)
            made.backs = [f"self.layer.{method}({given})"]
    made.calls = {"forward": "forward", "backward": "backward"} | calls | _mode(definition)
    return made


def _looping(definition: Definition, pattern: str) -> tuple[str, str] | None:
    """Return the method that goes through the layers, and what it calls of each of them."""
    named = [m for m in definition.methods if re.search(pattern, m if "^" in pattern else words(m))]
    for method in named:
        loop = LOOP.search(definition.part(method).text)
        call = loop and re.search(rf"= {loop[1]}(?:\.(\w+))?\(", loop[2])
        if call:
            return method, call[1] or "__call__"
    return None


def _mode(definition: Definition) -> dict[str, str]:
    """Return the method that tells all layers whether this is training, and how it does so."""
    for method, arguments in definition.methods.items():
        loop = LOOP.search(definition.part(method).text) if len(arguments) == 1 else None
        if loop is None or not re.search(MODES, words(f"{method}_{arguments[0].name}")):
            continue
        given = arguments[0].name
        told = re.search(rf"\b{loop[1]}\.(\w+)( = {given}$|\({given}\))", loop[2], re.M)
        if told:
            way = told[1] if told[2].startswith(" =") else f"{told[1]}()"
            return {"mode": method, "training": way}
    return {}


MODES = r"mode|train|apprend|entren|lern"


def makes(
    definition: Definition, extra: Callable[[Argument, Definition], str] = lambda *_: ""
) -> Iterator[str]:
    """Yield ways to make one of `self.at.layers`.

    Parameters
    ----------
    definition : Definition
        The class.
    extra : callable
        Returns what another argument is given, if something else than what layers do without.
    """
    given: list[str] = []
    has_layers = False
    for argument in definition.arguments:
        if re.search(LAYERS, words(argument.name)) and not has_layers:
            has_layers = True
            given.append(f"{argument.name}=self.at.layers")
        elif value := extra(argument, definition):
            given.append(f"{argument.name}={value}")
        elif not argument.default:
            given.append(f"{argument.name}={_other(argument)}")
    constructor = definition.nodes.get("__init__")
    if not has_layers and constructor is not None and constructor.args.vararg is not None:
        yield f"{definition.callee}({', '.join([*given, '*self.at.layers'])})"
    elif has_layers:
        yield definition.call(given)
    else:
        adding = [m for m in definition.methods if words(m) in ADD]
        for method in [m for m in adding if len(definition.methods[m]) == 1][:1]:
            yield f"runtime.filled({definition.call(given)}, {method!r}, self.at.layers)"


def _other(argument: Argument) -> str:
    """Return what is given for a loss, an optimizer, a rate: what layers do without."""
    is_rate = role(argument, ("rate",), "arguments") == "rate"
    return "0.1" if is_rate else "None"
