"""How optimizers may be called: hypotheses from names, signatures and attributes that they use."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from typing import Any

from cnn_conformance.adapt import counts, habits
from cnn_conformance.adapt.candidates import Candidate, fits
from cnn_conformance.adapt.holders import Form, forms, of_own_layer
from cnn_conformance.adapt.pairs import of_step
from cnn_conformance.adapt.plan import Plan
from cnn_conformance.adapt.signatures import Argument
from cnn_conformance.adapt.source import Definition, vocabulary, words
from cnn_conformance.adapt.updating import ONE
from cnn_conformance.implementation.styles._units import SETTINGS

MAX_RUNS, MAX_MAKES, MAX_FORMS = 3, 4, 8


def candidates(unit: str, found: list[Definition], dense: Plan | None = None) -> list[Candidate]:
    """Return what may be an optimizer, the likeliest first.

    Parameters
    ----------
    unit : str
        Of the specification.
    found : list of Definition
        What the code defines.
    dense : Plan, optional
        Its dense layer, for optimizers that take layers.
    """
    own = of_own_layer(dense)
    fitting = [d for d in found if fits(unit, d) and not d.name.lower().startswith(("test", "use"))]
    fitting = [d for d in fitting if not d.owner]
    fitting.sort(key=lambda d: not d.is_class)
    made = [c for d in fitting if (c := _of(unit, d, own))]
    if unit == "SGD":
        others = [d for d in found if not d.owner and _is_momentum(d)]
        both = [c for d in fitting for o in others if (c := _with_momentum(d, o, own))]
        alone = [c for d in others if d not in fitting and (c := _of(unit, d, own))]
        made = [*both, *made, *alone]
        made.sort(key=lambda c: c.what.startswith("function"))
    if dense is not None and unit == "SGD":
        layers = [d for d in found if d.is_class and d.name in dense.names]
        made += [c for d in layers if own and (c := _of_layer(d, dense, own))]
    for candidate in made:
        if dense is not None and any("layer" in form for form in candidate.forms):
            candidate.files |= dense.files
    return made


def _of_layer(layer: Definition, dense: Plan, own: Form) -> Candidate | None:
    """Return gradient descent by a method of the layers themselves: `layer.update(lr)`."""
    updates = list(habits.updates(layer))
    if not updates:
        return None
    call = updates[0].replace("self.layer.", "layer.").replace("=1.0", "=self.lr")
    method = call.partition("(")[0].removeprefix("layer.")
    made = Candidate("SGD", f"method `{method}` of {layer.where}", (layer.name,), dense.files)
    made.is_named = False
    made.makes = [{"text": "None", "takes": {"lr": "any"}, "shape": False}]
    made.runs, made.forms = [f"for layer in self.at.layers:\n    {call}"], [own]
    return made


def _of(unit: str, definition: Definition, own: Form | None) -> Candidate | None:
    """Return how a class or a function may be used as an optimizer."""
    if definition.is_class:
        return _of_class(unit, definition, own)
    return _of_function(unit, definition) or _of_pair(unit, definition)


def _is_momentum(definition: Definition) -> bool:
    """Tell whether something is gradient descent with a momentum, by its name."""
    yes, no = vocabulary()["parts"]["Momentum"]
    name = words(definition.name)
    return bool(re.search(yes, name)) and not re.search(no, name)


def _of_class(unit: str, definition: Definition, own: Form | None) -> Candidate | None:
    """Return how a class may be used as an optimizer; None if nothing in it takes a step."""
    steps = _steps(definition)
    module = definition.module
    if not steps:
        return None
    candidate = Candidate(unit, definition.where, (definition.name,), {module: definition.file})
    for text, takes in itertools.islice(_makes(unit, definition), MAX_MAKES):
        candidate.makes.append({"text": text, "takes": takes, "shape": False})
    for method in steps[:MAX_RUNS]:
        for run, form in _calls(definition, method, own):
            if len(candidate.forms) < MAX_FORMS:
                candidate.runs.append(run)
                candidate.forms.append(form)
    if any("self.lr" in run for run in candidate.runs):  # told in each step
        for make in candidate.makes:
            make["takes"] |= {"lr": "any"}
    return candidate if candidate.makes and candidate.runs else None


def _with_momentum(plain: Definition, other: Definition, own: Form | None) -> Candidate | None:
    """Return a class for momentum 0 and another for the rest, if they are called alike."""
    both = [_of("SGD", each, own) for each in (plain, other)]
    if None in both or "momentum" in both[0].makes[0]["takes"]:  # type: ignore[union-attr]
        return None
    first, second = (each for each in both if each is not None)
    if first.runs != second.runs or "momentum" not in second.makes[0]["takes"]:
        return None
    candidate = Candidate(
        "SGD",
        f"{first.what}, and for a momentum {second.what}",
        (*first.names, *second.names),
        first.files | second.files,
    )
    made, with_it = first.makes[0], second.makes[0]
    text = f"{with_it['text']} if self.momentum else {made['text']}"
    candidate.makes = [{"text": text, "takes": made["takes"] | with_it["takes"], "shape": False}]
    candidate.runs, candidate.forms = second.runs, second.forms
    return candidate


def _of_function(unit: str, definition: Definition) -> Candidate | None:
    """Return how a function may be used, with a dict as its state; None if it wants more."""
    kinds = _kinds(unit, definition)
    given = [*zip(definition.arguments, kinds, strict=True)]
    has_state = "state" in kinds
    settings = [k for k in kinds if k and _ours(k).partition("[")[0] in SETTINGS[unit]]
    needed = {kind for argument, kind in given if not argument.default}
    if not {"weight", "gradient"} <= {*kinds} or not needed <= {*GIVEN, "state", *settings}:
        return None
    if unit != "SGD" and not has_state:
        return None
    module = definition.module
    candidate = Candidate(unit, definition.where, (definition.name,), {module: definition.file})
    made = "{}" if has_state else "None"
    takes = {_ours(kind).partition("[")[0]: "any" for kind in settings}
    candidate.makes = [{"text": made, "takes": takes, "shape": False}]
    optional = [f"{a.name}={_ours(k)!r}" for a, k in given if k in settings and a.default]
    for form in [{"holds": ONE}] if has_state else forms(definition):
        texts = [
            f"{argument.name}={_of_call(kind, form)}"
            for argument, kind in given
            if kind in (*GIVEN, "state") or (kind in settings and not argument.default)
        ]
        texts += [f"**self.if_given({', '.join(optional)})"] if optional else []
        candidate.runs.append(f"return {module}.{definition.name}({', '.join(texts)})")
        candidate.forms.append(form)
    return candidate


def _of_pair(unit: str, definition: Definition) -> Candidate | None:
    """Return how a function may be used that returns two: one for a state, and one for a step."""
    found = of_step(definition, lambda argument: _kind(unit, argument))
    if found is None:
        return None
    state, names = found
    module = definition.module
    candidate = Candidate(unit, definition.where, (definition.name,), {module: definition.file})
    for text, takes in itertools.islice(_makes(unit, definition), MAX_MAKES):
        made = f"runtime.Pair({text}, state={state!r})"
        candidate.makes.append({"text": made, "takes": takes, "shape": False})
    given = ", ".join(f"{name}=self.at.{kind}" for kind, name in names.items())
    candidate.runs, candidate.forms = [f"return self.layer.step({given})"], [{"holds": ONE}]
    return candidate if candidate.makes else None


def _of_call(kind: str, form: dict[str, Any]) -> str:
    """Return the text of what a function is given: a state of its own for each parameter."""
    if kind == "state":
        return "self.layer"
    return _given(kind, form) if kind in GIVEN else f"self.{_ours(kind)}"


def _ours(kind: str) -> str:
    """Return a setting as the specification has it: betas1 is betas[0]."""
    return re.sub(r"(\d)$", lambda m: f"[{int(m[1]) - 1}]", kind)


GIVEN = ("weight", "gradient", "key", "layer", "layers")
"""What a step is given."""


def _kind(unit: str, argument: Argument) -> str:
    """Return what an argument is for: one of the specification's names, or what a step is given.

    The parts of a pair are numbered from 1: betas1 and betas2.
    """
    known = vocabulary()["optimizer"]
    name = words(argument.name)
    others = {k: known["any"][k] for k in SETTINGS[unit] if k in known["any"]}
    tables = {**known[unit], **{k: p for k, p in others.items() if k not in known[unit]}}
    tables |= {kind: known[kind] for kind in (*GIVEN, "state")}
    exact = name.replace("_", "")
    return next((k for k, p in tables.items() if re.search(p, name) or re.search(p, exact)), "")


DECAYING = r"(\w+\.)?(data|value|w|W|weights?|params?|p|theta)\b"


def _kinds(unit: str, definition: Definition) -> list[str]:
    """Return what the arguments are for; of two alike, "alpha" is the rate.

    A decay that the source multiplies with a parameter is that of the weights, not of the rate. Of
    two alike, one that no step looks at is for another optimizer.
    """
    arguments = definition.arguments
    kinds = [_kind(unit, argument) for argument in arguments]
    unread = _unread(definition)
    for place, argument in enumerate(arguments):
        times = rf"\b{re.escape(argument.name)} \* {DECAYING}"
        if kinds[place] == "decay" and re.search(times, definition.text):
            kinds[place] = "weight_decay"
        if kinds.count(kinds[place]) > 1 and argument.name == "alpha" and "lr" not in kinds:
            kinds[place] = "lr"
    for place, argument in enumerate(arguments):
        if kinds.count(kinds[place]) > 1 and argument.name in unread:
            kinds[place] = ""
    return [kind if kind not in kinds[:place] else "" for place, kind in enumerate(kinds)]


def _unread(definition: Definition) -> set[str]:
    """Return the arguments of a constructor that are kept and not looked at in a step."""
    steps = _steps(definition) if definition.is_class else []
    constructor = definition.nodes.get("__init__")
    if not steps or constructor is None:
        return set()
    own = counts.called_by(definition, steps[0])
    read = {name for m in own for name in re.findall(r"self\.(\w+)", definition.part(m).text)}
    kept = re.findall(r"self\.(\w+) = (\w+)$", ast.unparse(constructor), re.M)
    return {given for name, given in kept if name not in read}


def _makes(unit: str, definition: Definition) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield ways to call the constructor."""
    takes: dict[str, str] = {}
    options: list[list[str]] = []
    optional: list[str] = []
    kinds = _kinds(unit, definition)
    for argument, kind in zip(definition.arguments, kinds, strict=True):
        ours = _ours(kind)
        name = argument.name
        if kind in GIVEN:
            options.append([f"{name}={text}" for text in _at_start(kind)])
        elif kind:
            takes[ours.partition("[")[0]] = "any"
            if argument.default:
                optional.append(f"{name}={ours!r}")
            else:
                options.append([f"{name}=self.{ours}"])
        elif not argument.default:
            return
    rest = [f"**self.if_given({', '.join(optional)})"] if optional else []
    for chosen in itertools.product(*options):
        yield definition.call([*chosen, *rest]), takes


