"""How the code may be called: hypotheses for each unit, from names and signatures alone.

A hypothesis is text, the very text that a draft consists of. Nothing is run here: `probe` tries
them in the sandbox.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from cnn_conformance import units
from cnn_conformance.adapt import (
    containers,
    habits,
    loops,
    modes,
    nameless,
    optimizers,
    recurrences,
)
from cnn_conformance.adapt.calls import back_arguments, loss_calls, run_arguments
from cnn_conformance.adapt.candidates import Candidate, fits
from cnn_conformance.adapt.constructors import MAX_MAKES, WITH_ARGUMENTS, makes
from cnn_conformance.adapt.functions import is_of_output, of_context, of_functions
from cnn_conformance.adapt.methods import backward_methods, forward_methods, reset_methods
from cnn_conformance.adapt.plan import Plan
from cnn_conformance.adapt.signatures import Argument
from cnn_conformance.adapt.source import (
    Definition,
    divides_in,
    layout_in,
    one_size_in,
    role,
    vocabulary,
    words,
)

MAX_STEPS, MAX_CALLS = 5, 4
BY_AXIS = re.compile(r"axis|keepdims|(sum|max)\(-?\d")
"""What the source of a softmax has that takes more than one vector."""
BINARY = re.compile(r"log\(1(\.0?)? - ")
"""What the source of a cross-entropy has that takes each output as a probability of its own."""


def candidates(
    unit: str, found: list[Definition], known: Mapping[str, Plan] | None = None
) -> list[Candidate]:
    """Return what may be a unit, the likeliest first: classes before functions.

    Parameters
    ----------
    unit : str
        Of the specification.
    found : list of Definition
        What the code defines.
    known : mapping, optional
        What has been drafted of other units, which some are called with.
    """
    if unit in units.OPTIMIZERS:
        return optimizers.candidates(unit, found, (known or {}).get("Dense"))
    if unit == containers.UNIT:
        return containers.candidates(found)
    if unit in loops.UNITS:
        return loops.candidates(unit, found)
    if unit in recurrences.UNITS:
        return recurrences.candidates(unit, found)
    fitting = [
        d for d in found if fits(unit, d) and not d.name.lower().startswith(("test", "check"))
    ]
    if unit in ("SoftmaxCrossEntropy", "BCE"):
        entropies = [d for d in found if fits("SoftmaxCrossEntropy", d)]
        binary = [d for d in entropies if BINARY.search(d.text)]
        fitting = [d for d in fitting if d not in binary] + binary * (unit == "BCE")
        fitting = fitting or [d for d in found if unit != "BCE" and _is_cost(d)]
    fitting = [d for d in fitting if not _is_other_pooling(unit, d, found)]
    fitting.sort(key=lambda d: not re.search("forward|fwd", words(d.name)))
    if unit.endswith("2D"):  # of two that may be one, the one that says so
        fitting.sort(key=lambda d: not re.search("2_?d|spatial", words(d.name)))
    contexts = [c for d in fitting if d.is_class and (c := of_context(unit, d, found))]
    names = {name for candidate in contexts for name in candidate.names}
    fitting = [_made_by(d, found) or d for d in fitting if not _is_abstract(d)]
    classes = [d for d in fitting if d.is_class and d.name not in names]
    made = [*contexts, *(c for d in classes if (c := of_class(unit, d, found)))]
    nameless_ = [c for d in nameless.of(unit, found) if (c := of_class(unit, d, found))]
    made += [replace(c, is_named=False) for c in nameless_]
    if unit in modes.UNITS:
        return made
    made += [c for d in fitting if not d.is_class and (c := of_functions(unit, d, found))]
    if units.of(unit).family == "elementwise" or unit == "Softmax":
        made += _of_general(unit, found)
    if unit == "SoftmaxCrossEntropy":
        both = [d for d in found if d.is_class and fits("Softmax", d) and _losses(d)]
        made += [c for d in both if (c := of_class(unit, d, found))]
        softmaxes = [d for d in found if fits("Softmax", d)]
        made += [c for each in list(made) for d in softmaxes[:2] if (c := _after(each, d))]
    by_name = {d.where: d for d in fitting}
    for candidate in made:
        definition = by_name.get(re.split(", (?:and|after) ", candidate.what)[0])
        if definition is not None:
            candidate.layout = layout_in(definition) or candidate.layout
            candidate.square = one_size_in(definition)
            if unit in ("Softmax", "LogSoftmax") and not BY_AXIS.search(definition.text):
                candidate.layout = "I"
            candidate.divides = unit in units.LOSSES and divides_in(definition)
    return made


def _is_cost(definition: Definition) -> bool:
    """Tell whether a function that is just called cost is a cross-entropy of classes."""
    is_named = re.search("^(compute_|calculate_)?(cost|loss)(_function)?$", words(definition.name))
    text = definition.text
    return not definition.is_class and bool(is_named) and "log(" in text and not BINARY.search(text)


def _is_abstract(definition: Definition) -> bool:
    """Tell whether a class leaves its forward to those that are derived from it."""
    nodes = [definition.nodes[m] for m in forward_methods(definition) if m in definition.nodes]
    return any("raise NotImplementedError" in ast.unparse(node) for node in nodes)


def _made_by(factory: Definition, found: list[Definition]) -> Definition | None:
    """Return the class of the object that a function makes, with the function's name and arguments.

    `def relu(): return Activation(...)` is as good as a class `relu`.
    """
    if factory.is_class or factory.owner or any(a.name in ("x", "X") for a in factory.arguments):
        return None
    made = [n.value for n in ast.walk(factory.node) if isinstance(n, ast.Return)]
    names = [n.func.id for n in made if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    kinds = [d for d in found if d.is_class and names == [d.name] and forward_methods(d)]
    if not kinds:
        return None
    own = {field: getattr(factory, field) for field in ("name", "file", "place", "module", "node")}
    return replace(kinds[0], **own, arguments=factory.arguments, packed="", is_factory=True)


def _losses(definition: Definition) -> list[str]:
    """Return the methods that may return a loss."""
    known = vocabulary()["methods"]
    named = [m for m in known["loss"] if m in definition.methods]
    back = "|".join(known["backward"])
    told = [m for m in definition.methods if re.search("loss|cost|entropy", words(m))]
    return [*named, *(m for m in told if m not in named and not re.search(back, words(m)))]


OTHER_POOLING = {
    "MaxPool2D": (r"max", r"mean|avg|average|sum\("),
    "AvgPool2D": (r"mean|avg|average", r"max"),
}
"""What the source says of a pooling whose name does not tell which: its own word, the other's."""
COMPARES, ADDS = re.compile(r" [<>] "), re.compile(r"sum\(|(?<!/)/(?!/)")
"""What a pooling without such words does if it is one of the largest, or of averages."""


