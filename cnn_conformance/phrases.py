"""The sentences: what is said of a finding. The only place that writes prose about a failure.

A phrase is a format string over the facts of its finding, or a function of the finding where
numbers decide on words. `{when}` and `{tensor}` may be findings too and are put into words first.
Any word may be changed here: nothing reads what comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from cnn_conformance.findings import Finding

Phrase = str | Callable[[Finding], str]


def say(finding: Finding) -> str:
    """Return the sentence for a finding, without a full stop."""
    phrase = PHRASES[finding.kind]
    if callable(phrase):
        return phrase(finding)
    return phrase.format_map(_Facts({name: _shown(v) for name, v in finding.facts.items()}))


class _Facts(dict[str, Any]):
    """Facts by name; one that was not given is empty."""

    def __missing__(self, name: str) -> str:
        return ""


def _shown(value: Any) -> Any:
    """Return a fact as a phrase shows it."""
    if isinstance(value, Finding):
        return say(value)
    return "" if value is None else value


def listed(words: Iterable[str]) -> str:
    """Return words as in "a, b and c"."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _is(names: tuple[str, ...]) -> str:
    return "is" if len(names) == 1 else "are"


# ---------------------------------------------------------------- comparisons


def _values(f: Finding) -> str:
    place = f"[{', '.join(map(str, f.place))}]" if f.place else ""
    count = "" if f.single else f"; {f.wrong} of {f.elements} elements are wrong"
    return (
        f"{_shown(f.tensor)}{_shown(f.when)}{place} is {f.got:.8g}, expected {f.expected:.8g} "
        f"(off by {f.off:.2g}, allowed {f.allowed:.2g}){count}{_shown(f.by)}"
    )


# ---------------------------------------------------------------- attributes and arguments


def _keys(f: Finding) -> str:
    expected = "none" if f.expected == () else f"{list(f.expected)}"
    got = list(f.got) if isinstance(f.got, tuple) else f.got
    return f"{f.attribute} has the keys {got}{_shown(f.when)}, expected {expected}"


def _no_grads(f: Finding) -> str:
    got, params = (dict(shapes) or "nothing" for shapes in (f.got, f.params))
    return f"after backward grads has {got}, params {params}"


def _alike(f: Finding) -> str:
    names = " and ".join(f'params["{name}"]' for name in f.names)
    return f"two units of {names} start alike: they would learn the same"


def _layers_attribute(f: Finding) -> str:
    length = "" if f.length is None else f" of length {f.length}"
    return (
        f"layers is {f.got}{length}, expected the list of the {f.count} layers that were given, in "
        "their order"
    )


# ---------------------------------------------------------------- dropout


def _dropped(f: Finding) -> str:
    what = _shown(f.what)
    return (
        f"{f.count} of {f.size} {what}: expected about {f.about:.0f}, and at most {f.allowed:.0f} "
        "more or fewer"
    )


def _survivors(f: Finding) -> str:
    return (
        f"where x is 0, {f.survivors or 'none'} of {f.zeros} gradients pass: which elements "
        "survive is not seen in y there"
    )


# ---------------------------------------------------------------- running the code


def _raised(f: Finding) -> str:
    return f"{f.type}: {f.text}" if f.text else str(f.type)


def _missing(f: Finding) -> str:
    return f"{f.unit} is not exported{''.join(f'; {problem}' for problem in f.problems)}"


def _until(f: Finding) -> str:
    names = f"{' and '.join(map(_shown, f.names))} {_is(f.names)}"
    return f"cannot be judged until {names} right\n{_shown(f.cause)}"


def _calls(f: Finding) -> str:
    shown = ", ".join(f.first)
    needed = ", ".join(f.needed)
    return f"expected {f.count} times {needed}; the first calls were {shown or 'none'}"


# ---------------------------------------------------------------- the diagnosis


def _said_of(verb: str, verbs: str, rest: str) -> Phrase:
    """Return a phrase about one or several tensors."""

    def phrase(f: Finding) -> str:
        names = f" {'and'} ".join(f.names)
        return f"{names} {verb if len(f.names) == 1 else verbs} {rest.format(**_Facts(f.facts))}"

    return phrase


def _contrast(f: Finding) -> str:
    return f"{listed(f.names)} {_is(f.names)} wrong {_shown(f.where)}"


