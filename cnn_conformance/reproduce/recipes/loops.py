"""Scripts for the training loop.

The checks' own probes do not fit into a short script: a linear model of the implementation's own
units stands in, which shows the same where these units are right.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.checks import laws, loops
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.reproduce.recipes.laws import example
from cnn_conformance.reproduce.script import Draft, Recipe, Subject, constructor


def fit(subject: Subject) -> Draft:
    """Show what fit makes of a linear model, or which history it returns."""
    case = subject.case
    call = _call(case, "fit")
    histories: dict[object, str] = {loops.losses: "loss", loops.accuracies: "accuracy"}
    if key := histories.get(subject.check.function):
        return _golden(case, key, [f'got = {call}["{key}"]'], "fit")
    name = "bias" if subject.says("model's bias") else "weight"
    return _golden(case, f"{name}.after", [call, f'got = model.params["0.{name}"]'], "fit")


def evaluate(subject: Subject) -> Draft:
    """Show what evaluate returns for a linear model."""
    key = "loss" if subject.check.function is loops.evaluate_loss else "accuracy"
    line = f'got = {_call(subject.case, "evaluate")}["{key}"]'
    return _golden(subject.case, f"evaluate.{key}", [line], "evaluate")


def predict(subject: Subject) -> Draft:
    """Show what predict returns for a linear model."""
    line = f"got = {_call(subject.case, 'predict')}"
    return _golden(subject.case, "predict", [line], "predict")


def mode(subject: Subject) -> Draft:
    """Show whether the model was in training while a loop ran, and is so afterwards."""
    loop = _loop_of(subject)
    during = loop == "fit"
    return _watched(
        subject.case,
        "modes",
        "layer.training",
        [
            "for before in (True, False):",
            "    model.training = before",
            f"    {_call(subject.case, loop)}",
            '    print("before", before, "while it ran", modes, "afterwards", model.training)',
            f"    assert all(m is {during} for m in modes) and model.training is before",
        ],
        loop,
    )


def keeps(subject: Subject) -> Draft:
    """Show x, y or the parameters before and after a loop."""
    loop = _loop_of(subject)
    last = subject.message.rpartition(" ")[2]
    watched = {"y": "target", "weight": "layer.params['weight']", "bias": "layer.params['bias']"}
    array = watched.get(last, "x")
    shuffle = {"shuffle": True, "rng": 7} if loop == "fit" else {}
    lines = [
        f"expected = {array}.copy()",
        _call(subject.case, loop, **shuffle),
        f"got = {array}",
    ]
    return _loop(subject.case, lines, 0.0, loop)


def order(subject: Subject) -> Draft:
    """Show the batches that were trained on, without shuffling."""
    case = subject.case
    size = case.table["batch_size"]
    batches = f"(x[i : i + {size}], target[i : i + {size}]) for i in range(0, len(x), {size})"
    same = "all(np.array_equal(a, b) for pair in zip(seen, expected) for a, b in zip(*pair))"
    lines = [
        _call(case, "fit"),
        f"expected = [{batches}] * {case.table['epochs']}",
        f"assert len(seen) == len(expected) and {same}, seen",
    ]
    return _trained(case, lines)


def calls(subject: Subject) -> Draft:
    """Show in which order loss, model and optimizer are called."""
    case = subject.case
    batches = case.table["epochs"] * -(-len(case["x"]) // case.table["batch_size"])
    lines = [
        f"calls, optimizer = [], SGD({case.table['lr']})",
        'each = ["loss.forward", "loss.backward", "model.backward", "optimizer.step"]',
        "def watch(label, thing, name, method): "
        "setattr(thing, name, lambda *given: calls.append(label) or method(*given))",
        "for label, thing in zip(each, (loss, loss, model, optimizer)):",
        '    watch(label, thing, label.split(".")[1], getattr(thing, label.split(".")[1]))',
        _call(case, "fit").replace(f"SGD({case.table['lr']})", "optimizer"),
        f"assert calls == each * {batches}, (calls[:10], len(calls), len(each) * {batches})",
    ]
    return _loop(case, lines, None, "fit")


def every_sample_once(subject: Subject) -> Draft:
    """Show the samples of an epoch, for numbers of samples and batches that do not fit."""
    draw = example(subject)
    count, size = draw.N * draw.H + draw.W, draw.k + draw.C
    x = np.stack([np.arange(count), np.ones(count)], axis=1)
    arrays = {"weight": draw.whole(1, 2), "bias": np.zeros(1), "x": x, "target": -x[:, :1]}
    table = {"loss": "MSE", "lr": 0.001, "epochs": 1, "batch_size": size}
    case = replace(subject.case, table=table, arrays=arrays)
    lines = [
        _call(case, "fit", shuffle=draw.seed % 2 == 0, rng=draw.seed),
        "samples = sorted(-float(t) for _, batch in seen for t in np.ravel(batch))",
        f"assert samples == list(range({count})), samples",
    ]
    return _trained(case, lines)


def shuffled(subject: Subject) -> Draft:
    """Show the samples in the order in which they went through the model, epoch by epoch."""
    if subject.says("not paired"):
        pairs = (
            "any(np.array_equal(a, x[i]) and np.array_equal(b, target[i]) for i in range(len(x)))"
        )
        lines = [
            _call(subject.case, "fit", shuffle=True, rng=7),
            f"assert all({pairs} for batch in seen for a, b in zip(*batch)), seen",
        ]
        return _trained(subject.case, lines)
    epochs = subject.case.table["epochs"]
    call = _call(subject.case, "fit", shuffle=True, rng=7)
    split = f"epochs = np.split(np.concatenate(seen), {epochs})"
    expected: dict[object, list[str]] = {
        loops.visits_every_sample: [
            "for epoch in epochs:",
            "    assert sorted(epoch.tolist()) == sorted(x.tolist())",
        ],
        loops.new_order_every_epoch: [
            "for first, second in zip([x, *epochs], epochs):",
            "    assert first.tolist() != second.tolist()",
        ],
    }
    lines = [call, split, 'print(*epochs, sep="\\n\\n")', *expected[subject.check.function]]
    return _watched(subject.case, "seen", "x.copy()", lines, "fit")


def same_rng(subject: Subject) -> Draft:
    """Show the orders of two runs that have the same seed, or two."""
    other = 8 if subject.says("does not depend") else 7
    maker = "np.random.default_rng({})" if subject.says("Generator") else "{}"
    runs = [
        _call(subject.case, "fit", shuffle=True, rng="RNG").replace("'RNG'", maker.format(seed))
        for seed in (7, other)
    ]
    return _watched(
        subject.case,
        "seen",
        "x.copy()",
        [
            runs[0],
            "first, seen[:] = np.concatenate(seen), []",
            runs[1],
            'print(first, second := np.concatenate(seen), sep="\\n\\n")',
            f"assert (first.tolist() == second.tolist()) is {other == 7}",
        ],
        "fit",
    )


def defaults(subject: Subject) -> Draft:
    """Show the batches of a call without options."""
    return _watched(
        subject.case,
        "seen",
        "x.copy()",
        [
            "x = np.resize(x, (64, x.shape[1])) + np.arange(64)[:, None] / 64",
            f"fit(model, loss, SGD({subject.case.table['lr']}), x, np.resize(target, 64))",
            'print("batches of", sizes := [len(batch) for batch in seen], "expected 32, 32")',
            "assert sizes == [32, 32]",
            "assert np.concatenate(seen).tolist() != x.tolist()  # shuffled",
        ],
        "fit",
    )


def no_accuracy(subject: Subject) -> Draft:
    """Show the accuracy that a loop returns for a regression."""
    loop = _loop_of(subject)
    lines = [
        f"got = {_call(subject.case, loop)}",
        "print(got)",
        'assert got.get("accuracy") in (None, [])',
    ]
    return _loop(subject.case, lines, None, loop)


def sizes(subject: Subject) -> Draft:
    """Show the sizes of the batches that predict puts through the model."""
    size = subject.case.table["batch_size"]
    return _watched(
        subject.case,
        "sizes",
        "len(x)",
        [
            _call(subject.case, "predict"),
            f'print("batches of", sizes, "expected at most", {size})',
            f"assert sizes and max(sizes) <= {size}",
        ],
        "predict",
    )


def different_lengths(subject: Subject) -> Draft:
    """Show what is raised for too few targets."""
    loop = _loop_of(subject)
    lines = [
        "try:",
        f"    {_call(subject.case, loop).replace('target', 'target[:-2]')}",
        "except ValueError as error:",
        '    print("as it should be:", error)',
        "else:",
        '    raise AssertionError("nothing was raised, expected ValueError")',
    ]
    return _loop(subject.case, lines, None, loop)


def _loop_of(subject: Subject) -> str:
    """Return the loop that a check is about."""
    return subject.result.unit


def _call(case: Case, loop: str, **options: Any) -> str:
    """Return the call of a loop with the case's options."""
    size = {"batch_size": case.table["batch_size"]}
    if loop == "fit":
        arguments = f"model, loss, SGD({case.table['lr']}), x, target"
        options = {"epochs": case.table["epochs"], **size, "shuffle": False, **options}
    else:
        arguments = "model, loss, x, target" if loop == "evaluate" else "model, x"
        options = {**size, **options}
    return f"{loop}({arguments}, {', '.join(f'{k}={v!r}' for k, v in options.items())})"


