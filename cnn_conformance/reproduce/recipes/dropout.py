"""Scripts for what is random: an element is 0 or has survived, and many elements are counted."""

from __future__ import annotations

import re

import numpy as np

from cnn_conformance.checks import dropout
from cnn_conformance.oracle import tolerance
from cnn_conformance.reproduce.recipes.hygiene import ODD
from cnn_conformance.reproduce.script import Draft, Recipe, Subject, constructor

SEED = "np.random.seed(0)  # for those who use this generator"
MANY = f"np.ones({dropout.SHAPE_OF_MANY})"
SIZE = int(np.prod(dropout.SHAPE_OF_MANY))
AXES = {"sample": (1, 2, 3), "channel": (0, 2, 3), "pixel": (0, 1)}
NEIGHBOURS = ("samples", "channels", "rows", "columns")


OWN = "{0}.mean() ** 2 + (1 - {0}.mean()) ** 2"
"""How often two independent masks agree, with the share that is dropped."""


def kept(subject: Subject) -> Draft:
    """Show an output, and the elements that have survived as they should be."""
    lines = [*_layers(subject, "layer"), "y = layer.forward(x)", f"got, expected = y, {_masked()}"]
    return _draft(subject, lines, "survivors")


def same_mask(subject: Subject) -> Draft:
    """Show dx beside what it is where the output is not 0."""
    lines = [*_layers(subject, "layer"), "y = layer.forward(x)", *_backward()]
    return _draft(subject, lines, "dsurvivors")


def gradient_at_zeros(subject: Subject) -> Draft:
    """Show how many gradients pass where x is 0, and where it is not."""
    lines = [
        *_layers(subject, "layer"),
        "y, dx, zero = layer.forward(x), layer.backward(dout), x == 0",
        "at_zeros, elsewhere = (dx[zero] != 0).mean(), (dx[~zero] != 0).mean()",
        'print("gradients that pass where x is 0:", at_zeros, "elsewhere:", elsewhere)',
        'assert 0 < at_zeros < 1, "what was 0 before is taken for dropped, or for kept"',
    ]
    return Draft({"x": subject.case["x"], "dout": subject.case["dout"]}, lines)


def share(subject: Subject) -> Draft:
    """Show the share of many elements that is dropped."""
    p = dropout._p(subject.case)
    lines = [
        *_layers(subject, "layer"),
        f"y = layer.forward({MANY})",
        f"got, expected = (y == 0).mean(), {p}",
    ]
    return Draft({}, lines, _allowed(p, SIZE))