def _at_start(kind: str) -> list[str]:
    """Return what a constructor may be given that asks for parameters or for layers."""
    if kind in ("layer", "layers"):
        return ["self.at.layers", "runtime.Together(layers=self.at.layers)"]
    return ["self.at.params" if kind == "weight" else "self.at.grads", "self.at.layers"]


def _steps(definition: Definition) -> list[str]:
    """Return the methods that may take a step, the likeliest first."""
    names = [m for m in definition.methods if re.search(vocabulary()["methods"]["step"], words(m))]
    own = [m for m in names if not re.search("pre|post|^_|zero|lr|rate|init", words(m))]
    return sorted(own, key=lambda m: (not definition.methods[m], len(m)))


def _calls(definition: Definition, method: str, own: Form | None) -> Iterator[tuple[str, Form]]:
    """Yield ways to call a method that takes a step, and in which form it gets parameters."""
    arguments = [a for a in definition.methods[method] if not a.default]
    kinds = [_kind("SGD", argument) for argument in arguments]
    if len(arguments) == 2 and not {"weight", "gradient"} <= {*kinds} and "layer" not in kinds:
        kinds = ["gradient", "weight"] if kinds[0] == "gradient" else ["weight", "gradient"]
    if len(arguments) == 1 and not kinds[0]:
        kinds = ["layer"]
    if any(kind not in (*GIVEN, "lr") for kind in kinds):
        return
    before = [f"self.layer.{m}()" for m in definition.methods if _is_beside(m, "pre")]
    after = [f"self.layer.{m}()" for m in definition.methods if _is_beside(m, "post")]
    if count := counts.of_steps(definition, method):
        (after if count.is_after else before).append(count.text)
    for form in forms(definition, kinds, own):
        given = [f"{a.name}={_given(k, form)}" for a, k in zip(arguments, kinds, strict=True)]
        call = f"self.layer.{method}({', '.join(given)})"
        if "layer" in kinds:
            head = "for layer in self.at.layers:"
            if "key" in kinds:
                head = "for key, layer in enumerate(self.at.layers):"
                is_name = any("name" in words(a.name) for a in arguments)
                call = call.replace("=''", "=str(key)" if is_name else "=key")
            lines = [*before, head, f"    {call}", *after]
            yield "\n".join(lines), form
        elif before or after:
            yield "\n".join([*before, call, *after]), form
        else:
            yield f"return {call}", form


def _is_beside(method: str, which: str) -> bool:
    return bool(re.match(f"{which}_.*(update|step)", words(method)))


def _given(kind: str, form: dict[str, Any]) -> str:
    """Return the text of what a step is given."""
    if kind == "layer":
        return "layer"
    if kind in ("layers", "lr"):
        return {"layers": "self.at.layers", "lr": "self.lr"}[kind]
    if form["holds"] == ONE:
        return f"self.at.{kind}"
    return {"weight": "self.at.params", "gradient": "self.at.grads", "key": "''"}[kind]