def _watched(case: Case, log: str, seen: str, lines: list[str], loop: str) -> Draft:
    """Return a script that writes down something each time that the model is called."""
    watch = [
        f"{log}, forward = [], layer.forward",
        f"layer.forward = lambda x: {log}.append({seen}) or forward(x)",
    ]
    return _loop(case, [*watch, *lines], None, loop)


def _trained(case: Case, lines: list[str]) -> Draft:
    """Return a script that keeps the (x, y) of every batch that fit trains on.

    That is where the loss is asked for a gradient, of what it was given last.
    """
    watch = [
        "xs, pairs, seen, forward, value, gradient = [], [], [], "
        "layer.forward, loss.forward, loss.backward",
        "layer.forward = lambda x: xs.append(x.copy()) or forward(x)",
        "loss.forward = lambda p, t: pairs.append((xs[-1], t.copy())) or value(p, t)",
        "loss.backward = lambda: seen.append(pairs[-1]) or gradient()",
    ]
    return _loop(case, [*watch, *lines], None, "fit")


def _golden(case: Case, name: str, lines: list[str], loop: str) -> Draft:
    draft = _loop(case, lines, tolerance.coarse(case.bound(name)), loop)
    draft.data["expected"] = case[name]
    return draft


def _loop(case: Case, lines: list[str], allowed: float | None, loop: str) -> Draft:
    """Return a script with a linear model of the case's parameters."""
    K, D = case["weight"].shape
    reduction = case.table.get("reduction", "mean")
    options: dict[str, Any] = {} if reduction == "mean" else {"reduction": reduction}
    data: dict[str, Array] = {key: case[key] for key in ("x", "target", "weight", "bias")}
    made = [
        f"layer, loss = Dense({D}, {K}), {constructor(case.table['loss'], (), options)}",
        'layer.params["weight"][...], layer.params["bias"][...] = weight, bias',
        "model = Sequential([layer])",
    ]
    needed = ["Dense", "Sequential", case.table["loss"], loop, *(["SGD"] * (loop == "fit"))]
    return Draft(data, [*made, *lines], allowed, needed)


RECIPES: dict[object, Recipe] = {
    loops.parameters: fit,
    loops.losses: fit,
    loops.accuracies: fit,
    loops.no_accuracy: no_accuracy,
    loops.evaluate_no_accuracy: no_accuracy,
    loops.visits_every_sample: shuffled,
    loops.new_order_every_epoch: shuffled,
    loops.same_rng_same_order: same_rng,
    loops.defaults: defaults,
    loops.keeps_order: order,
    loops.loss_once_before_the_step: calls,
    laws.every_sample_once: every_sample_once,
    loops.fit_keeps_data: keeps,
    loops.fit_mode: mode,
    loops.fit_different_lengths: different_lengths,
    loops.evaluate_loss: evaluate,
    loops.evaluate_accuracy: evaluate,
    loops.evaluate_keeps_everything: keeps,
    loops.evaluate_mode: mode,
    loops.evaluate_different_lengths: different_lengths,
    loops.predictions: predict,
    loops.predict_batches: sizes,
    loops.predict_keeps_everything: keeps,
    loops.predict_mode: mode,
}
