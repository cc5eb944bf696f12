"""Scripts for containers, with the same probe layers as in the check."""

from __future__ import annotations

import re

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.checks import containers
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.reproduce.script import Draft, Recipe, Subject

SCALE = [
    "class Scale:  # y = x * weight + bias",
    "    def __init__(self, **params): self.params, self.grads, self.training = params, {}, True",
    '    def forward(self, x): self.x = x; return x * self.params["weight"] + self.params["bias"]',
    "    def backward(self, dout): "
    'self.grads = {"weight": (dout * self.x).sum(0), "bias": dout.sum(0)}; '
    'return dout * self.params["weight"]',
]
OTHERS = {
    "Square": "class Square(Scale): forward, backward = "
    'lambda self, x: setattr(self, "x", x) or x * x, lambda self, dout: 2 * self.x * dout',
    "Turn": "class Turn(Scale): forward = backward = lambda self, x: x[:, ::-1]",
}


# ---------------------------------------------------------------- containers


def _stack(case: Case, *, use: bool = True) -> tuple[dict[str, Array], list[str]]:
    """Return the parameters of the probes, and the lines that make them and the model.

    `use` tells whether forward and backward of the probes are needed.
    """
    data, probes, layers = _probes(case, use=use)
    return data, [*probes, f"layers = {layers}", "model = Sequential(layers)"]


def _probes(case: Case, *, use: bool = True) -> tuple[dict[str, Array], list[str], str]:
    """Return the parameters of the probes, the lines of their classes, and a list of them."""
    data: dict[str, Array] = {}
    made = []
    for index, (kind, *_) in enumerate(case.table["layers"]):
        names = [name for name in ("weight", "bias") if kind == "Scale"]
        data |= {f"{name[0]}{index}": case[f"{index}.{name}"] for name in names}
        made.append(f"{kind}({', '.join(f'{name}={name[0]}{index}' for name in names)})")
    kinds = dict.fromkeys(kind for kind, *_ in case.table["layers"] if kind in OTHERS)
    idle = ["    forward = backward = lambda self, x: x"]
    methods = SCALE[2:] if use else idle
    probes = [*SCALE[:2], *methods, *(OTHERS[kind] for kind in kinds)]
    return data, probes, f"[{', '.join(made)}]"


def sequential_y(subject: Subject) -> Draft:
    """Show what goes through the layers."""
    data, lines = _stack(subject.case)
    mode = ["model.training = False"] if subject.says("training is False") else []
    return _sequential(subject.case, "y", data, [*lines, *mode, "got = model.forward(x)"])


def sequential_dx(subject: Subject) -> Draft:
    """Show what comes back through the layers."""
    data, lines = _stack(subject.case)
    data["dout"] = subject.case["dout"]
    lines.append("got = (model.forward(x), model.backward(dout))[1]")
    return _sequential(subject.case, "dx", data, lines)


def sequential_grads(subject: Subject) -> Draft:
    """Show a gradient of the flat dict."""
    data, lines = _stack(subject.case)
    data["dout"] = subject.case["dout"]
    keys = containers._keys(subject.case)
    named = re.search(r'grads\["([^"]+)"\]', subject.message)
    key = named[1] if named and named[1] in keys else keys[0]
    use = "model.forward(x), model.backward(-2 * dout), model.grads, model.backward(dout)"
    if subject.says("has the keys"):
        lines += [
            f"got, expected = ({use}, list(model.grads))[-1], {keys}",
            'print("got", got, "expected", expected)',
            "assert got == expected",
        ]
        return Draft({"x": subject.case["x"], **data}, lines)
    lines.append(f'got = ({use}, model.grads["{key}"])[-1]')
    return _sequential(subject.case, f"d{key}", data, lines)


def _sequential(case: Case, name: str, data: dict[str, Array], lines: list[str]) -> Draft:
    data = {"x": case["x"], **data, "expected": case[name]}
    return Draft(data, lines, tolerance.coarse(case.bound(name)))