def _default(f: Finding) -> str:
    pairs = " and ".join(f"{name}={value}" for name, value in f.arguments)
    names = " and ".join(name for name, _ in f.arguments)
    what = "the default" if len(f.arguments) == 1 else "the defaults"
    return (
        f"With {pairs} written out it would be right: look at {what} of {names} in the constructor"
    )


def _ignored(f: Finding) -> str:
    where = "backward takes" if f.backward_only else "the unit takes"
    return where + {
        "left out": " no notice of `{}`",
        "one": " `{}` for 1",
        "exchanged": " the two numbers of `{}` in the wrong order",
        "rows": " the first number of `{}` for both directions",
        "columns": " the second number of `{}` for both directions",
    }[f.how].format(f.option)


def _axes(f: Finding) -> str:
    axes = f"axis {f.axes[0]}" if len(f.axes) == 1 else f"axes {', '.join(map(str, f.axes))}"
    done = {"sum": "summed", "mean": "averaged"}[f.how]
    return f"{_shown(f.tensor)} is right once it is {done} over its {axes}"


def _reversed(f: Finding) -> str:
    return f"{_shown(f.tensor)} is reversed along the {' and the '.join(f.axes)} axis"


def _longer(f: Finding) -> str:
    more = "more" if f.off > 0 else "fewer"
    return f"{_shown(f.tensor)} has {abs(f.off)} {f.axis}s {more} than it should"


