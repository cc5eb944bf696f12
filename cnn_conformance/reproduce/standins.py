"""Compact stand-ins for the probes: small layers, losses and optimizers of the script's own.

`containers` get layers that are classes. `fit`, `evaluate` and `predict` get a linear model, a loss
and plain gradient descent, made of lambdas, which note only what the failure is about:
`xs`, the batches that went through the model, `modes`, whether it was in training then, `visits`,
the (x, y) that were trained on, or `calls`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cnn_conformance.implementation.tape import Entry
from cnn_conformance.reproduce.lines import Define, Key, Piece, Pieces, Statement, Use, joined

if TYPE_CHECKING:
    from cnn_conformance.reproduce.translation import Translation

SCALE = """\
class Scale:  # y = x * weight + bias
    def __init__(self, **params): self.params, self.grads, self.training = params, {}, True
    def forward(self, x): self.x = x; return x * self.params["weight"] + self.params["bias"]
    def backward(self, dout): self.grads.update(weight=(dout * self.x).sum(0), bias=dout.sum(0)); \
return dout * self.params["weight"]"""
SQUARE = """\
class Square(Scale): forward, backward = lambda self, x: setattr(self, "x", x) or x * x, \
lambda self, dout: 2 * self.x * dout"""
TURN = """\
class Turn(Scale): forward = backward = lambda self, x: x[:, ::-1]"""
EXP = """\
class Exp(Scale): forward, backward = lambda self, x: setattr(self, "y", np.exp(x)) or self.y, \
lambda self, dout: dout * self.y"""
NUMBERED = """\
def Numbered(**params): scale, named = Scale(**params), lambda of: property(lambda _: \
{f"0.{n}": a for n, a in vars(scale)[of].items()}); return type(
    "Numbered", (), {"training": True, "forward": staticmethod(scale.forward), \
"backward": staticmethod(scale.backward), "params": named("params"), "grads": named("grads")})()"""
IN_PLACE = """\
class InPlace(Scale): backward = lambda self, dout: (was := dict(self.grads), \
Scale.backward(self, dout), [np.copyto(was[n], g) for n, g in self.grads.items() if n in was], \
self.grads.update(was))[1]  # its gradients are the same arrays every time"""
PLUS_INPUT = """\
def PlusInput(layer): return type("PlusInput", (), {"__getattr__": lambda _, name: \
getattr(layer, name), "forward": lambda _, x: x + layer.forward(x), \
"backward": lambda _, dout: dout + layer.backward(dout)})()"""
CLASSES = {
    "Scale": SCALE,
    "Numbered": NUMBERED,
    "Square": SQUARE,
    "Turn": TURN,
    "Exp": EXP,
    "InPlace": IN_PLACE,
    "PlusInput": PLUS_INPUT,
}


BACK = "\n    def backward"
LOOPS = frozenset({"Log", "Linear", "Model", "Loss", "Descent"})
MODEL = """\
<model> = types.SimpleNamespace(params={"0.weight": <weight>.copy(), "0.bias": \
<bias>.copy()}, grads={"0.weight": 0 * <weight>, "0.bias": 0 * <bias>}, training=True)"""
FORWARD = """\
<model>.layers, <model>.forward = [<model>], lambda x: <forward>vars(<model>).update(x=x) or \
x @ <model>.params["0.weight"].T + <model>.params["0.bias"]"""
BACKWARD = """\
<model>.backward = lambda dout: <backward><model>.grads.update({"0.weight": dout.T @ <model>.x, \
"0.bias": dout.sum(0)}) or dout @ <model>.params["0.weight"]"""
SQUARED = """\
<loss> = types.SimpleNamespace(reduction="<reduction>", forward=lambda y, t: \
<value>vars(<loss>).update(t=t, dy=2 * (y - t)<size>) or \
float(((y - t) ** 2).<reduction>()), backward=lambda: <gradient><loss>.dy)"""
ENTROPY = """\
def entropy(y, t): p, t = np.exp(y) / np.exp(y).sum(1, keepdims=True), \
np.eye(y.shape[1])[t] if t.ndim == 1 else t; loss.dy = (p - t)<size>; \
return float(-(t * np.log(p)).sum()<size>)"""
CROSS_ENTROPY = """\
<loss> = types.SimpleNamespace(reduction="<reduction>", forward=lambda y, t: \
<value>vars(<loss>).update(t=t) or entropy(y, t), backward=lambda: <gradient><loss>.dy)"""
DESCENT = """\
<optimizer> = types.SimpleNamespace(step=lambda params, grads: \
<step>[np.subtract(array, <lr> * grads[name], out=array) for name, array in params.items()] \
and None)"""
CALLS = {
    "forward": "model.forward",
    "backward": "model.backward",
    "value": "loss.forward",
    "gradient": "loss.backward",
    "step": "optimizer.step",
}
NOTES = {
    "forward": {"xs": "xs.append(x.copy()) or ", "modes": "modes.append(<model>.training) or "},
    "gradient": {"visits": "visits.append((<model>.x.copy(), <loss>.t.copy())) or "},
}