def _is_other_pooling(unit: str, definition: Definition, found: list[Definition]) -> bool:
    """Tell whether a class or function called pool is the other pooling, by its source."""
    own, other = OTHER_POOLING.get(unit, ("", ""))
    if not own or re.search(own, words(definition.name)):
        return False
    bases = [d.text for d in found if d.name in definition.bases]
    text = " ".join([definition.text, *bases])
    if re.search(own, text, re.I):
        return False
    is_largest = bool(COMPARES.search(text)) and not ADDS.search(text)
    return bool(re.search(other, text, re.I)) or (unit == "AvgPool2D" and is_largest)


def of_class(unit: str, definition: Definition, found: list[Definition]) -> Candidate | None:
    """Return how a class may be used as a unit; None if it has no forward."""
    loss = unit in units.LOSSES
    forward = forward_methods(definition)
    if loss:
        forward = [*forward, *(m for m in _losses(definition) if m not in forward)]
    if not forward:
        return None
    module = definition.module
    files = {module: definition.file}
    if (
        unit not in (*WITH_ARGUMENTS, *modes.UNITS)
        and any(
            not a.default and role(a, ("name", "activation", "input_shape"), "arguments") == ""
            for a in definition.arguments
        )
        and unit not in ("Flatten",)
    ):
        return None
    backward = backward_methods(definition, forward, loss)
    candidate = Candidate(unit, definition.where, (definition.name,), files)
    ways = makes(unit, definition, found)
    if unit in modes.UNITS:
        ways = modes.makes(unit, definition)
        candidate.modes = modes.modes(definition, forward)
    candidate.makes = list(itertools.islice(ways, MAX_MAKES))
    if not candidate.makes:
        return None
    used = " ".join(make["text"] for make in candidate.makes)
    candidate.files |= {d.module: d.file for d in found if f"{d.module}.{d.name}(" in used}
    candidate.steps = list(itertools.islice(_steps(definition), MAX_STEPS))
    if loss:
        candidate.runs = [
            f"self.layer.{m}{a}" for m in forward[:3] for a in loss_calls(definition, m)
        ]
        candidate.backs = [
            f"self.layer.{m}{given}"
            for m in backward[:2]
            for a in loss_calls(definition, m, True)
            for given in (*_with_output(definition, m, a), a)
        ]
        return candidate
    candidate.runs = [text for m in forward[:MAX_CALLS] for text in _run_calls(unit, definition, m)]
    candidate.backs = [
        f"{at}(dout)" for m in forward for at, _ in habits.closures(definition.part(m))
    ]
    candidate.backs += [
        text for m in backward[:MAX_CALLS] for text in _back_calls(unit, definition, m)
    ]
    candidate.backs += [
        f"runtime.updated({back}, {update})"
        for update in habits.updates(definition)
        for back in candidate.backs[:1]
    ]
    resets = reset_methods(definition)
    candidate.reset = f"self.layer.{resets[0]}()" if resets else ""
    if not resets and definition.resets:
        names = ", ".join(map(repr, definition.resets))
        candidate.reset = f"runtime.cleared(self.layer, {names})"
    if resets and habits.adds_up_in(definition, forward[0], resets[0]):
        candidate.runs = [f"({candidate.reset}, {run})[1]" for run in candidate.runs]
    return candidate