def independent(subject: Subject) -> Draft:
    """Show the shares of samples, channels or pixels, or how often neighbours agree."""
    p = dropout._p(subject.case)
    lines = [*_layers(subject, "layer"), f"dropped = layer.forward({MANY}) == 0"]
    named = re.search(r"masks of neighbouring (\w+)", subject.message)
    if named:
        axis = NEIGHBOURS.index(named[1])
        there, back = (f"np.delete(dropped, {end}, axis={axis})" for end in (0, -1))
        lines.append(f"got, expected = ({there} == {back}).mean(), {OWN.format('dropped')}")
        length = dropout.SHAPE_OF_MANY[axis]
        return Draft({}, lines, _agreement(p, SIZE * (length - 1) // length))
    what = next((what for what in AXES if subject.says(f"elements of a {what}")), "sample")
    lines += [
        f"got = dropped.mean(axis={AXES[what]})  # for each {what}",
        "expected = np.full(got.shape, dropped.mean())",
    ]
    size = int(np.prod([dropout.SHAPE_OF_MANY[axis] for axis in AXES[what]]))
    return Draft({}, lines, _allowed(p, size))


def anew(subject: Subject) -> Draft:
    """Show how often the masks of two calls of forward agree."""
    p = dropout._p(subject.case)
    lines = [
        *_layers(subject, "layer"),
        f"there, back = layer.forward({MANY}) != 0, layer.forward({MANY}) != 0",
        f"got, expected = (there == back).mean(), {OWN.format('there')}",
    ]
    return Draft({}, lines, _agreement(p, SIZE))


def rng_decides(subject: Subject) -> Draft:
    """Show how often the masks of layers with the same generator, or with others, agree."""
    case = subject.case
    p = dropout._p(case)
    seeds, both = ((1, 1), 1.0) if not subject.says("different generators") else ((1, 2), _both(p))
    make = constructor(case.unit, case.args, {**case.options, "rng": "seed"})
    lines = [
        "def mask(seed):",
        f"    layer = {make.replace(repr('seed'), 'np.random.default_rng(seed)')}",
        f"    return layer.forward({MANY}) != 0",
        f"got, expected = (mask({seeds[0]}) == mask({seeds[1]})).mean(), {both}",
    ]
    return Draft({}, lines, 0.0 if both == 1.0 else _agreement(p, SIZE))


def latest_forward(subject: Subject) -> Draft:
    """Show dx after a forward with another x."""
    twice = "layer.forward(np.repeat(x, 2, axis=0))"
    lines = _layers(subject, "layer")
    if subject.says("another mask"):
        lines += [
            "layer.forward(x)",
            "layer.backward(np.ones(x.shape))",
            f"y = {twice}",
            "dx = layer.backward(np.ones(y.shape))",
            'print("y", y, "dx", dx, sep="\\n")',
            'assert np.array_equal(dx != 0, y != 0), "another mask"',
        ]
        return Draft({"x": subject.case["x"]}, lines)
    lines += ["layer.forward(x)", twice, "y = layer.forward(x)", *_backward()]
    return _draft(subject, lines, "dsurvivors")


def mode_of_forward(subject: Subject) -> Draft:
    """Show what backward gives once training was switched."""
    lines = [*_layers(subject, "layer"), "y = layer.forward(x)", "layer.training = False"]
    return _draft(subject, [*lines, *_backward()], "dsurvivors")


def second_backward(subject: Subject) -> Draft:
    """Show what a second backward gives."""
    lines = [*_layers(subject, "layer"), "y = layer.forward(x)", "layer.backward(-3 * dout)"]
    return _draft(subject, [*lines, *_backward()], "dsurvivors")


def instances_share_nothing(subject: Subject) -> Draft:
    """Show dx of a layer beside which a second one is used."""
    lines = _layers(subject, "first", "second")
    lines += ["y, y2 = first.forward(x), second.forward(x)", *_backward("first")]
    return _draft(subject, lines, "dsurvivors")


def any_memory_order(subject: Subject) -> Draft:
    """Show y and dx for views and read-only arrays."""
    case = subject.case
    make = constructor(case.unit, case.args, case.options)
    lines = [
        SEED,
        f"odd = [{', '.join(f'lambda a: {way}' for way in ODD.values())}]  # {', '.join(ODD)}",
        "for change in odd:",
        f"    layer = {make}",
        "    y = layer.forward(change(x))",
        "    dx = layer.backward(change(dout))",
        '    print("y", y, "dx", dx, sep="\\n")',
    ]
    for name, golden in (("y", "survivors"), ("dx", "dsurvivors")):
        allowed = tolerance.coarse(case.bound(golden))
        expected = f"{_masked(golden)}, rtol=0, atol={allowed:.6g}"
        lines.append(f"    np.testing.assert_allclose({name}, {expected})")
    names = ("x", "dout", "survivors", "dsurvivors")
    return Draft({name: case[name] for name in names}, lines)


def float64(subject: Subject) -> Draft:
    """Show y or dx to the digits of float64."""
    return _precise(subject, "float64", tolerance.EPS64)


def float32(subject: Subject) -> Draft:
    """Show y or dx of float32."""
    return _precise(subject, "float32", tolerance.EPS32)


def _precise(subject: Subject, dtype: str, eps: float) -> Draft:
    cast = f'.astype("{dtype}")'
    lines = [*_layers(subject, "layer"), f"y = layer.forward(x{cast})"]
    golden = "survivors"
    if subject.message.startswith("dx"):
        golden = "dsurvivors"
        lines += _backward(dout=f"dout{cast}")
    else:
        lines.append(f"got, expected = y, {_masked()}")
    lines.append(f'assert got.dtype == "{dtype}", got.dtype')
    draft = _draft(subject, lines, golden)
    draft.tolerance = tolerance.FACTOR * eps * subject.case.bound(golden)
    return draft


def _layers(subject: Subject, *names: str) -> list[str]:
    """Return the lines that make some layers, after the seed that the checks set."""
    case = subject.case
    make = constructor(case.unit, case.args, case.options)
    return [SEED, f"{', '.join(names)} = {', '.join([make] * len(names))}"]


def _masked(golden: str = "survivors") -> str:
    return f"np.where(y != 0, {golden}, 0)"


def _backward(layer: str = "layer", dout: str = "dout") -> list[str]:
    return [f"got, expected = {layer}.backward({dout}), {_masked('dsurvivors')}"]


def _draft(subject: Subject, lines: list[str], golden: str) -> Draft:
    """Return a draft whose `expected` was read off golden data by a mask."""
    case = subject.case
    data = {"x": case["x"], golden: case[golden]}
    if any("dout" in line for line in lines):
        data["dout"] = case["dout"]
    return Draft(data, lines, tolerance.coarse(case.bound(golden)))


def _both(p: float) -> float:
    """Return how often two independent masks agree."""
    return p * p + (1 - p) ** 2


def _allowed(p: float, size: int) -> float:
    return float(dropout.SIGMAS * (p * (1 - p) / size) ** 0.5)


def _agreement(p: float, size: int) -> float:
    return float(dropout.SIGMAS * (2 * _both(p) * (1 - _both(p)) / size) ** 0.5)


RECIPES: dict[object, Recipe] = {
    dropout.kept: kept,
    dropout.same_mask: same_mask,
    dropout.gradient_at_zeros: gradient_at_zeros,
    dropout.share: share,
    dropout.independent: independent,
    dropout.anew: anew,
    dropout.rng_decides: rng_decides,
    dropout.latest_forward: latest_forward,
    dropout.mode_of_forward: mode_of_forward,
    dropout.second_backward: second_backward,
    dropout.instances_share_nothing: instances_share_nothing,
    dropout.any_memory_order: any_memory_order,
    dropout.float64: float64,
    dropout.float32: float32,
}