def sequential_params(subject: Subject) -> Draft:
    """Show the keys and arrays of the flat dict, which are the layers' own."""
    data, lines = _stack(subject.case, use=False)
    keys = containers._keys(subject.case)
    own = [f'"{key}": {key[key.index(".") + 1]}{key[: key.index(".")]}' for key in keys]
    lines += [
        f"got, expected = model.params, {{{', '.join(own)}}}",
        'print("got", got, "expected", expected, sep="\\n")',
    ]
    if subject.check.function is containers.own_arrays:
        lines += [
            "for key in expected: model.params[key][...] = 7",
            'assert all((array == 7).all() for array in expected.values()), "not its own arrays"',
        ]
    else:
        lines += [
            "assert list(got) == list(expected) "
            "and all(np.array_equal(got[key], expected[key]) for key in expected)",
        ]
    return Draft(data, lines)


def sequential_changes(subject: Subject) -> Draft:
    """Show x, dout or a parameter before and after forward and backward."""
    case = subject.case
    data, lines = _stack(case)
    named = re.search(r"caller's (\w+)|params\[\"(\d+)\.(\w)", subject.message)
    watched = "x" if not named else named[1] or named[3] + named[2]
    lines += [
        f"expected, y, dx = {watched}.copy(), model.forward(x), model.backward(dout)",
        f"got = {watched}",
    ]
    return Draft({"x": case["x"], "dout": case["dout"], **data}, lines, 0.0)


def sequential_again(subject: Subject) -> Draft:
    """Show a model that was used before with another batch beside a new one."""
    case = subject.case
    x2, dout2 = case["x"][::-1] * 0.5, case["dout"][::-1] * 2.0
    more = {"x2": np.concatenate([x2, x2[:1]]), "dout2": np.concatenate([dout2, dout2[:1]])}
    use = [
        "used.forward(x), used.backward(dout)",
        "got, expected = [(m.forward(x2), m.backward(dout2)) for m in (used, new)]",
    ]
    return _beside(case, "used, new", more, use)


def sequential_share_nothing(subject: Subject) -> Draft:
    """Show a model beside which a second one is used, and one that is alone."""
    use = [
        "y, y2 = first.forward(x), second.forward(-x)",
        "got = y, first.backward(dout)",
        "expected = alone.forward(x), alone.backward(dout)",
    ]
    return _beside(subject.case, "first, second, alone", {}, use)


def _beside(case: Case, names: str, more: dict[str, Array], use: list[str]) -> Draft:
    """Return the script that uses several models with probes of their own."""
    data, probes, layers = _probes(case)
    for name in data:
        layers = layers.replace(f"={name}", f"={name}.copy()")
    count = names.count(",") + 1
    lines = [*probes, f"{names} = (Sequential({layers}) for _ in range({count}))", *use]
    allowed = tolerance.coarse(8 * max(case.bound("y"), case.bound("dx")))
    return Draft({"x": case["x"], "dout": case["dout"], **more, **data}, lines, allowed)


def sequential_layers(subject: Subject) -> Draft:
    """Show the list of layers."""
    data, lines = _stack(subject.case, use=False)
    lines += [
        "model.forward(x)",
        'print("got", model.layers, "expected", layers, sep="\\n")',
        "assert len(model.layers) == len(layers)",
        "assert all(a is b for a, b in zip(model.layers, layers))",
    ]
    return Draft({"x": subject.case["x"], **data}, lines)


def sequential_training(subject: Subject) -> Draft:
    """Show whether training reaches every layer."""
    data, lines = _stack(subject.case, use=False)
    lines += [
        'assert model.training, "training is not True at first"',
        "for model.training in (False, True):",
        '    print(model.training, "in the layers:", [layer.training for layer in layers])',
        "    assert all(layer.training == model.training for layer in layers)",
    ]
    return Draft(data, lines)


RECIPES: dict[object, Recipe] = {
    containers.forward: sequential_y,
    containers.backward: sequential_dx,
    containers.grads: sequential_grads,
    containers.params: sequential_params,
    containers.own_arrays: sequential_params,
    containers.layers: sequential_layers,
    containers.changes_nothing: sequential_changes,
    containers.again: sequential_again,
    containers.share_nothing: sequential_share_nothing,
    containers.training: sequential_training,
}
