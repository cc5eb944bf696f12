"""What constructors may be called with: hypotheses from the names of their arguments."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

from cnn_conformance.adapt import habits
from cnn_conformance.adapt.signatures import Argument
from cnn_conformance.adapt.source import Definition, role, vocabulary, words

MAX_MAKES = 24
OTHER = ("name", "training", "keep", "seed", "decay", "weight_scale")
NO_ACTIVATION = ("None", "'linear'", "'identity'", "'none'")
WINDOW = ("kernel_size", "stride", "padding")
SIZES = ("in_channels", "out_channels", "kernel_size", "in_features", "out_features")
TELLING = re.compile(
    r"(^|_)(in|out)|^[ck]?(in|out)$|put|fan|prev|unit|hidden|neuron|node|class|chan|filt|kern|feat|depth|map"
)
"""Names of sizes that say which one is meant."""
WEIGHT = re.compile(r"^w$|^weights?$|^w_init$|^theta$")
WITH_ARGUMENTS = ("Conv2D", "MaxPool2D", "AvgPool2D", "Dense")
"""Units whose constructors have arguments."""


def makes(unit: str, definition: Definition, found: list[Definition]) -> Iterator[dict[str, Any]]:
    """Yield ways to call a constructor, the likeliest first."""
    wanted = _wanted(unit)
    options: list[list[tuple[str, dict[str, str], bool]]] = []
    kinds = _roles(unit, definition, wanted)
    for argument, kind in zip(definition.arguments, kinds, strict=True):
        choices = list(_choices(unit, argument, kind, definition, found))
        if choices:
            options.append(choices)
    swapped = [_likely_first(each) for each in _swapped(definition, kinds, options)]
    orders = [_likely_first(options)[: MAX_MAKES // (2 if swapped else 1)], *swapped]
    for chosen in itertools.islice(itertools.chain(*orders), MAX_MAKES):
        texts = [text for text, _, _ in chosen if text]
        takes: dict[str, str] = {}
        for _, taken, _ in chosen:
            takes |= taken
        yield {
            "text": definition.call(texts),
            "takes": takes,
            "shape": any(needs for _, _, needs in chosen),
        }


def _swapped(
    definition: Definition, kinds: list[str], options: list[list[tuple[str, dict[str, str], bool]]]
) -> Iterator[list[list[tuple[str, dict[str, str], bool]]]]:
    """Yield options whose sizes have changed places, where their names do not tell which is which.

    Names that tell are believed, or a weight that is made the wrong way round would be put right.
    """
    told = zip(definition.arguments, kinds, strict=True)
    weak = [(a.name, k) for a, k in told if k in SIZES and not TELLING.search(words(a.name))]
    for order in itertools.islice(itertools.permutations(weak), 1, None):
        texts = {n: f"{n}=self.{k}" for (n, _), (_, k) in zip(weak, order, strict=True)}
        takes = {
            f"{n}=self.{k}": {k: "any"} if k in WINDOW else {} for n, _ in weak for _, k in weak
        }
        yield [
            [(texts[name], takes[texts[name]], False)]
            if (name := each[0][0].partition("=")[0]) in texts
            else each
            for each in options
        ]


def _likely_first(options: list[list[Any]]) -> list[tuple[Any, ...]]:
    """Return the combinations of choices, those of the likeliest ones first."""
    numbered = [list(enumerate(each)) for each in options]
    every = itertools.islice(itertools.product(*numbered), 500)
    ranked = sorted(every, key=lambda chosen: sum(rank for rank, _ in chosen))
    return [tuple(choice for _, choice in chosen) for chosen in ranked]


def _wanted(unit: str) -> tuple[str, ...]:
    if unit == "Conv2D":
        return ("out_channels", "in_channels", "kernel_size")
    if unit in ("MaxPool2D", "AvgPool2D"):
        return ("kernel_size",)
    return ("in_features", "out_features") if unit == "Dense" else ()


def _roles(unit: str, definition: Definition, wanted: tuple[str, ...]) -> list[str]:
    """Return the role of each argument of a constructor: by name, then by elimination."""
    kinds: list[str] = []
    arguments = definition.arguments
    for argument in arguments:
        if habits.is_neighbour(argument, definition):
            kinds.append("previous")
            continue
        early = ("activation", "seed", "previous", "optimizer", "keep", "bias_")
        kind = role(argument, [k for k in early if k in vocabulary()["arguments"]], "arguments")
        is_rate = re.search(vocabulary()["data"]["rate"], words(argument.name))
        if not kind and is_rate and unit in WITH_ARGUMENTS:  # of others it may be a slope
            kind = "rate"
        if not kind and unit in ("Conv2D", "MaxPool2D", "AvgPool2D"):
            order = ("kernel_rows", "kernel_columns", "padding", "stride", "out_channels")
            rest = ("input_shape", "in_channels", "kernel_size", "bias", *OTHER)
            names = [k for k in (*order, *rest) if unit == "Conv2D" or k != "out_channels"]
            kind = role(argument, names, "arguments")
            if kind == "in_channels" and (argument.is_pair or "shape" in argument.name):
                kind = "input_shape"
            if kind == "out_channels" and argument.is_pair:
                kind = "kernel_size"
            if kind in ("out_channels", "in_channels", "kernel_size") and kind in kinds:
                kind = ""
        elif not kind and unit == "Dense":
            kind = role(argument, ("bias", "name", "training", "seed", "decay"), "arguments")
            kind = kind or role(argument, ("in_features", "out_features"), "dense")
            if kind in ("in_features", "out_features") and kind in kinds:
                kind = ""
            kind = kind or role(argument, ("weight_scale",), "arguments")
        elif not kind:
            kind = role(argument, ("name", "training", "input_shape"), "arguments")
        kinds.append(kind)
    if "input_shape" in kinds and "in_channels" in kinds and "out_channels" not in kinds:
        kinds[kinds.index("in_channels")] = "out_channels"  # its depth: the shape has the other
    missing = [w for w in wanted if w not in kinds]
    if "input_shape" in kinds and "in_channels" in missing:
        missing.remove("in_channels")
    if "kernel_rows" in kinds and "kernel_size" in missing:
        missing.remove("kernel_size")
    for place, kind in enumerate(kinds):
        is_open = not kind or (kind not in wanted and len(arguments[place].name) == 1)
        if is_open and missing and not arguments[place].default:
            kinds[place] = missing.pop(0)
    whole = [i for i, a in enumerate(arguments) if a.is_whole and kinds[i] not in WINDOW]
    if missing == ["kernel_size"] and "Pool" in unit and len(whole) == 1:
        kinds[whole[0]] = "kernel_size"
    return _in_the_order_of_numbers(arguments, kinds) if unit == "Dense" else kinds


def _in_the_order_of_numbers(arguments: list[Argument], kinds: list[str]) -> list[str]:
    """Return the roles with the input before the output, where only numbers tell both apart."""
    sizes = ("in_features", "out_features")
    two = [(a.name, place) for place, a in enumerate(arguments) if kinds[place] in sizes]
    if len(two) == 2 and len({re.sub(r"\d+$", "", name) for name, _ in two}) == 1:
        for (_, place), kind in zip(sorted(two), sizes, strict=True):
            kinds[place] = kind
    return kinds


def _choices(
    unit: str, argument: Argument, kind: str, definition: Definition, found: list[Definition]
) -> Iterator[tuple[str, dict[str, str], bool]]:
    """Yield what an argument of a constructor may be given: text, what it takes, needs a shape."""
    name = argument.name
    if chosen := shape_of_activation(unit, argument):
        yield f"**self.if_given({name}={chosen!r})", {chosen: "any"}, False
    elif given := _handed_over(unit, argument, definition):
        yield f"{name}=self.at.{given}", {}, False
    elif shapes := list(_shapes(unit, argument, definition)):
        takes = {"kernel_size": "pair"} if unit == "Conv2D" else {}
        yield from ((f"{name}=({shape})", takes, False) for shape in shapes)
    elif kind in WINDOW:
        if kind == "padding" and _is_named(argument, definition):
            yield f"{name}=self.padding", {kind: "name"}, False
            return
        if kind == "padding" and "bool" in (argument.annotation, _kind_of(argument.default)):
            yield f"{name}=self.padding", {kind: "flag"}, False
            return
        is_pair = argument.is_pair or _parts(name, definition) > 0
        how = "pair" if is_pair else "number" if argument.is_whole else "any"
        yield f"{name}=self.{kind}", {kind: how}, False
        if how == "any":
            yield f"{name}=self.{kind}", {kind: "pair"}, False
    elif kind in ("kernel_rows", "kernel_columns"):
        index = 0 if kind == "kernel_rows" else 1
        yield f"{name}=self.kernel_size[{index}]", {"kernel_size": "pair"}, False
    elif kind == "in_channels" and _parts(name, definition) > 1:
        yield f"{name}=self.at.shape[1:]", {}, True
        yield f"{name}=self.at.shape", {}, True
    elif kind in ("in_channels", "out_channels", "in_features", "out_features"):
        if kind == "in_channels" and unit != "Conv2D":
            yield f"{name}=self.channels", {}, True
        else:
            yield f"{name}=self.{kind}", {}, False
        if kind in ("in_channels", "in_features"):
            yield f"{name}=self.at.shape[1:]", {}, True
            yield f"{name}=self.at.shape", {}, True
    elif kind == "input_shape" and (unit in WITH_ARGUMENTS or not argument.default):
        for shape in ("self.at.shape[1:]", "self.at.shape", "self.at.shape[-2:]"):
            yield f"{name}={shape}", {}, True
    elif kind == "activation":
        yield from ((text, {}, False) for text in _activations(argument, definition, found))
    elif kind == "rate":
        yield f"{name}=1.0", {}, False
    elif kind == "optimizer" and not argument.default:
        yield f"{name}=runtime.Descent()", {}, False
    elif kind == "bias":
        if (
            argument.default in ("True", "False")
            or argument.annotation == "bool"
            or not argument.default
        ):
            yield f"{name}=True", {}, False
    elif kind == "previous":
        if habits.is_neighbour(argument, definition):
            if not argument.default:
                yield f"{name}=runtime.Neighbour()", {}, False
            return
        first = [d for d in found if d.is_class and re.match("input", words(d.name))]
        for each in first[:1]:
            module = each.module
            yield f"{name}={module}.{each.name}(self.at.shape)", {}, True
    elif kind == "training":
        if not argument.default:
            yield f"{name}=True", {}, False
    elif mode := mode_of(unit, argument, definition):
        yield f"{name}={mode!r}", {}, False
    elif kind in ("name",) and not argument.default:
        yield f"{name}='layer'", {}, False
    elif not argument.default:
        values = {"seed": "np.random.RandomState(0)", "weight_scale": "0.1", "decay": "0.0"}
        yield f"{name}={values.get(kind, '1')}", {}, False
    elif kind == "decay":
        yield f"{name}=0.0", {}, False


def _handed_over(unit: str, argument: Argument, definition: Definition) -> str:
    """Return which parameter an argument is, where a constructor is given the arrays themselves."""
    if unit not in ("Conv2D", "Dense") or argument.default:
        return ""
    names = [words(a.name) for a in definition.arguments]
    if not any(WEIGHT.search(n) for n in names) or any(TELLING.search(n) for n in names):
        return ""
    own = words(argument.name)
    return "weight" if WEIGHT.search(own) else "bias" if re.search("^b$|^bias(es)?$", own) else ""


def _shapes(unit: str, argument: Argument, definition: Definition) -> Iterator[str]:
    """Yield the shape of a weight, where a constructor takes that in one argument."""
    own = words(argument.name)
    if unit not in ("Conv2D", "Dense") or not re.search("shape|size|dim", own):
        return
    if re.search("(^|_)(in|out)(_|$)|put|image|img|prev|units|hidden|channel", own):
        return
    wanted = _wanted(unit)
    names = _unpacked(argument.name, definition)
    if len(names) == 4 and unit == "Conv2D":
        known = ("kernel_rows", "kernel_columns", "out_channels", "in_channels")
        kinds = [role(Argument(n), known, "arguments") for n in names]
        sizes = [i for i, k in enumerate(kinds) if k not in ("out_channels", "in_channels")]
        if len(sizes) == 2 and len({*kinds} & {"out_channels", "in_channels"}) == 2:
            texts = [f"self.{kind}" for kind in kinds]
            for index, place in enumerate(sizes):  # rows before columns, whatever they are called
                texts[place] = f"self.kernel_size[{index}]"
            yield ", ".join(texts)
            return
    others = [a for a in definition.arguments if a is not argument]
    if any(role(a, wanted, "arguments" if unit == "Conv2D" else "dense") for a in others):
        return
    if unit == "Dense" and len(names) in (0, 2) and not argument.default:
        yield from ("self.in_features, self.out_features", "self.out_features, self.in_features")
    if unit == "Conv2D" and _parts(argument.name, definition) in (0, 4) and not argument.default:
        yield "self.out_channels, self.in_channels, *self.kernel_size"
        yield "*self.kernel_size, self.in_channels, self.out_channels"


def shape_of_activation(unit: str, argument: Argument) -> str:
    """Return which argument of ELU or LeakyReLU it is, if any."""
    known = {"ELU": "alpha", "LeakyReLU": "negative_slope"}
    pattern = "alpha|slope|leak|scale|coef" + "|^a$" * bool(argument.default)
    is_it = re.search(pattern, words(argument.name))
    return known.get(unit, "") if is_it else ""


def _parts(name: str, definition: Definition) -> int:
    """Return into how many parts the source takes an argument apart; 0 for none."""
    if names := _unpacked(name, definition):
        return len(names)
    indexed = [int(i) for i in re.findall(rf"\b{name}\[(\d)\]", definition.text)]
    return max(indexed) + 1 if indexed else 0


def _unpacked(name: str, definition: Definition) -> list[str]:
    """Return the names into which the source takes an argument apart; none if it does not."""
    found = re.search(rf"((?:[\w.]+, )+[\w.]+)\)? = (?:self\.)?{name}$", definition.text, re.M)
    return found[1].split(", ") if found else []


def _kind_of(default: str) -> str:
    return "bool" if default in ("True", "False") else ""


def _is_named(argument: Argument, definition: Definition) -> bool:
    """Tell whether a padding is given by a name."""
    if argument.is_text or ("mode" in argument.name and not argument.is_whole):
        return True
    return {"valid", "same"} & {t.lower() for t in definition.texts} != set() and (
        not argument.is_whole
    )


def mode_of(unit: str, argument: Argument, source: Definition) -> str:
    """Return the word that says which pooling is meant, as the source has it."""
    if unit not in ("MaxPool2D", "AvgPool2D") or not re.search(
        "mode|type|kind|method", words(argument.name)
    ):
        return ""
    own = "max" if unit == "MaxPool2D" else "avg|average|mean|moy|medi[ao]|mittel"
    known = [*source.texts, argument.default.strip("'\"")]
    usual = "max" if unit == "MaxPool2D" else "average"
    return next((text for text in known if re.search(own, text.lower())), usual)


def _activations(
    argument: Argument, definition: Definition, found: list[Definition]
) -> Iterator[str]:
    """Yield values for an activation, those that stand for none first."""
    none = [
        d for d in found if d.is_class and re.search("identity|no_act|linear_act", words(d.name))
    ]
    is_none = argument.default in NO_ACTIVATION
    if is_none:
        yield ""
    yield from (f"{argument.name}={text}" for text in NO_ACTIVATION if text != argument.default)
    if none:
        yield f"{argument.name}={none[0].module}.{none[0].name}()"
    elif argument.default or argument.annotation not in ("str", ""):
        yield f"{argument.name}=runtime.Identity()"
    if argument.default and not is_none:
        yield ""
    yield from (
        f"{argument.name}={text!r}"
        for text in definition.texts
        if re.search("relu|sigmoid|tanh", text.lower())
    )
