"""How pairs of functions may be called as units: hypotheses from names and signatures alone."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace

from cnn_conformance import units
from cnn_conformance.adapt import habits
from cnn_conformance.adapt.calls import back_arguments, loss_arguments
from cnn_conformance.adapt.candidates import Candidate
from cnn_conformance.adapt.constructors import (
    MAX_MAKES,
    WINDOW,
    WITH_ARGUMENTS,
    makes,
    mode_of,
    shape_of_activation,
)
from cnn_conformance.adapt.signatures import Argument
from cnn_conformance.adapt.source import Definition, is_square_in, vocabulary, words

CONTEXT = re.compile(r"^(ctx|context)$")
APPLIES = re.compile(
    r"\b(exp|tanh|sigmoid|softmax\w*|cosh|self|self\.(forward|call|__call__|act\w*|func\w*))\("
)
"""How a derivative that is written in terms of the input applies the function itself."""


def of_functions(unit: str, forward: Definition, found: list[Definition]) -> Candidate | None:
    """Return how a pair of functions may be used as a unit."""
    if not forward.arguments or re.search(
        "^(init|pad|test|plot|make|get|load|add|create|build|set|time|show|save)(_|$)|init(iali[sz]e)?$",
        words(forward.name),
    ):
        return None
    if unit in units.LOSSES:
        return _loss_functions(unit, forward, found)
    module = forward.module
    call = _function_call(unit, forward, "x")
    if call is None:
        return None
    candidate = Candidate(unit, forward.where, (forward.name,), {module: forward.file})
    takes = _taken(unit, forward)
    candidate.makes = [{"text": forward.made, "takes": takes, "shape": False}]
    if forward.factory:
        outer = replace(forward, arguments=forward.factory[0], factory=())
        made = itertools.islice(makes(unit, outer, found), MAX_MAKES)
        candidate.makes = [{**make, "takes": takes | make["takes"]} for make in made]
    candidate.runs = [f"{forward.callee}({call})"]
    is_elementwise = unit not in WITH_ARGUMENTS and call.split(", ")[0] == "x"
    if is_elementwise:
        candidate.runs.append(f"np.vectorize({forward.callee})({call})")
    backward = _partner(unit, forward, found)
    if backward is not None:
        other = backward.module
        candidate.files[other] = backward.file
        candidate.names = (forward.name, backward.name)
        candidate.what += f", and {backward.where}"
        candidate.backs = [
            f"{backward.callee}{text}" for text in _back_calls(unit, forward, backward, found)
        ]
        if is_elementwise and candidate.backs[0].endswith(" * dout"):
            given = candidate.backs[0].removeprefix(backward.callee)
            candidate.backs.append(f"np.vectorize({backward.callee}){given}")
    candidate.backs[:0] = [f"{place}(dout)" for place, _ in habits.closures(forward)]
    return candidate


def of_context(unit: str, definition: Definition, found: list[Definition]) -> Candidate | None:
    """Return how static `forward(ctx, x, ...)` and `backward(ctx, dout)` of a class may be used."""
    methods = ("forward", "backward")
    firsts = [definition.methods[m][:1] for m in methods if m in definition.statics]
    if len(firsts) < 2 or not all(each and CONTEXT.search(each[0].name) for each in firsts):
        return None
    keeping = [d for d in found if d.is_class and CONTEXT.search(words(d.name))]
    kept = next((d for d in keeping if not d.arguments), None)
    own = f"{kept.module}.{kept.name}()" if kept else "runtime.Context()"
    parts = [replace(definition.part(m), arguments=definition.methods[m][1:]) for m in methods]
    call = _function_call(unit, parts[0], "x")
    if call is None:
        return None
    candidate = Candidate(
        unit, definition.where, (definition.name,), {definition.module: definition.file}
    )
    if kept:
        candidate.files[kept.module] = kept.file
    candidate.makes = [{"text": own, "takes": _taken(unit, parts[0]), "shape": False}]
    callee = f"{definition.module}.{definition.name}"
    candidate.runs = [f"{callee}.forward(self.layer, {call})"]
    given = back_arguments(parts[1].arguments, unit)
    candidate.backs = [f"{callee}.backward(self.layer, {given})"]
    return candidate


def _taken(unit: str, forward: Definition) -> dict[str, str]:
    takes = {}
    kinds = _kinds(unit, forward)
    for argument, kind in zip(forward.arguments, kinds, strict=True):
        if chosen := shape_of_activation(unit, argument):
            takes[chosen] = "any"
        if kind in WINDOW:
            takes[kind] = "number" if argument.is_whole else "pair" if argument.is_pair else "any"
        if kind == "weight" and unit == "Conv2D" and is_square_in(argument.name, forward):
            takes["kernel_size"] = "number"
        if kind == "parameters":
            takes |= dict.fromkeys(_keys(forward, argument).values(), "any")
    return takes


def _kinds(unit: str, forward: Definition) -> list[str]:
    """Return what the arguments of forward are for: x is the first that is no such dict."""
    given = habits.packed(unit, forward)
    first = next((a for a in forward.arguments if a.name not in given), None)
    kinds = [
        "packed" if a.name in given else _kind(unit, a, first=a is first) for a in forward.arguments
    ]
    if "Pool" in unit and "kernel_size" not in kinds and kinds.count("padding") == 1:
        place = kinds.index("padding")
        if not re.search("pad|border", forward.arguments[place].name):  # p of pooling
            kinds[place] = "kernel_size"
    return kinds


def _settled(unit: str, forward: Definition) -> list[str]:
    """Return what the arguments of forward are for, by elimination where names do not tell."""
    kinds = _kinds(unit, forward)
    if unit in ("Conv2D", "Dense") and "packed" not in kinds:
        for missing in ("weight", "bias"):
            open_ = [i for i, k in enumerate(kinds) if not k and not forward.arguments[i].default]
            if missing not in kinds and open_:
                kinds[open_[0]] = missing
    if unit in ("MaxPool2D", "AvgPool2D") and "kernel_size" not in kinds:
        open_ = [i for i, k in enumerate(kinds) if not k]
        if open_:
            kinds[open_[0]] = "kernel_size"
    return kinds


def _alike(unit: str, forward: Definition, backward: Definition) -> dict[str, str]:
    """Return what backward is given for names that it has in common with forward."""
    texts = {"x": "self.at.x", "weight": "self.at.weight", "bias": "self.at.bias"}
    texts |= {kind: f"self.{kind}" for kind in WINDOW}
    kinds = zip(forward.arguments, _settled(unit, forward), strict=True)
    known = {a.name: texts[kind] for a, kind in kinds if kind in texts}
    known |= {
        name: f"self.at.returned[{place}]"
        for place, name in habits.returned(forward)
        if place and name not in known
    }
    own = {argument.name for argument in backward.arguments}
    return {name: text for name, text in known.items() if name in own}


def _kind(unit: str, argument: Argument, first: bool) -> str:
    if first:
        return "x"
    order = ["stride", "padding", "weight", "bias", "parameters", "rate"]
    if unit in ("MaxPool2D", "AvgPool2D"):
        order = ["stride", "padding", "kernel_size", "parameters"]
    if unit not in ("Conv2D", "Dense", "MaxPool2D", "AvgPool2D"):
        order = ["parameters"]
    known = vocabulary()["data"]
    return next((k for k in order if re.search(known[k], words(argument.name))), "")


def _function_call(unit: str, forward: Definition, x: str) -> str | None:
    texts: list[str] = []
    kinds, given = _settled(unit, forward), habits.packed(unit, forward)
    if unit in ("Conv2D", "Dense") and not {"packed", "weight"} & {*kinds}:
        return None
    for argument, kind in zip(forward.arguments, kinds, strict=True):
        value = given.get(argument.name) or _in_function(unit, argument, kind, forward)
        if kind == "x":
            texts.append(x if not texts else f"{argument.name}={x}")
        elif chosen := shape_of_activation(unit, argument):
            texts.append(f"**self.if_given({argument.name}={chosen!r})")
        elif value is not None:
            texts.append(f"{argument.name}={value}")
        elif not argument.default:
            return None
    return ", ".join(texts)


def _in_function(unit: str, argument: Argument, kind: str, forward: Definition) -> str | None:
    if kind in ("weight", "bias"):
        return f"self.at.{kind}"
    if kind in WINDOW:
        return f"self.{kind}"
    if kind == "rate":
        return "1.0"
    if kind == "parameters":
        entries = (f"{key!r}: self.{ours}" for key, ours in _keys(forward, argument).items())
        return "{" + ", ".join(entries) + "}"
    if mode := mode_of(unit, argument, forward):
        return repr(mode)
    return None


def _keys(forward: Definition, argument: Argument) -> dict[str, str]:
    """Return the keys by which an argument is looked into, and what each of them stands for."""
    known = vocabulary()["data"]
    found = re.findall(rf"\b{argument.name}(?:\.get)?[\[(]'(\w+)'", forward.text)
    named = {key: [w for w in WINDOW if re.search(known[w], words(key))] for key in found}
    return {key: ours[0] for key, ours in named.items() if ours}


def _partner(unit: str, forward: Definition, found: list[Definition]) -> Definition | None:
    """Return the function that goes backward for one: its name has most in common with it."""
    pattern = vocabulary()["backward"]["pattern"]
    stem = re.sub(r"fwd|forward|_+$", "", words(forward.name)).strip("_")
    scored = []
    for other in found:
        name = words(other.name)
        is_other = other.is_class or other is forward or other.owner != forward.owner
        of_loss = re.search("loss|cost|entropy", name) and unit not in units.LOSSES
        if is_other or of_loss or not re.search(pattern, name):
            continue
        rest = re.sub(
            r"un_?(?=pool)|backward|backprop\w*|back|bprop|gradient|grad|derivative|deriv|prime|bwd|(^|_)d(_|$)|"
            r"^d(?=re_?lu|sigm|tan_?h|soft|conv|pool|max|dense|linear|affine|leaky|elu|act)",
            "",
            name,
        )
        rest = rest.strip("_")
        score = 3 if rest == stem else 2 if rest and (rest in stem or stem in rest) else 0
        if (
            not score
            and unit in units.LOSSES
            and {"cost"} & {*stem.split("_")} & {*rest.split("_")}
        ):
            score = 1
        if score:
            near = other.file == forward.file
            scored.append((score, near, -len(name), other))
    scored.sort(key=lambda each: each[:3], reverse=True)
    return scored[0][3] if scored else None


def _back_calls(
    unit: str, forward: Definition, backward: Definition, found: list[Definition]
) -> Iterator[str]:
    """Yield ways to call the function that goes backward."""
    if len([a for a in backward.arguments if not a.default]) == 1 and unit not in WITH_ARGUMENTS:
        kind = "y" if is_of_output(unit, backward, forward.name) else "x"
        given = f"self.at.{habits.handed(backward, found) or kind}"
        slopes = [(a.name, shape_of_activation(unit, a)) for a in backward.arguments[1:]]
        slope = "".join(f", **self.if_given({name}={ours!r})" for name, ours in slopes if ours)
        yield f"({given}{slope}) * dout"
        return
    takes_output = unit not in WITH_ARGUMENTS and is_of_output(unit, backward, forward.name)
    given = "self.at.y" if takes_output else "self.at.x"
    packed = habits.packed(unit, backward) | habits.packed(unit, forward)
    packed = _alike(unit, forward, backward) | packed
    yield f"({back_arguments(backward.arguments, unit, given, packed)})"


def is_of_output(unit: str, derivative: Definition, name: str = "") -> bool:
    """Tell whether a derivative is written in terms of the output rather than of the input.

    One that applies the function itself takes the input; so does one whose argument is called x.
    """
    if unit in ("ReLU", "LeakyReLU"):
        return False
    text = derivative.text
    body = text.partition("\n")[2]
    applies = APPLIES.search(body) or re.search(rf"\b{name or derivative.name}\(", body)
    return not applies and bool(re.search(r"1(\.0?)? - |outer\(|diag", text))


def _loss_functions(unit: str, forward: Definition, found: list[Definition]) -> Candidate | None:
    module = forward.module
    calls = loss_arguments(forward.arguments, False)
    if not calls or len([a for a in forward.arguments if not a.default]) != 2:
        return None
    candidate = Candidate(unit, forward.where, (forward.name,), {module: forward.file})
    candidate.makes = [{"text": forward.made, "takes": {}, "shape": False}]
    candidate.runs = [f"{forward.callee}({text})" for text in calls]
    backward = _partner(unit, forward, found)
    if backward is not None:
        other = backward.module
        candidate.files[other] = backward.file
        candidate.names = (forward.name, backward.name)
        candidate.what += f", and {backward.where}"
        candidate.backs = [
            f"{backward.callee}({text})" for text in loss_arguments(backward.arguments, True)
        ]
    candidate.backs[:0] = [
        f"{place}({'1.0' if needed else ''})" for place, needed in habits.closures(forward)
    ]
    return candidate
