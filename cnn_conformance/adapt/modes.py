"""How units with modes and normalizations may be made, and told which mode it is: by names."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

from cnn_conformance.adapt.source import Definition, role, vocabulary, words

UNITS = ("Dropout", "BatchNorm2D", "BatchNorm1D", "LayerNorm")
KEPT = re.compile(r"keep|kept|retain|surviv|active|remain")
DROPPED = re.compile(r"drop(ped|ping)? |dropped|zero|turn(ed)? off|set to 0|discard")


def makes(unit: str, definition: Definition) -> Iterator[dict[str, Any]]:
    """Yield ways to call a constructor, the likeliest first."""
    known = vocabulary()["modal"][unit]
    takes: dict[str, str] = {}
    options: list[list[tuple[str, bool]]] = []
    optional: list[list[str]] = []
    wanted = next(iter(known))
    names = [words(argument.name) for argument in definition.arguments]
    special_first = sorted(known, key=lambda kind: kind == wanted)
    kinds = [next((k for k in special_first if re.search(known[k], n)), "") for n in names]
    open_ = [i for i, a in enumerate(definition.arguments) if not kinds[i] and not a.default]
    if wanted not in kinds and open_ and not _others(definition, open_[0]):
        kinds[open_[0]] = wanted
    for place, (argument, kind) in enumerate(zip(definition.arguments, kinds, strict=True)):
        name = argument.name
        if kind in ("num_features", "normalized_shape"):
            options.append([(f"{name}=self.{kind}", False), (f"{name}=(self.{kind},)", False)])
            if re.search("shape|dim", name):
                options[-1] += [(f"{name}={shape}", True) for shape in SHAPES]
        elif kind:
            takes["p" if kind == "keep" else kind] = "any"
            texts = list(_values(kind, argument.name, argument.default, definition))
            if argument.default:
                optional.append([f"{name}={text!r}" for text in texts])
            else:
                options.append([(f"{name}={_as_read(text)}", False) for text in texts])
        elif not argument.default:
            other = _others(definition, place)
            if not other:
                return
            options.append([(f"{name}={text}", "shape" in text) for text in other])
    for chosen in itertools.product(*options, *([(t, False) for t in each] for each in optional)):
        given = [text for text, _ in chosen[: len(options)]]
        rest = [text for text, _ in chosen[len(options) :]]
        given += [f"**self.if_given({', '.join(rest)})"] if rest else []
        needs = any(needs for _, needs in chosen)
        yield {"text": definition.call(given), "takes": takes, "shape": needs}


SHAPES = ("self.at.shape[1:]", "self.at.shape")


def _others(definition: Definition, place: int) -> tuple[str, ...]:
    """Return what a required argument may be given that is none of the specification's."""
    argument = definition.arguments[place]
    kinds = ("input_shape", "name", "training", "seed", "optimizer", "in_channels")
    kind = role(argument, kinds, "arguments")
    values: dict[str, tuple[str, ...]] = {
        "input_shape": SHAPES,
        "in_channels": (),
        "name": ("'layer'",),
        "training": ("True",),
        "seed": ("np.random.RandomState(0)",),
        "optimizer": ("runtime.Descent()",),
    }
    return values.get(kind, ())


def _values(kind: str, name: str, default: str, definition: Definition) -> Iterator[str]:
    """Yield which of the specification's arguments stand for one, the likeliest first."""
    if kind == "keep":
        yield "1 - p"
    elif kind == "p":
        says = _of_share(words(name), definition)
        yield from {"keep": ("1 - p",), "drop": ("p",), "": ("p", "1 - p")}[says]
    elif kind == "momentum":
        yield "1 - momentum" if _keeps_share(name, default, definition) else "momentum"
    else:
        yield kind


def _as_read(text: str) -> str:
    return re.sub(r"\b(p|eps|momentum|rng)\b", r"self.\1", text)


def _of_share(name: str, definition: Definition) -> str:
    """Return whether a probability is that of what is kept or dropped; nothing if nobody says."""
    if re.search("drop|rate|ratio", name):
        return "drop"
    said = [
        line.lower() for line in definition.text.splitlines() if re.search(rf"\b{name}\b", line)
    ]
    said = [line for line in said if not re.search(r" = |self\.|def |return ", line)]
    keeps, drops = (any(p.search(line) for line in said) for p in (KEPT, DROPPED))
    return "" if keeps == drops else "keep" if keeps else "drop"


def _keeps_share(name: str, default: str, definition: Definition) -> bool:
    """Tell whether a momentum is the share of the running statistics that is kept."""
    old = r"(self\.|\[')?\w*(running|moving|mean|avg|average|global|test|ema)"
    text = definition.text
    kept = re.search(rf"(?<!1 - self\.)(?<!1 - )\b(self\.)?{name} \* {old}", text)
    lost = re.search(rf"\(1(\.0?)? - (self\.)?{name}\) \* {old}", text)
    if bool(kept) != bool(lost):
        return bool(kept)
    try:
        return float(default) >= 0.5
    except ValueError:
        return True


def modes(definition: Definition, forward: list[str]) -> list[dict[str, Any]]:
    """Return in which attributes an object may be told whether this is training."""
    text = definition.text
    found = []
    name = r"\w*(?:train|test|eval|infer|apprend|entren|lern)\w*|mode|phase"
    pattern = rf"self\.({name})\b(?!\()(?! = )(?: == '(\w+)')?"
    for name, word in dict.fromkeys(re.findall(pattern, text)):
        if name in definition.methods:
            continue
        words_ = re.findall(rf"self\.{name} == '(\w+)'", text)
        values: tuple[Any, Any] = (True, False)
        if word:
            train = next((w for w in words_ if w.startswith("tr")), "train")
            values = (train, next((w for w in words_ if w != train), "test"))
        elif re.search("test|eval|infer", name):
            values = (False, True)
        found.append({"mode": f"layer.{name}", "modes": values})
    return found
