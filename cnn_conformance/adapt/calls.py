"""What forward and backward may be called with: hypotheses from the names of their arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cnn_conformance.adapt import modes
from cnn_conformance.adapt.signatures import Argument
from cnn_conformance.adapt.source import Definition, role, vocabulary, words

PASSED_ANYWAY = ("packed", "x", "rate", "cache", "stride", "padding", "kernel_size")
"""What backward is given even where it has a default."""
MODE = ("mode", "phase")
"""How an argument is called that says in a word whether this is training."""


def run_arguments(arguments: list[Argument], unit: str = "") -> str:
    """Return what forward is called with: x, and whether this is training."""
    texts = ["x"]
    for argument in arguments[1:]:
        kind = role(argument, ("training", "keep"), "arguments")
        handed = role(argument, ("weight", "bias"), "data") if unit in ("Conv2D", "Dense") else ""
        if handed and not argument.default:
            texts.append(f"{argument.name}=self.at.{handed}")
            continue
        if unit in modes.UNITS and argument.name in MODE:
            kind = "training"
        if kind == "training":
            texts.append(f"{argument.name}={_told(argument)}")
        elif kind == "keep":
            texts.append(f"{argument.name}=True")
        elif not argument.default:
            value = "1.0" if role(argument, ("rate",), "data") else "None"
            texts.append(f"{argument.name}={value}")
    return ", ".join(texts)


def _told(argument: Argument) -> str:
    """Return how an argument says whether this is training."""
    if argument.is_text or argument.name in MODE:
        return "'train' if self.training else 'test'"
    is_other = re.search("test|infer|eval|determin", argument.name)
    return "not self.training" if is_other else "self.training"


def back_arguments(
    arguments: list[Argument],
    unit: str,
    x: str = "self.at.x",
    packed: Mapping[str, str] | None = None,
) -> str:
    """Return what backward is called with, by names and, where they do not tell, by elimination.

    Parameters
    ----------
    arguments : list of Argument
        Those of backward.
    unit : str
        Of the specification.
    x : str
        What is given for the input.
    packed : mapping, optional
        What is given for arguments that are dicts of parameters.
    """
    known = packed or {}
    kinds = [
        "packed" if argument.name in known else _kind_in_backward(argument, unit)
        for argument in arguments
    ]
    if "dout" not in kinds:
        open_ = [i for i, kind in enumerate(kinds) if kind in ("", "y", "x", "target")]
        plain = [i for i in open_ if kinds[i] or arguments[i].name in ("x", "X", "input", "inputs")]
        others = [i for i in open_ if i not in plain]
        if open_:
            kinds[(others or plain[-1:])[0]] = "dout"
    extra = [i for i, kind in enumerate(kinds) if kind == "dout"][1:]
    for place in extra:
        kinds[place] = "x" if "x" not in kinds else ""
    values = {
        "dout": "dout",
        "rate": "1.0",
        "x": x,
        "y": "self.at.y",
        "cache": "self.at.returned[1]",
        "weight": "self.at.weight",
        "bias": "self.at.bias",
        "shape": "self.at.shape",
        "stride": "self.stride",
        "padding": "self.padding",
        "kernel_size": "self.kernel_size",
        "training": "self.training",
    }
    texts = []
    for argument, kind in zip(arguments, kinds, strict=True):
        value = known.get(argument.name) or values.get(kind)
        if kind == "dout":
            texts.append("dout")
        elif argument.default and kind not in PASSED_ANYWAY:
            continue
        else:
            if value is None:
                value = "1.0" if argument.annotation == "float" or argument.name == "_" else "None"
            texts.append(f"{argument.name}={value}")
    if texts and texts[0] != "dout" and "dout" in texts:  # then all by name
        name = arguments[kinds.index("dout")].name
        texts[texts.index("dout")] = f"{name}=dout"
    return ", ".join(texts)


def _kind_in_backward(argument: Argument, unit: str) -> str:
    order = ["rate", "cache", "shape", "stride", "padding", "dout"]
    if unit in ("Conv2D", "Dense"):
        order[3:3] = ["weight", "bias"]
    if "Pool" in unit:
        order.append("kernel_size")
    known = vocabulary()["data"]
    name = words(argument.name)
    for kind in order:
        pattern = known.get(kind)
        if pattern and re.search(pattern, name):
            is_gradient = name.startswith(("d", "grad")) and name != "d"
            if kind in ("weight", "stride", "padding") and is_gradient:
                continue
            return kind
    if re.search(vocabulary()["arguments"]["training"], name):
        return "training"
    return next((k for k in ("x", "y") if re.search(known[k], name)), "")


def loss_calls(definition: Definition, method: str, back: bool = False) -> list[str]:
    """Return the arguments of a loss's method, prediction and target in its order."""
    return [f"({text})" for text in loss_arguments(definition.methods[method], back)]


def loss_arguments(arguments: list[Argument], back: bool) -> list[str]:
    """Return prediction and target in the order in which a loss takes them, by their names."""
    known = vocabulary()["data"]
    required = [a for a in arguments if not a.default]
    kinds = []
    for argument in required:
        name = words(argument.name)
        if re.search(known["prediction"], name) and not re.search("true", name):
            kinds.append("p")
        else:
            kinds.append("t" if re.search(known["target"], name) else "")
    if not required:  # a loss that is given nothing here is told by another call
        return [""] if back else []
    if len(required) == 1 and back:
        return ["1.0" if not kinds[0] else "self.at.x"]
    if len(required) != 2:
        return []
    if kinds.count("p") != 1:
        kinds = ["t", "p"] if kinds[0] == "t" and kinds[1] != "t" else ["p", "t"]
    elif "t" not in kinds:
        kinds = ["p", "t"] if kinds[0] == "p" else ["t", "p"]
    values = {"p": "self.at.x", "t": "self.at.t"} if back else {"p": "prediction", "t": "target"}
    return [", ".join(values[k or "t"] for k in kinds)]