def _run_calls(unit: str, definition: Definition, method: str) -> Iterator[str]:
    """Yield ways to call a method that goes forward."""
    arguments = definition.methods[method]
    if not arguments:
        yield from habits.linked_calls(definition, method)
    given = run_arguments(arguments, unit)
    yield f"self.layer.{method}({given})"
    yield from habits.received(definition, method, given)


def _back_calls(unit: str, definition: Definition, method: str) -> Iterator[str]:
    """Yield ways to call a method that goes backward, or returns a slope at x or y."""
    arguments = definition.methods[method]
    if not arguments:
        yield from habits.linked_calls(definition, method, back=True)
    names = [words(a.name) for a in arguments if not a.default]
    is_slope = re.search("grad|deri?v|prime", words(method)) and not re.search(
        vocabulary()["data"]["dout"], " ".join(names)
    )
    if is_slope and len(names) == 1 and units.of(unit).family == "elementwise":
        given = "self.at.y" if is_of_output(unit, definition.part(method)) else "self.at.x"
        yield f"self.layer.{method}({given}) * dout"
    given = back_arguments(arguments, unit)
    yield from habits.received(definition, method, given)
    yield f"self.layer.{method}({given})"


def _with_output(definition: Definition, method: str, given: str) -> Iterator[str]:
    """Yield a call of a loss's backward with the output that the object has kept, not its input."""
    kept = re.search(
        r"self\.(outputs?|probs|probabilities|y_?hat|y_pred|softmax\w*) = ", definition.text
    )
    names = [words(a.name) for a in definition.methods[method] if not a.default]
    if kept and len(names) == 2 and not any(re.search("logit|^x$|^input", n) for n in names):
        yield given.replace("self.at.x", f"self.layer.{kept[1]}")


def _steps(definition: Definition) -> Iterator[list[str]]:
    """Yield what may have to be called between the constructor and forward."""
    yield []
    single = []
    for method in vocabulary()["methods"]["build"]:
        if method not in definition.methods:
            continue
        shapes = ("self.at.shape", "self.at.shape[1:]")
        for shape in shapes[::-1] if "input_shape" in method else shapes:
            texts = [_build_argument(a, shape) for a in definition.methods[method] if not a.default]
            call = f"layer.{method}({', '.join(texts)})"
            if call not in single:
                single.append(call)
    for call in single:
        yield [call]
    if len(single) > 1:
        shaped = [c for c in single if "shape" in c.partition("(")[0]]
        for first in shaped:
            rest = [c for c in single if c.partition("(")[0] != first.partition("(")[0]]
            yield [first, *rest[:1]]


