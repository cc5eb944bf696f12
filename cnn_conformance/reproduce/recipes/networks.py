"""Scripts for whole networks, trained by hand or by fit, or only used."""

from __future__ import annotations

from cnn_conformance.arrays import Array
from cnn_conformance.checks import networks
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.reproduce.script import Draft, Recipe, Subject, constructor, nearer

BEHIND_DROPOUT = {
    "dx": "(dy @ w3 * mask) @ w0",
    "d0.weight": "(dy @ w3 * mask).T @ x",
    "d0.bias": "(dy @ w3 * mask).sum(axis=0)",
    "d3.weight": "dy.T @ survived",
    "d3.bias": "dy.sum(axis=0)",
}
"""The gradients of dense, ReLU, dropout, dense, as a script works them out."""


def by_hand(subject: Subject) -> Draft:
    """Show a network's losses, gradients or parameters, trained by hand."""
    case = subject.case
    expected, kind = _tensor(subject)
    layers, keys, units = _parts(case)
    data = _data(case, keys) | {"expected": case[expected]}
    size = case.table["batch_size"]
    stepping = networks.optimizer(case)
    lines = [
        f"layers, loss, optimizer, got = [{', '.join(layers)}], {case.table['loss']}(), "
        f"{constructor(*stepping)}, []",
        f"{_places(keys)} = {', '.join(map(_variable, keys))}",
    ]
    if kind == "gradient":
        lines += [
            f"batch, y = slice({size}), x[:{size}]",
            "for layer in layers: y = layer.forward(y)",
            "value, dx = loss.forward(y, target[batch]), loss.backward()",
            "for layer in layers[::-1]: dx = layer.backward(dx)",
        ]
    else:
        lines += [
            f"for start in list(range(0, len(x), {size})) * {case.table['epochs']}:",
            f"    y, t = x[start : start + {size}], target[start : start + {size}]",
            "    for layer in layers: y = layer.forward(y)",
            "    got, dx = [*got, loss.forward(y, t)], loss.backward()",
            "    for layer in layers[::-1]: dx = layer.backward(dx)",
            '    optimizer.step(*({f"{i}.{k}": d[k] for i, layer in enumerate(layers) '
            "for d in [getattr(layer, name)] for k in d} "
            'for name in ("params", "grads")))',
        ]
    lines += _got(expected)
    bound = tolerance.coarse(case.bound(expected))
    return Draft(data, lines, bound, sorted({*units, case.table["loss"], stepping[0]}))


def _parts(case: Case) -> tuple[list[str], list[str], list[str]]:
    """Return the calls that make the layers, the keys of their parameters, and their units."""
    layers, keys = [], []
    for index, entry in enumerate(case.table["layers"]):
        layers.append(constructor(*networks.call(entry)))
        names = (f"{index}.{name}" for name in ("weight", "bias"))
        keys += [key for key in names if key in case]
    return layers, keys, [unit for unit, *_ in case.table["layers"]]


def _places(keys: list[str]) -> str:
    """Return where the parameters of the layers are, for an assignment."""
    pairs = (key.split(".") for key in keys)
    return ", ".join(f'layers[{index}].params["{name}"][...]' for index, name in pairs)


def _tensor(subject: Subject) -> tuple[str, str]:
    case, first = subject.case, subject.message.split(maxsplit=1)
    name = first[0].partition("[")[0] if first else ""
    function = subject.check.function
    if function is networks.losses:
        return "steps.loss", "steps"
    if function is networks.parameters:
        keys = [key.removesuffix(".after") for key in case.arrays if key.endswith(".after")]
        return f"{name if name in keys else keys[0]}.after", "steps"
    return name if name in case.arrays and name.startswith("d") else "dx", "gradient"


def _got(expected: str) -> list[str]:
    if expected in ("steps.loss", "dx"):
        return ["got = dx"] if expected == "dx" else []
    key = expected.removesuffix(".after")
    attribute = "params" if key != expected else "grads"
    index, _, name = key.removeprefix("d" if attribute == "grads" else "").partition(".")
    return [f'got = layers[{index}].{attribute}["{name}"]']


def _data(case: Case, keys: list[str]) -> dict[str, Array]:
    """Return what goes into a network, and its parameters by their variables."""
    inputs = {"x": case["x"], "target": case["target"]}
    return inputs | {_variable(key): case[key] for key in keys}