def head(kinds: set[str], notes: set[str], goes_back: bool) -> list[Statement]:
    """Return what comes before everything: the classes of stand-in layers, and lists for notes.

    The classes have a backward only if it is called.
    """
    others = kinds & (CLASSES.keys() - {"Scale"})
    needed = [kind for kind in CLASSES if kind in kinds or (kind == "Scale" and others)]
    result = [Statement((CLASSES[kind] if goes_back else _forwards(kind),)) for kind in needed]
    if notes:
        names = ", ".join(sorted(notes))
        result.append(Statement((f"{names} = {', '.join(['[]'] * len(notes))}",)))
    return result


def _forwards(kind: str) -> str:
    """Return a class whose backward is there, but never called."""
    text = CLASSES[kind].partition(BACK)[0]
    same = "self.training, self.backward = params, {}, True, self.forward"
    return text.replace("self.training = params, {}, True", same)


def made(translation: Translation, entry: Entry) -> Iterator[Statement]:
    """Yield what makes the stand-in for a probe."""
    name, args = entry.request["name"], entry.request["args"]
    if name in LOOPS:
        if name not in ("Log", "Linear"):
            yield from _part(translation, entry)
        return
    define = Define(("object", entry.number))
    if name == "Dict":
        yield Statement((define, " = ", *translation.argument(args[0], "params")), "assign")
        return
    if name == "Sine":
        weight = translation.argument(args[0], "weight")
        as_array = "np.asarray" if args[1] == "array" else ""
        sine = ("lambda x: ", as_array, "(np.sin((", *weight, " * x).sum()))")
        yield Statement((define, " = ", *(piece for piece in sine if piece)), "assign")
        return
    yield Statement((define, " = ", *layer(translation, entry)), "assign")


def layer(translation: Translation, entry: Entry) -> Pieces:
    """Return the call that makes a layer of the script's own, or what has a learning rate."""
    if entry.request["name"] == "Rate":
        return (f'type("Optimizer", (), {{"lr": {entry.request["args"][0]!r}}})()',)
    if entry.request["name"] == "PlusInput":
        return ("PlusInput(", *translation.argument(entry.request["args"][0]), ")")
    words = [
        (f"{key}=", *translation.argument(value, key), ".copy()")
        for key, value in zip(("weight", "bias"), entry.request["args"], strict=False)
    ]
    return (f"{entry.request['name']}(", *joined(", ", words), ")")


def _part(translation: Translation, entry: Entry) -> Iterator[Statement]:
    """Yield what makes the model, the loss or the optimizer for a loop."""
    name, args = entry.request["name"], entry.request["args"]
    own = ("object", entry.number)
    places: dict[str, Pieces] = {"model": (Use(translation.model()),)}
    if name == "Model":
        linear = translation.entries[translation.made[args[0].number]].request["args"]
        places["model"] = (Use(own),)
        places["weight"] = translation.argument(linear[0], "weight")
        places["bias"] = translation.argument(linear[1], "bias")
        yield _filled(MODEL, translation, places, own)
        yield _filled(FORWARD, translation, places)
        if translation.trains:
            yield _filled(BACKWARD, translation, places)
    elif name == "Loss":
        kind, reduction = args[0], args[1]
        count = "y.size" if kind == "MSE" else "len(y)"
        places["loss"] = (Use(own),)
        places["size"] = (f" / {count}" if reduction == "mean" else "",)
        places["reduction"] = (reduction,)
        if kind != "MSE":
            yield _filled(ENTROPY, translation, places)
        yield _filled(SQUARED if kind == "MSE" else CROSS_ENTROPY, translation, places, own)
    else:
        places |= {"optimizer": (Use(own),), "lr": (repr(args[0]),)}
        yield _filled(DESCENT, translation, places, own)


def _filled(
    template: str, translation: Translation, places: dict[str, Pieces], own: Key | None = None
) -> Statement:
    """Return a template with names and notes in their places; its own is made at the first."""
    for place, name in CALLS.items():
        noted = f'calls.append("{name}") or ' if "calls" in translation.notes else ""
        for note, text in NOTES.get(place, {}).items():
            noted += text if note in translation.notes else ""
        template = template.replace(f"<{place}>", noted)
    pieces: list[Piece] = []
    for number, part in enumerate(re.split(r"<(\w+)>", template)):
        pieces += [part] if number % 2 == 0 else list(places[part])
    pieces = [piece for piece in pieces if piece]
    if own is not None:
        pieces[pieces.index(Use(own))] = Define(own)
    if template.startswith("def "):
        return Statement(tuple(pieces))
    first = next(i for i, p in enumerate(pieces) if isinstance(p, str) and " = " in p)
    left, _, right = str(pieces[first]).partition(" = ")
    pieces[first : first + 1] = [*([left] if left else []), " = ", right]
    return Statement(tuple(pieces), "store" if own is None else "assign")


def key(translation: Translation, number: int) -> Key:
    """Return the name of an object; the layer of a model is the model."""
    entry = translation.entries[translation.made[number]]
    if entry.do == "probe" and entry.request["name"] == "Linear":
        return translation.model(number)
    return ("object", number)


def read(translation: Translation, entry: Entry, path: tuple[Any, ...]) -> Pieces | None:
    """Return how to read what a probe has noted, or the parameters of its model."""
    probe = translation.entries[translation.made[entry.request["target"]]]
    if probe.do != "probe" or probe.request["name"] != "Linear":
        return None
    own = Use(translation.model(entry.request["target"]))
    return (own, f".{entry.request['attribute']}", *(f'["0.{name}"]' for name in path))