def _build_argument(argument: Argument, shape: str) -> str:
    known = vocabulary()["arguments"]
    name = words(argument.name)
    if re.search(known["seed"], name):
        return "np.random.RandomState(0)"
    if re.search(known["optimizer"], name):
        return "runtime.Descent()"
    if re.search(known["in_channels"], name):
        return "self.given.get('in_channels', self.given.get('in_features'))"
    return shape


def _of_general(unit: str, found: list[Definition]) -> list[Candidate]:
    """Return classes that are told by a word which activation they are."""
    made = []
    for definition in found:
        if not definition.is_class or not re.search("^activation", words(definition.name)):
            continue
        texts = [t for t in definition.texts if fits(unit, Definition(t, "", "", []))]
        required = [a for a in definition.arguments if not a.default]
        forward = forward_methods(definition)
        if not texts or len(required) > 1 or not definition.arguments or not forward:
            continue
        candidate = of_class(unit, definition, found)
        if candidate is not None:
            module = definition.module
            name = definition.arguments[0].name
            text = f"{module}.{definition.name}({name}={texts[0]!r})"
            candidate.makes = [{"text": text, "takes": {}, "shape": False}]
            made.append(candidate)
    return made


def _to_softmax(arguments: list[Argument]) -> list[str]:
    """Return what the backward of a softmax before a loss is given; "{}" stands for a gradient."""
    known = vocabulary()["data"]
    required = [argument for argument in arguments if not argument.default]
    rates = [a for a in required if re.search(known["rate"], words(a.name))]
    others = [a for a in required if a not in rates]
    rate = "".join(f", {a.name}=1.0" for a in rates)
    if len(others) == 2:
        return [f"self.at.p, self.at.t{rate}"]
    is_target = len(others) == 1 and re.search(known["target"], words(others[0].name))
    return [*([f"self.at.t{rate}"] if is_target else []), f"{{}}{rate}"]


def _after(loss: Candidate, softmax: Definition) -> Candidate | None:
    """Return a loss of probabilities after a softmax, which together take logits."""
    both = Candidate(
        loss.unit, f"{loss.what}, after {softmax.where}", (*loss.names, softmax.name), {}
    )
    both.files = {**loss.files, softmax.module: softmax.file}
    both.layout = "" if BY_AXIS.search(softmax.text) else "I"
    chained: list[str] = []
    if softmax.is_class:
        forward = forward_methods(softmax)
        if not forward or any(not a.default for a in softmax.arguments):
            return None
        given = run_arguments(softmax.methods[forward[0]]).replace("x", "prediction", 1)
        p = f"self.layer.softmax.{forward[0]}({given})"
        part = f"softmax={softmax.module}.{softmax.name}()"
        for method in backward_methods(softmax, forward)[:1]:
            own = f"self.layer.softmax.{method}"
            chained += [f"{own}({given})" for given in _to_softmax(softmax.methods[method])]
    else:
        if len([a for a in softmax.arguments if not a.default]) != 1:
            return None
        if softmax.made != "None":
            return None
        p, part = f"{softmax.callee}(prediction)", ""
    for make in loss.makes:
        own = "" if make["text"] == "None" else f"loss={make['text']}"
        parts = ", ".join(each for each in (own, part) if each)
        both.makes.append({**make, "text": f"runtime.Together({parts})" if parts else "None"})
    inner = [call.replace("self.layer.", "self.layer.loss.") for call in loss.runs]
    both.runs = [call.replace("prediction", f"self.kept({p})") for call in inner]
    backs = [c.replace("self.layer.", "self.layer.loss.") for c in loss.backs]
    backs = [call.replace("self.at.x", "self.at.p") for call in backs]
    both.backs = [*backs]
    for text in chained:
        both.backs += [text.replace("{}", back) for back in backs] if "{}" in text else [text]
    return both
