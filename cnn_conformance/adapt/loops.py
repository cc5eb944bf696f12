"""How training loops may be called: hypotheses from names, signatures and loops over layers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from cnn_conformance.adapt import containers, protocol
from cnn_conformance.adapt.candidates import Candidate
from cnn_conformance.adapt.counts import called_by
from cnn_conformance.adapt.signatures import Argument
from cnn_conformance.adapt.source import Definition, role, vocabulary, words

UNITS = ("fit", "predict")
ORDER = (
    "validation_x",
    "validation_y",
    "slope",
    "loss",
    "optimizer",
    "epochs",
    "batch_size",
    "shuffle",
    "rng",
    "rate",
    "quiet",
)
VALUES = {
    "validation_x": "x",
    "validation_y": "y",
    "slope": "self.at.loss.slope",
    "loss": "self.at.loss",
    "optimizer": "self.at.optimizer",
    "epochs": "self.epochs",
    "batch_size": "self.batch_size",
    "shuffle": "self.shuffle",
    "rng": "self.rng",
    "rate": "0.1",
    "quiet": "False",
}
GIVEN = ("epochs", "batch_size", "shuffle", "rng")
"""What a loop is told by the specification."""
MIXES = re.compile(r"permutation|shuffle")
NOT_ONE = "no loop over layers that goes forward and back, and asks a loss, is in it"


def candidates(unit: str, found: list[Definition]) -> list[Candidate]:
    """Return the methods of classes with layers that train, or that predict."""
    pattern = vocabulary()["loop"]["train" if unit == "fit" else "predict"]
    made = []
    for each in found:
        least = 2 if unit == "fit" else 1
        named = [m for m, given in each.methods.items() if re.search(pattern, words(m))]
        named = [m for m in named if len(each.methods[m]) >= least]
        if each.is_class and named and not re.search("test|layer|optim", words(each.name)):
            made += [_of(unit, each, method) for method in named[:1]]
    return sorted(made, key=lambda c: not c.makes)


def _of(unit: str, definition: Definition, method: str) -> Candidate:
    """Return how a method may be called; without calls, and why, if it goes through no layers."""
    what = f"method `{method}` of {definition.where}"
    made = Candidate(unit, what, (definition.name,), {definition.module: definition.file})
    own = called_by(definition, method)
    texts = [definition.part(name).text for name in sorted(own)]
    loops = [loop for name in sorted(own) for loop in _loops(definition.nodes[name])]
    forward = [name for name, is_back in loops if not is_back]
    back = [name for name, is_back in loops if is_back]
    model = next(containers.makes(definition, _extra), "")
    arguments = definition.methods[method]
    if not forward or (unit == "fit" and not back) or not model:
        made.why = NOT_ONE
        return made
    made.calls = {"forward": forward[0], "backward": (back or ["backward"])[0]}
    source = "\n".join(texts)
    given, takes = _given(arguments, unit)
    made.makes = [{"text": model, "takes": takes, "shape": False}]
    made.steps = [list(_steps(definition, method, own))] if unit == "fit" else [[]]
    made.runs = [f"self.layer.{method}({given})"]
    if unit == "predict":
        return made
    target = re.escape(arguments[1].name)
    is_rows = re.search(rf"\b{target}\w*(\[[^\]]*\])?\.argmax|argmax\({target}\b", source)
    both = [re.search(r"\w+, \w+ = self\.\w*(loss|cost|criterion)\w*\(", source)]
    both += [_takes_apart(argument, source) for argument in arguments]
    hands = [re.search(rf"\.{made.calls['backward']}\(\w+, ", source)]
    hands += [re.search(r"\(optimi[sz]er=self\.", definition.text)]
    made.forms = [
        {
            "rows": bool(is_rows),
            "returns_both": any(both),
            "mixes": bool(MIXES.search(source)) and "shuffle" not in takes,
            "in_backward": any(hands),
        }
    ]
    return made


def _takes_apart(argument: Argument, source: str) -> re.Match[str] | None:
    is_loss = role(argument, ("slope", "loss"), "loop") == "loss"
    return re.search(rf"\w+, \w+ = {argument.name}\(", source) if is_loss else None


def _loops(node: ast.AST) -> Iterator[tuple[str, bool]]:
    """Yield how loops call layers, and whether they go from the last to the first."""
    for loop in ast.walk(node):
        if not isinstance(loop, ast.For) or not isinstance(loop.target, ast.Name):
            continue
        over = ast.unparse(loop.iter)
        for each in loop.body if "self." in over else []:
            if not isinstance(each, ast.Assign) or not isinstance(each.value, ast.Call):
                continue
            called = each.value.func
            owner = called.value if isinstance(called, ast.Attribute) else called
            if isinstance(owner, ast.Name) and owner.id == loop.target.id:
                name = called.attr if isinstance(called, ast.Attribute) else "__call__"
                if not re.search(protocol.BUILDS, words(name)):
                    yield name, "reversed(" in over or "[::-1]" in over


def _extra(argument: Argument, definition: Definition) -> str:
    """Return what a constructor is given besides layers: a loss or an optimizer, or nothing."""
    kind = role(argument, ("slope", "loss", "optimizer"), "loop")
    value = VALUES.get(kind, "")
    is_made = re.search(rf"= {argument.name}\(\)", definition.text)
    return f"(lambda: {value})" if value and is_made else value


def _steps(definition: Definition, method: str, own: set[str]) -> Iterator[str]:
    """Yield the calls by which a model is told its loss and its optimizer before it trains."""
    for other, arguments in definition.methods.items():
        kinds = [role(a, ("slope", "loss", "optimizer"), "loop") for a in arguments]
        keeps = "self." in definition.part(other).text and other not in own
        if not any(kinds) or not keeps or other == method or "for " in definition.part(other).text:
            continue
        pairs = zip(arguments, kinds, strict=True)
        if all(kind or a.default for a, kind in zip(arguments, kinds, strict=True)):
            given = ", ".join(f"{a.name}={VALUES[kind]}" for a, kind in pairs if kind)
            yield f"layer.{other}({given})"


def _given(arguments: list[Argument], unit: str) -> tuple[str, dict[str, str]]:
    """Return what a loop is called with, and which of the specification's arguments it takes."""
    texts, takes = ["x", "y"] if unit == "fit" else ["x"], {}
    for argument in arguments[len(texts) :]:
        kind = role(argument, ORDER, "loop")
        if kind == "rng" and argument.default:  # None may be no generator there
            continue
        if kind in GIVEN and (unit == "fit" or kind == "batch_size"):
            takes[kind] = "any"
        elif argument.default and kind not in ("quiet", "loss", "optimizer"):
            continue
        texts.append(f"{argument.name}={VALUES.get(kind, 'None')}")
    return ", ".join(texts), takes