PHRASES: dict[str, Phrase] = {
    # what was compared
    "values": _values,
    "shape": "{tensor}{when} has shape {got}, expected {expected}{by}",
    "axes": "{tensor} has shape {got}, expected {count} axes",
    "shape for samples": "y has shape {got}, for {samples} samples",
    "shape for samples and steps": "y has shape {got}, for {sizes} samples and steps",
    "off": "{tensor}{when} is off by up to {off:.3g} from what a fresh instance gives",
    "shape of fresh": "{tensor}{when} has shape {got}; from a fresh instance {expected}",
    "dtype": "{tensor} is {got}{when}, expected {expected}",
    "dtype at first": "{tensor} starts as {got}, expected float64",
    "not finite": "{tensor} has inf or nan",
    "not finite at first": "{tensor} starts with inf or nan",
    "slope": (
        "{tensor} does not fit forward: along a direction of ±1 the slope of {objective} is "
        "{slope:.8g}, {tensor} gives {projected:.8g} (allowed difference {allowed:.2g})"
    ),
    "slope not finite": "forward of {unit} gives {got} somewhere along a direction of ±1",
    "shape changes": "forward gives the shape {got} after {before}, for x of the same shape",
    # when it was
    "in dtype": " in {dtype}",
    "for input": " for {dtype} input",
    "for input and parameters": " for {dtype} input and parameters",
    "in evaluation": ", where training is False,",
    "after step": " after step {step}",
    "after step alone": " after step",
    "after batch": " after batch {batch}",
    "after training": " after training",
    "in training": " in training",
    "in the first step": " in the first step",
    "while not training": " in evaluation",
    "parameters set": ", after params were set {how},",
    "after another forward": ", after a forward with another x,",
    "after another batch": ", after a forward with another batch,",
    "training switched": ", after training was switched,",
    "after a forward in training": ", after a forward in training,",
    "from a second backward": ", from a second backward,",
    "from a third backward": ", from a third backward with the same dout,",
    "second instance": ", with a second instance beside it,",
    "another's backward": ", after another's backward,",
    "second instance of the same sizes": ", with a second instance of the same sizes beside it,",
    "second use": ", on a second use,",
    "second model": ", with a second model beside it,",
    "memory order of x and dout": ", for {layout} x and dout,",
    "memory order": ", for {layout} inputs,",
    "before step": " before step {step}, when later steps of x are changed,",
    "of one sample": " of sample {sample} alone",
    # what it was, where it has no name in the code
    "the loss": "the loss",
    "the gradient": "the gradient",
    "forward": "forward",
    "history": 'the history of "{key}"',
    "result": '{loop}["{key}"]',
    "losses of the steps": "the loss of the steps",
    "the model's": "the model's {name}",
    "output of": "the output of {layer}",
    "gradient of the loss": "the gradient of the loss",
    # laws
    "by law": " by {against}; x has shape {x}",
    "linear in x": "forward(3 x - z)",
    "linear in the weight": "forward with the weight 3 w - v",
    "y of other values": "y of other values",
    "y with another weight": "y with another weight",
    "inner product": "<{name}, d{name}>",
    "delta": "y, for a kernel that is 1 at {place} only,",
    "shifted": "y, for x without its first row,",
    "plus a constant": "y of x {constant:+g}",
    "turned windows": "y of turned windows",
    "sum": "Σ {tensor}",
    "sum along the last axis": "Σ {tensor} along the last axis",
    "sum of the rows": "Σ {tensor} of the rows",
    "row constant": "{tensor} with a constant added to every row",
    "round trip": "backward(forward(x))",
    "loss of": "the loss of ({a}, {b})",
    "gradient of": "dpred of ({a}, {b})",
    "samples of an epoch": (
        "with {count} samples in batches of {size}, an epoch trains on the samples {seen}"
    ),
    "not repeatable": "the same input gives different results from call to call",
    # attributes, arguments, state
    "keys": _keys,
    "no buffer": 'buffers has no "{name}" but {got}',
    "no gradient": 'after backward, grads has no "{name}"',
    "no gradient then": 'grads has no "{name}"{when}',
    "nothing of the name": "there is no {name}{when}",
    "grads and params": _no_grads,
    "alike at first": _alike,
    "parameters not used": ("forward gives the same with other parameters: it does not use params"),
    "argument changed": "{method} changes its caller's {name}",
    "caller's array changed": "the caller's {name} is changed",
    "loop changes data": "{loop} changes the caller's {name}",
    "loop changes model": "{loop} changes the model's {name}",
    "parameter changed": '{method} changes params["{name}"]',
    "parameter is changed": 'params["{name}"] is changed',
    "buffer changed": '{what} buffers["{name}"]',
    "forward changes": "forward changes, with training False,",
    "backward changes": "backward changes",
    "output changed": "the array that forward returned was changed by a later call",
    "not training at first": "training is False at first, expected True",
    "training not passed on": "after training = {value} the layers have {got}",
    "layers attribute": _layers_attribute,
    "parameter not of its layer": 'params["{name}"] does not hold the values of its layer',
    "parameter not the layer's": (
        'writing into the array params["{name}"] does not change the layer'
    ),
    "new array": (
        'step puts a new array into params["{name}"], expected an update of the array itself: a '
        "layer that holds it would not see the step"
    ),
    "no step": "step changes no parameter",
    "gradient changed": 'step changes grads["{name}"]',
    "second optimizer": 'params["{name}"] differs when a second optimizer is used beside',
    # dropout
    "dropped": _dropped,
    "dropped with p": "elements are dropped with p = {p:g}",
    "dropped of a part": (
        "elements of a {part} are dropped, where a share of {share:.3g} of all is"
    ),
    "survivors": _survivors,
    "generators alike": "two layers with generators in the same state drop different elements",
    "another mask": "after a forward with another x, backward has another mask",
    "masks agree": (
        "the masks of {what} agree in {agreements} of {size} elements: independent ones agree in "
        "about {about:.0f}, and at most {allowed:.0f} more or fewer"
    ),
    "neighbouring": "neighbouring {part}",
    "two calls": "two calls of forward",
    "two generators": "two layers with different generators",
    # the training loop
    "samples visited": ("three epochs of {count} samples visited {visited} samples in all"),
    "no batch": "fit trained on no batch at all",
    "batches of different shapes": "the batches have different shapes: {shapes}",
    "shape of samples": "the model got samples of shape {got}, x has {expected}",
    "foreign sample": "the model got a sample that is not one of x",
    "no dict": "{got} was returned, expected a dict",
    "no entry": 'the dict that was returned has no "{key}", only {got}',
    "entries": '"{key}" has {got} entries for {epochs} epochs',
    "no history": "a history is {got}, expected a list with one number an epoch",
    "order of calls": ("the loss was called before the model, or asked for a gradient before that"),
    "calls": _calls,
    "keys of the model": "the model's params has the keys {got} afterwards",
    "single number": "one of the {what} is a single number",
    "training during": "training was not {during} all the time while {loop} ran",
    "training afterwards": "training was {before} before {loop} and is {after} afterwards",
    "accuracy of a regression": "{loop} returned an accuracy for a regression{instead}",
    "expected none": ', expected no "accuracy"',
    "batches": "{got} batches were trained on, expected {expected}",
    "batch sizes by default": (
        "with 64 samples and no options the batches have {got}, expected 32, 32"
    ),
    "not shuffled by default": "without options the samples are not shuffled",
    "batch sizes": "the model got batches of {got}, expected at most {expected}",
    "nothing raised for lengths": (
        "nothing was raised for {shorter} shorter than the other of x and y"
    ),
    "samples of epoch": "epoch {epoch} visits the samples {order}, expected each of {count} once",
    "pairs": "in epoch {epoch} x and y are not paired as they were given",
    "order of epoch": "epoch {epoch} of a shuffled run has {known}",
    "order of x": "the order of x",
    "order of an earlier epoch": "the order of an earlier epoch",
    "batch": "batch {number} is not x[{start}:{stop}] with its y",
    "orders differ": "two runs with the same {rng} have different orders",
    "rng not used": "the order does not depend on rng ({rng})",
    "int seed": "int seed",
    "Generator": "Generator in the same state",
    # errors that were expected
    "nothing raised": "nothing was raised for {why}",
    "another error": "{type} was raised ({text}), expected {expected}",
    "no ValueError": "{raised} was raised, expected ValueError",
    "text without unit": "the error's text does not name {unit}: {text}",
    "text without size": "the error's text does not name {size}: {text}",
    # values that are not what they should be
    "no array": "{what} returned {got}, expected an ndarray",
    "complex": "{what} returned complex numbers ({dtype})",
    "no number": "{what} returned {got}, expected a float",
    "no list": "{what} is {got}, expected a list",
    "no bool": "{unit}.{attribute} is {got}, expected True or False",
    "no dict of arrays": "{unit}.{attribute} is {got}, expected a dict of arrays",
    "reply to backward": "the reply to backward is {got}, expected dx and grads",
    # not judged
    "blocked": "cannot be judged: {step}: {cause}",
    "until": _until,
    "forward of": "the forward of {unit}",
    "while forward is wrong": "cannot be judged while forward is wrong: {cause}",
    "while forward is wrong here": "cannot be judged while forward is wrong here: {cause}",
    "fits neither": "{cause}\nforward is wrong here too, and backward does not fit it",
    "while wrong": "cannot be judged while {names} are wrong",
    "wrong in evaluation": "cannot be judged while y or dx is wrong in evaluation",
    "wrong statistics": ("cannot be judged while the running statistics in buffers are wrong"),
    "nothing dropped": ("cannot be judged while nothing is dropped, or backward has another mask"),
    "all or none dropped": "cannot be judged while {what} element is dropped",
    "slope does not converge": (
        "cannot be judged: the slope of {unit}'s forward does not converge, smaller and smaller "
        "steps give {first:g} and then {second:g}"
    ),
    "with memory order of x and dout": "with {layout} x and dout: {cause}",
    "with memory order": "with {layout} inputs: {cause}",
    # running the code
    "raised": _raised,
    "missing": _missing,
    "not offered": "the argument {name} is not offered",
    "importing": "while importing {target}: {cause}",
    "no answer": "no answer within {seconds:g} s of computing",
    "no answer asleep": "no answer, and {seconds:g} s asleep",
    "limit": "{cause}; --{option} raises the limit",
    "run used up": "the run's {seconds:g} s of computing are used up",
    "not tried": "not tried: {tries} calls of {unit} {what}",
    "had no answer": "had no answer in time",
    "ran out of memory": "ran out of memory",
    "started too many": "started too many processes",
    "too many processes": "more than {processes} processes were started",
    "too much memory": "more than {gib:g} GiB of memory, all its processes together",
    "reply unreadable": "the reply cannot be read: {why}",
    "neither value nor error": "neither value nor error",
    "connection closed": "the process of the implementation closed its connection",
    "ended by signal": "the process of the implementation was ended by {signal}",
    "ended by itself": "the process of the implementation ended by itself, with status {status}",
    "ended within": "the process has ended within this case",
    "answer to load": "the answer is {got}",
    "answer without units": "the answer does not say which units there are",
    "grader": "{problem}",
    "fixtures": "the fixtures cannot be used: {why}",
    "suite error": "{type}: {text}",
}
"""What is said of each kind of finding."""
