"""How optimizers are handed parameters and gradients: hypotheses from what their source asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cnn_conformance.adapt.plan import Plan
from cnn_conformance.adapt.source import Definition, vocabulary, words
from cnn_conformance.adapt.updating import DICT, LIST, ONE, PAIRS

Form = dict[str, Any]
ATTRIBUTE = re.compile(
    r"\b(\w+)\.(\w+)(?:\['(\w+)'\]|(\[[^'\]]|\['d' \+ )|(\()|\.(data)\b|(\.items|\.keys|\.values))?"
)
PAIR = re.compile(
    r"for (?:\w+, )?\(?\(\w+, \w+\).* in .*param|for \w+, d?\w*g\w* in (?!zip|enumerate).*param"
)
"""How the source goes through parameters that come each with its gradient."""
KEY = re.compile(r"\w\['(\w+)' \+ (?:str\()?\w+")
METHODS = frozenset(
    (
        *("items", "keys", "values", "append", "get", "copy", "setdefault", "pop", "update"),
        *("shape", "dtype", "size", "T", "sum", "flatten", "reshape", "astype", "any", "all"),
        *("format", "join", "fill", "ravel", "mean"),
    )
)
"""What is asked of dicts, lists and arrays, and tells nothing of a layer."""
SIZE = re.compile(r"self\.(in|out)_features")


def of_own_layer(dense: Plan | None) -> Form | None:
    """Return the form in which a dense layer of the code has its parameters and gradients.

    None if it has not both, or cannot be made without more than sizes.
    """
    if dense is None:
        return None
    places = [(at, gradient) for _, at, gradient in dense.facts.get("parameters", {}).values()]
    pattern = r"layer(\.\w+|\['\w+'\])+"
    if not places or not all(re.fullmatch(pattern, at) for pair in places for at in pair):
        return None
    make = re.sub(r"(, )?\*\*self\.if_given\([^)]*\)", "", SIZE.sub("1", dense.make))
    texts = [text.replace("self.at.shape", "(1, 1)") for text in (make, *dense.steps)]
    if any("self." in text for text in texts):
        return None
    return {"holds": dict(places), "layer": texts}


def forms(
    definition: Definition, kinds: list[str] | None = None, own: Form | None = None
) -> Iterator[Form]:
    """Yield the forms in which parameters and gradients may be handed over.

    Parameters
    ----------
    definition : Definition
        An optimizer.
    kinds : list of str, optional
        What the arguments of its step are.
    own : dict, optional
        The form in which the code's own layers have them.
    """
    text = definition.text
    if PAIR.search(text):
        yield {"holds": PAIRS}
    if kinds is not None and not {"weight", "gradient"} & {*kinds}:
        for holds in _attributes(definition):
            also = {name: value for name, value in _flags(text).items() if name not in holds}
            yield {"holds": holds, "also": also}
        if own is not None:
            yield own
        return
    prefixes = list(dict.fromkeys(KEY.findall(text)))
    weights = [p for p in prefixes if not re.match("d|grad", p)]
    if weights and all(f"d{p}" in prefixes for p in weights):
        yield {
            "holds": DICT,
            "gradient_key": "d{}",
            "numbered": tuple(f"{p}{{}}" for p in weights),
        }
    is_list = bool(re.search(r"\bzip\(|\blen\(|range\(|enumerate\(|isinstance\(\w+, list", text))
    is_dict = bool(re.search(r"\.(items|keys)\(|\[key\]|\[k\]|in self\.params|\[name\]", text))
    prefix = next((p for p in prefixes if re.match("d|grad", p)), "")
    forms: list[Form] = [{"holds": DICT}, {"holds": LIST}]
    if prefix:
        forms.insert(0, {"holds": DICT, "gradient_key": f"{prefix}{{}}"})
    one = {"holds": ONE}
    if is_list and not is_dict:
        forms.sort(key=lambda form: form["holds"] != LIST)
    yield from [*forms, one] if is_list or is_dict or prefix else [one, *forms]


def _attributes(definition: Definition) -> Iterator[dict[str, str]]:
    """Yield in which attributes of a layer the source may look for parameters and gradients."""
    yield from _by_getattr(definition.text)
    seen: list[str] = []
    tables: list[str] = []
    for owner, name, key, other, call, data, items in ATTRIBUTE.findall(definition.text):
        if owner in ("self", "np", "numpy", "math", "super") or name in METHODS:
            continue
        place = f"{name}['{key}']" if key else f"{name}()" if call else name
        place += ".data" if data else ""
        if other or items:
            tables.append(f"{name}['d{{}}']" if "'d'" in other else f"{name}['{{}}']")
        else:
            seen.append(place)
    pairs = _pairs([place for place in dict.fromkeys(seen) if place not in tables])
    plain = {p: g for p, g in pairs.items() if not p.endswith("()") and not g.endswith("()")}
    whole = [_pairs([t.format(key) for t in dict.fromkeys(tables)]) for key in ("W", "b")]
    if not plain and all(whole):
        yield whole[0] | whole[1]
    if plain:
        yield plain
    yield from ({p: g} for p, g in pairs.items() if p not in plain and p.endswith(")"))


def _by_getattr(text: str) -> Iterator[dict[str, str]]:
    """Yield attributes whose names are in a loop: `getattr(layer, name)`, `"d" + name`."""
    for variable, listed in re.findall(r"for (\w+) in [(\[]((?:'\w+'(?:, )?)+)[)\]]", text):
        added = rf"getattr\(\w+, (?:'(\w+)' \+ {variable}|f'(\w+)\{{{variable}\}}')\)"
        prefix = next((a or b for a, b in re.findall(added, text)), "")
        if prefix and re.search(rf"getattr\(\w+, {variable}\)", text):
            yield {name: prefix + name for name in re.findall(r"'(\w+)'", listed)}


def _pairs(places: list[str]) -> dict[str, str]:
    """Return the places of parameters, each with that of its gradient."""
    known = vocabulary()["optimizer"]
    named = {place: words(re.sub(r"\W+", "_", place.removesuffix(".data"))) for place in places}
    named = {place: name for place, name in named.items() if not re.search(known["kept"], name)}
    grads = [place for place, name in named.items() if re.search(known["held_gradient"], name)]
    pairs: dict[str, str] = {}
    for place, name in named.items():
        if place in grads or not re.search(known["held"], name):
            continue
        partner = max(grads, key=lambda g: _likeness(place, g), default="")
        if partner and partner not in pairs.values():
            pairs[place] = partner
    return pairs


def _likeness(place: str, gradient: str) -> tuple[bool, int]:
    """Return how much a gradient's name has of its parameter's."""
    stem = re.sub(r"_?grad(ient)?s?_?|^d_?(?=\w)|(?<=\[')d", "", gradient)
    common = len([c for c, d in zip(stem[::-1], place[::-1], strict=False) if c == d])
    return stem == place, common


def _flags(text: str) -> dict[str, Any]:
    """Return what the source asks of a layer besides: flags, dicts, and what may be None there."""
    asked = re.findall(r"\b\w+\.((?:is_)?(?:trainable|learnable)|has_\w+)\b(?!\()", text)
    unset = re.findall(r"\b(?!self\b)\w+\.(\w+) is (?:not )?None", text)
    aliases = {name: alias for alias, name in re.findall(r"\b(\w+) = \w+\.(\w+)$", text, re.M)}
    tables = re.findall(r"\b(?!self\b)\w+\.(\w+)(?:\['\w+'\] = |\.get\(')", text)
    tables += [
        name for name, alias in aliases.items() if re.search(rf"\b{alias}\['\w+'\] = ", text)
    ]
    return dict.fromkeys(asked, True) | dict.fromkeys(unset) | {name: {} for name in tables}