def _variable(key: str) -> str:
    index, _, name = key.partition(".")
    return f"{name[0]}{index}"


def in_evaluation(subject: Subject) -> Draft:
    """Show a network's gradients while it is not in training."""
    case = subject.case
    expected, _ = _tensor(subject)
    layers, keys, units = _parts(case)
    data = _data(case, keys) | {"expected": case[expected]}
    lines = [
        f"layers, loss, y = [{', '.join(layers)}], {case.table['loss']}(), x",
        f"{_places(keys)} = {', '.join(map(_variable, keys))}",
        "for layer in layers: layer.training = False; y = layer.forward(y)",
        "value, dx = loss.forward(y, target), loss.backward()",
        "for layer in layers[::-1]: dx = layer.backward(dx)",
        *_got(expected),
    ]
    bound = tolerance.coarse(case.bound(expected))
    return Draft(data, lines, bound, sorted({*units, case.table["loss"]}))


def survivors(subject: Subject) -> Draft:
    """Show a gradient of dense, ReLU, dropout, dense, beside what the mask of forward makes it."""
    case = subject.case
    wrong, _ = _tensor(subject)
    layers, keys, units = _parts(case)
    data = _data(case, keys)
    lines = [
        f"layers, loss, outputs = [{', '.join(layers)}], {case.table['loss']}(), [x]",
        f"{_places(keys)} = {', '.join(map(_variable, keys))}",
        "for layer in layers: outputs.append(layer.forward(outputs[-1]))",
        "h, survived = outputs[2:4]",
        "value, dy = loss.forward(outputs[-1], target), loss.backward()",
        "mask = np.divide(survived, h, out=np.zeros(h.shape), where=h > 0)",
        f"expected, dx = {BEHIND_DROPOUT[wrong]}, dy",
        "for layer in layers[::-1]: dx = layer.backward(dx)",
        *_got(wrong),
    ]
    bound = tolerance.coarse(4 * case.bound(wrong))  # survivors are larger than without dropout
    return Draft(data, lines, bound, sorted({*units, case.table["loss"]}))


def use(subject: Subject) -> Draft:
    """Show what fit, evaluate or predict give for a network."""
    case = subject.case
    name = subject.message.split(maxsplit=1)[0].partition("[")[0] if subject.message else ""
    named = name in case
    name = name if named else next(n for n in ("epochs.loss", "evaluate.loss") if n in case)
    layers, keys, units = _parts(case)
    data = _data(case, keys) | {"expected": case[name]}
    results = {
        "epochs": 'history["{}"]',
        "evaluate": 'evaluate(model, loss, x, target, batch_size=4)["{}"]',
        "predict": "predict(model, x, batch_size=4)",
    }
    loop, _, key = name.partition(".")
    lines = [
        f"layers, loss = [{', '.join(layers)}], {case.table['loss']}()",
        f"{_places(keys)} = {', '.join(map(_variable, keys))}",
        "model = Sequential(layers)",
    ]
    needed = {*units, case.table["loss"], "Sequential"} | {loop} - {"epochs"}
    if "epochs" in case.table:
        stepping = networks.optimizer(case)
        options = ", ".join(f"{key}={case.table[key]}" for key in ("epochs", "batch_size"))
        optimizer = constructor(*stepping)
        lines.append(
            f"history = fit(model, loss, {optimizer}, x, target, {options}, shuffle=False)"
        )
        needed |= {stepping[0], "fit"}
    lines.append(f"got = {results[loop].format(key)}")
    if (other := f"{name}.biased") in case:
        data["biased"] = case[other]
        lines.append(nearer("biased"))
    if not named:  # something was raised, and the message does not tell where
        lines += ["evaluate(model, loss, x, target)", "predict(model, x)"]
        needed |= {"evaluate", "predict"}
    return Draft(data, lines, tolerance.coarse(case.bound(name)), sorted(needed))


RECIPES: dict[object, Recipe] = {
    networks.losses: by_hand,
    networks.parameters: by_hand,
    networks.gradients: by_hand,
    networks.fit: use,
    networks.evaluation: use,
    networks.gradients_in_evaluation: in_evaluation,
    networks.gradients_of_survivors: survivors,
}
