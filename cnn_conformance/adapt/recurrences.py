"""How recurrent layers may be called: hypotheses from names and signatures."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from cnn_conformance.adapt import gates, habits
from cnn_conformance.adapt.candidates import Candidate, fits
from cnn_conformance.adapt.methods import backward_methods, forward_methods, reset_methods
from cnn_conformance.adapt.recurrent import ORDERS
from cnn_conformance.adapt.signatures import Argument
from cnn_conformance.adapt.source import Definition, role, vocabulary, words

UNITS = tuple(ORDERS)
PARAMETER = re.compile(r"^(w|u|v|b|weights?|bias(es)?)(_|\d|$)|^(w|b)[a-z]{1,2}$|^weight|^bias")
PACKED = re.compile(r"^param")
GRADIENT = re.compile(r"^(d|grad)")
CELL = re.compile(r"^d_?(c|cell)|(c|cell)_?grad|^grad\w*_(c|cell)(_|$)")
FUSED = "its output layer and its loss are in one with it: no layer of its own is to be called"
VALUES = {
    "c": "self.at.c",
    "h": "self.at.h",
    "steps": "self.at.steps",
    "samples": "self.at.samples",
    "hidden_size": "self.hidden_size",
    "input_size": "self.input_size",
    "output_size": "11",
    "rate": "1.0",
    "seed": "0",
    "training": "True",
}


def candidates(unit: str, found: list[Definition]) -> list[Candidate]:
    """Return what may be a recurrent layer, the likeliest first: whole sequences before steps."""
    fitting = [d for d in found if fits(unit, d) and not d.owner]
    made = [c for d in fitting if d.is_class and (c := _of_class(unit, d, found))]
    functions = [d for d in fitting if not d.is_class and d.arguments]
    made += [c for d in functions if (c := _of_functions(unit, d, found))]
    made.sort(key=lambda c: c.by_step)
    return made


def _of_class(unit: str, definition: Definition, found: list[Definition]) -> Candidate | None:
    """Return how a class may be used; None if nothing in it goes forward."""
    forward = forward_methods(definition)
    backward = backward_methods(definition, forward)
    candidate = Candidate(
        unit, definition.where, (definition.name,), {definition.module: definition.file}
    )
    trains = any(re.search("loss|train|fit|optimi", words(m)) for m in definition.methods)
    candidate.why = FUSED if trains and not (forward and backward) else ""
    if not forward:
        return candidate if candidate.why else None
    texts = _constructor(definition)
    has_activation = any("nonlinearity" in text for text in texts)
    takes = {"nonlinearity": "any"} if unit == "RNN" and has_activation else {}
    call = definition.call(texts)
    needs = any(VALUES[kind] in call for kind in ("steps", "samples"))
    candidate.makes = [{"text": call, "takes": takes, "shape": needs}]
    candidate.by_step = _is_step(definition, forward[0])
    for method in forward[:2]:
        given = _given(definition.methods[method], unit, {})
        candidate.runs.append(f"self.layer.{method}({given})")
    for method in backward[:3]:
        given = _given_back(definition.methods[method], candidate.by_step)
        candidate.backs.append(f"self.layer.{method}({given})")
        candidate.returned |= _returned(definition.part(method)) if method == backward[0] else {}
    resets = reset_methods(definition)
    candidate.reset = f"self.layer.{resets[0]}()" if resets else ""
    if not resets and definition.resets:
        candidate.reset = f"runtime.cleared(self.layer, {', '.join(map(repr, definition.resets))})"
    handed = [a.name for a in definition.arguments if f"self.at.{a.name}" in call]
    return _with_gates(candidate, [definition], found, handed)


def _of_functions(unit: str, forward: Definition, found: list[Definition]) -> Candidate | None:
    """Return how a function, and the one that goes with it, may be used."""
    packed = {a.name: _keys(a, [forward, *_called(forward, found)]) for a in forward.arguments}
    packed = {name: keys for name, keys in packed.items() if keys}
    given = _given(forward.arguments, unit, packed, handing=True)
    handed = re.findall(r"self\.at\.(\w+)", given)
    handed = [name for name in handed if name not in ("h", "c", "steps", "samples", "zero")]
    if not handed:
        return None
    candidate = Candidate(unit, forward.where, (forward.name,), {forward.module: forward.file})
    candidate.makes = [{"text": "None", "takes": {}, "shape": False}]
    candidate.runs = [f"{forward.callee}({given})"]
    candidate.by_step = not _loops(forward)
    if backward := _partner(forward, found):
        candidate.files[backward.module] = backward.file
        candidate.names, candidate.what = (
            (forward.name, backward.name),
            f"{forward.where}, and {backward.where}",
        )
        text = _given_back(backward.arguments, candidate.by_step)
        candidate.backs = [f"{backward.callee}({text})"]
        candidate.returned = _returned(backward)
    return _with_gates(candidate, [forward], found, handed)


def _with_gates(
    candidate: Candidate, own: list[Definition], found: list[Definition], handed: list[str]
) -> Candidate:
    """Return a candidate with what the source says of the order of gates, and of joined inputs."""
    source = [*own, *(each for d in own for each in _called(d, found))]
    orders = ORDERS[candidate.unit]
    candidate.order = orders if len(orders) == 1 else gates.order(source, candidate.unit)
    candidate.joined = gates.joined(source)
    candidate.handed = handed
    return candidate


def _returned(backward: Definition) -> dict[str, str]:
    return {f"returned[{place}]": name for place, name in habits.returned(backward)}


def _called(definition: Definition, found: list[Definition]) -> list[Definition]:
    """Return the functions and classes of the code that a source names."""
    known = {n.id for n in ast.walk(definition.node) if isinstance(n, ast.Name)}
    return [d for d in found if d.name in known and d.name != definition.name and not d.owner]


def _keys(argument: Argument, sources: list[Definition]) -> list[str]:
    """Return the keys of a dict of parameters, in one function or another that gets it."""
    if not PACKED.search(words(argument.name)):
        return []
    known = [key for each in sources for key in habits.keys(each, argument)]
    return [key for key in dict.fromkeys(known) if PARAMETER.search(words(key))]


def _loops(definition: Definition) -> bool:
    return any(isinstance(n, (ast.For, ast.While)) for n in ast.walk(definition.node))


def _is_step(definition: Definition, method: str) -> bool:
    """Tell whether a method takes one step: it gets a state, and nothing in it loops."""
    todo, seen = [method], set[str]()
    while todo:
        each = todo.pop()
        if each in seen or each not in definition.nodes:
            continue
        seen.add(each)
        if _loops(definition.part(each)):
            return False
        todo += re.findall(r"self\.(\w+)\(", definition.part(each).text)
    required = [a for a in definition.methods[method] if not a.default]
    kinds = [role(a, ("c", "h"), "recurrent") for a in required[1:]]
    return any(kinds)


def _constructor(definition: Definition) -> list[str]:
    """Return what a constructor is given: by names, then the input before the state."""
    arguments = definition.arguments
    order = ("activation", "rate", "seed", "steps", "samples", "hidden_size", "output_size")
    kinds = [
        "handed" if PARAMETER.search(words(a.name)) and not a.default else "" for a in arguments
    ]
    pairs = zip(kinds, arguments, strict=True)
    kinds = [k or role(a, (*order, "input_size"), "recurrent") for k, a in pairs]
    kinds = [
        kind if kind not in kinds[:i] or kind == "handed" else "" for i, kind in enumerate(kinds)
    ]
    if "handed" not in kinds:
        missing = [kind for kind in ("input_size", "hidden_size") if kind not in kinds]
        for place, argument in enumerate(arguments):
            if not kinds[place] and missing and not argument.default:
                kinds[place] = missing.pop(0)
        if "hidden_size" in missing and "output_size" in kinds:
            kinds[kinds.index("output_size")] = "hidden_size"
    texts = []
    for argument, kind in zip(arguments, kinds, strict=True):
        if kind == "handed":
            texts.append(f"{argument.name}=self.at.{argument.name}")
        elif kind == "activation" and "tanh" in argument.default:
            texts.append(f"**self.if_given({argument.name}='nonlinearity')")
        elif kind in ("input_size", "hidden_size") or not argument.default:
            texts.append(f"{argument.name}={VALUES.get(kind, 'None')}")
    return texts


def _given(
    arguments: list[Argument], unit: str, packed: Mapping[str, list[str]], handing: bool = False
) -> str:
    """Return what forward is called with: x, states, and parameters where it takes them."""
    texts: list[str] = []
    first = next(
        (a for a in arguments if a.name not in packed and not _is_handed(a, handing)), None
    )
    for argument in arguments:
        name = argument.name
        kind = role(argument, ("c", "h", "steps", "samples"), "recurrent")
        if argument is first:
            texts.append("x" if not texts else f"{name}=x")
        elif name in packed:
            entries = ", ".join(f"{key!r}: self.at.{key}" for key in packed[name])
            texts.append(f"{name}={{{entries}}}")
        elif argument.default:
            continue
        elif _is_handed(argument, handing):
            texts.append(f"{name}=self.at.{name}")
        elif kind == "h" and unit == "LSTM" and re.search("states?$", words(name)):
            has_cell = any(role(a, ("c",), "recurrent") for a in arguments)
            texts.append(f"{name}=" + ("self.at.h" if has_cell else "(self.at.h, self.at.c)"))
        else:
            texts.append(f"{name}={VALUES.get(kind, 'None')}")
    return ", ".join(texts)


def _is_handed(argument: Argument, handing: bool) -> bool:
    return handing and bool(PARAMETER.search(words(argument.name))) and not argument.default


def _given_back(arguments: list[Argument], by_step: bool) -> str:
    """Return what backward is called with: dout, and zeros for what would come from later."""
    texts: list[str] = []
    known = vocabulary()["data"]
    has_dout = False
    for argument in arguments:
        name, own = argument.name, words(argument.name)
        if CELL.search(own):
            value = "self.at.dc" if by_step else "self.at.zero"
        elif re.search(known["cache"], own):
            value = "self.at.returned[-1]"
        elif not has_dout and (GRADIENT.search(own) or re.search(known["dout"], own)):
            texts.append("dout" if not texts else f"{name}=dout")
            has_dout = True
            continue
        elif argument.default:
            continue
        elif GRADIENT.search(own):
            value = "self.at.zero"
        elif re.search(known["rate"], own):
            value = "1.0"
        elif re.search(known["x"], own):
            value = "self.at.x"
        else:
            value = "None"
        texts.append(f"{name}={value}")
    if not has_dout and arguments:
        texts[0] = "dout"
    return ", ".join(texts)


def _partner(forward: Definition, found: list[Definition]) -> Definition | None:
    """Return the function that goes backward: `lstm_backward` with `lstm_forward`."""
    stem = re.sub("_?(forward|fwd|fprop)", "", words(forward.name))
    back = vocabulary()["backward"]["pattern"]
    others = [
        d
        for d in found
        if not d.is_class and not d.owner and re.search(back, words(d.name)) and d is not forward
    ]
    alike = [
        d for d in others if re.sub("_?(back\\w*|bwd|bprop|grad\\w*)", "", words(d.name)) == stem
    ]
    return next(iter(alike), None)
