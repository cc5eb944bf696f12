"""What the training loop does: checks on runs of `fit`, `evaluate` and `predict`."""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest

import numpy as np

from cnn_conformance.checks import loop_runs as runs
from cnn_conformance.findings import Finding
from cnn_conformance.implementation import wire
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.implementation.values import as_array, as_number, same_values
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import compare
from cnn_conformance.outcomes import NotPassed, Outcome, Raised, failed, standing_on
from cnn_conformance.units import EVALUATE, FIT, PREDICT

# ---------------------------------------------------------------- fit


def parameters(implementation: Implementation, case: Case) -> float:
    """Check the parameters after training."""
    params = runs.trained(implementation, case).params
    return max(
        compare(
            params[name],
            case[f"{name}.after"],
            tolerance.coarse(case.bound(f"{name}.after")),
            Finding("the model's", name=name),
            Finding("after training"),
        )
        for name in ("weight", "bias")
    )


def losses(implementation: Implementation, case: Case) -> float:
    """Check the history of the loss."""
    got = runs.history(runs.trained(implementation, case).result, "loss", case.table["epochs"])
    return compare(
        got, case["loss"], tolerance.coarse(case.bound("loss")), Finding("history", key="loss")
    )


def accuracies(implementation: Implementation, case: Case) -> float:
    """Check the history of the accuracy."""
    got = runs.history(runs.trained(implementation, case).result, "accuracy", case.table["epochs"])
    allowed = tolerance.coarse(case.bound("accuracy"))
    return compare(got, case["accuracy"], allowed, Finding("history", key="accuracy"))


def no_accuracy(implementation: Implementation, case: Case) -> None:
    """Check that regression has no accuracy."""
    result = runs.trained(implementation, case).result
    value = result.get("accuracy") if isinstance(result, dict) else None
    runs.history(result, "loss", case.table["epochs"])
    if value is not None and (
        not isinstance(value, (list, tuple, np.ndarray)) or runs.numbers(value)
    ):
        raise failed("accuracy of a regression", loop=FIT, instead=Finding("expected none"))


def visits_every_sample(implementation: Implementation, case: Case) -> None:
    """Check that every epoch of a shuffled run has every sample once, with its own y."""
    run = runs.shuffled(implementation, case)
    for epoch, (x, y) in enumerate(runs.epochs(run)):
        order = runs.order(x, case["x"])
        if sorted(order) != list(range(len(case["x"]))):
            raise failed("samples of epoch", epoch=epoch + 1, order=order, count=len(case["x"]))
        if not runs.is_target(y, case["target"][order]):
            stays = runs.is_target(y, case["target"])
            how = Finding("y as given" if stays else "y in another order")
            raise failed("pairs", epoch=epoch + 1, how=how)
    if "accuracy" in case:
        _accuracy_of_pairs(implementation, case)


def _accuracy_of_pairs(implementation: Implementation, case: Case) -> None:
    """Check that shuffling alone does not change an accuracy that is right without it.

    The model stays as it is, with a rate of 0.
    """
    still = replace(case, table={**case.table, "lr": 0.0})
    outputs, target = case["x"] @ case["weight"].T + case["bias"], case["target"]
    classes = target if target.ndim == 1 else target.argmax(axis=1)
    expected = float(np.mean(outputs.argmax(axis=1) == classes))
    implementation.begin(FIT)
    in_order = runs.Run(implementation, still).fit(epochs=1).result
    shuffled = runs.shuffled(implementation, still).result
    if not all(
        isinstance(result, dict) and "accuracy" in result for result in (shuffled, in_order)
    ):
        return
    far = 1 / (2 * len(classes))
    if any(abs(number - expected) > far for number in runs.numbers(in_order["accuracy"])):
        return  # which has lost its points already
    for epoch, got in enumerate(runs.numbers(shuffled["accuracy"]), start=1):
        if abs(got - expected) > far:
            raise failed("accuracy shuffled", epoch=epoch, got=got, expected=expected)


def new_order_every_epoch(implementation: Implementation, case: Case) -> None:
    """Check that no two epochs have the same order, nor the one of the data."""
    run = runs.shuffled(implementation, case)
    orders = [list(range(len(case["x"]))), *runs.orders(run)]
    for epoch, order in enumerate(orders[1:], start=1):
        if order in orders[:epoch]:
            known = "order of x" if order == orders[0] else "order of an earlier epoch"
            raise failed("order of epoch", epoch=epoch, known=Finding(known))


def keeps_order(implementation: Implementation, case: Case) -> None:
    """Check the order and the batches without shuffling."""
    visits = runs.run(implementation, case, FIT).visits()
    size, count = case.table["batch_size"], len(case["x"])
    starts = [start for _ in range(case.table["epochs"]) for start in range(0, count, size)]
    if len(visits) != len(starts):
        raise failed("batches", got=len(visits), expected=len(starts))
    for number, ((x, y), start) in enumerate(zip(visits, starts, strict=True), start=1):
        batch = slice(start, start + size)
        if not (same_values(x, case["x"][batch]) and runs.is_target(y, case["target"][batch])):
            raise failed("batch", number=number, start=start, stop=start + size)


def same_rng_same_order(implementation: Implementation, case: Case) -> None:
    """Check that a seed and a generator decide the order."""
    orders = [
        runs.orders(runs.shuffled_by(implementation, case, rng))
        for rng in (7, 7, 8, wire.Generator(7), wire.Generator(7), wire.Generator(8))
    ]
    for same, kind in ((0, Finding("int seed")), (3, Finding("Generator"))):
        if orders[same] != orders[same + 1]:
            raise failed("orders differ", rng=kind)
        if orders[same] == orders[same + 2]:
            raise failed("rng not used", rng=kind)


def defaults(implementation: Implementation, case: Case) -> None:
    """Check one epoch, batches of 32, shuffled."""
    implementation.begin(FIT)
    run = runs.Run(implementation, case)
    repeats = -(-64 // len(case["x"]))
    noise = np.random.default_rng(5).standard_normal((64, case["x"].shape[1]))
    x = np.concatenate([case["x"]] * repeats)[:64] + noise
    y = np.concatenate([case["target"]] * repeats)[:64]
    implementation.function(FIT, run.model, run.loss, run.optimizer, x, y)
    sizes = [len(batch) for batch, _ in run.visits()]
    if sizes != [32, 32]:
        raise failed("batch sizes by default", got=sizes)
    if runs.order(runs.joined([batch for batch, _ in run.visits()]), x) == list(range(64)):
        raise failed("not shuffled by default")


def again(implementation: Implementation, case: Case) -> float:
    """Check that a call for each epoch does what one call does for all of them."""
    with standing_on(FIT):
        parameters(implementation, case)
        losses(implementation, case)
    implementation.begin(FIT)
    run = runs.Run(implementation, case)
    used, allowed = 0.0, tolerance.coarse(case.bound("loss"))
    for expected in case["loss"]:
        got = runs.history(run.fit(epochs=1).result, "loss", 1)
        used = max(used, compare(got, expected[None], allowed, Finding("history", key="loss")))
    params = run.params()
    for name in ("weight", "bias"):
        allowed = tolerance.coarse(case.bound(f"{name}.after"))
        what, when = Finding("the model's", name=name), Finding("after training")
        used = max(used, compare(params[name], case[f"{name}.after"], allowed, what, when))
    return used


def loss_once_before_the_step(implementation: Implementation, case: Case) -> None:
    """Check the order of calls in every batch; what is shown of them is where they first differ."""
    events = runs.run(implementation, case, FIT).events()
    batches = case.table["epochs"] * -(-len(case["x"]) // case.table["batch_size"])
    needed = ["model.forward", "loss.forward", "loss.backward", "model.backward", "optimizer.step"]
    # A model that is called more often than needed does no harm: only its first call is looked at.
    seen = events[:1] + [event for event in events[1:] if event != needed[0]]
    asked = needed[:1] + needed[1:] * batches
    if seen != asked:
        pairs = enumerate(zip_longest(seen, asked))
        place, (got, expected) = next((k, pair) for k, pair in pairs if pair[0] != pair[1])
        raise failed(
            "calls",
            needed=tuple(needed),
            count=batches,
            batch=min(batches, max(place - 1, 0) // len(needed[1:]) + 1),
            after=seen[place - 1] if place else None,
            got=got,
            expected=expected,
        )


def fit_keeps_data(implementation: Implementation, case: Case) -> None:
    """Check that x and y are as before after a run, which shuffles if the loop does."""
    try:
        run = runs.shuffled(implementation, case)
    except NotPassed as failure:
        if failure.outcome is not Outcome.UNSUPPORTED:
            raise
        run = runs.run(implementation, case, FIT)
    runs.demand_kept(run, FIT)


def fit_mode(implementation: Implementation, case: Case) -> None:
    """Check training during and after fit."""
    runs.mode(implementation, case, FIT, during=True)


# ---------------------------------------------------------------- evaluate and predict


def evaluate_loss(implementation: Implementation, case: Case) -> float:
    """Check the loss of an evaluation."""
    value = runs.entry(runs.run(implementation, case, EVALUATE).result, "loss")
    got = as_number(value, 'evaluate["loss"]')
    expected, bound = case["evaluate.loss"], case.bound("evaluate.loss")
    what = Finding("result", loop=EVALUATE, key="loss")
    return compare(got, expected, tolerance.coarse(bound), what)


def evaluate_accuracy(implementation: Implementation, case: Case) -> float:
    """Check the accuracy of an evaluation."""
    value = runs.entry(runs.run(implementation, case, EVALUATE).result, "accuracy")
    got = as_number(value, 'evaluate["accuracy"]')
    expected, bound = case["evaluate.accuracy"], case.bound("evaluate.accuracy")
    what = Finding("result", loop=EVALUATE, key="accuracy")
    return compare(got, expected, tolerance.coarse(bound), what)


def evaluate_no_accuracy(implementation: Implementation, case: Case) -> None:
    """Check that the evaluation of a regression has no accuracy."""
    result = runs.run(implementation, case, EVALUATE).result
    runs.entry(result, "loss")
    if result.get("accuracy") is not None:
        raise failed("accuracy of a regression", loop=EVALUATE)


def evaluate_keeps_everything(implementation: Implementation, case: Case) -> None:
    """Check parameters, x and y after an evaluation."""
    runs.demand_kept(runs.run_or_blocked(implementation, case, EVALUATE), EVALUATE, params=True)


def evaluate_mode(implementation: Implementation, case: Case) -> None:
    """Check training during and after evaluate."""
    runs.mode(implementation, case, EVALUATE, during=False)


def predictions(implementation: Implementation, case: Case) -> float:
    """Check the outputs for all samples."""
    got = as_array(runs.run(implementation, case, PREDICT).result, "predict")
    return compare(got, case["predict"], tolerance.coarse(case.bound("predict")), PREDICT)


def predict_batches(implementation: Implementation, case: Case) -> None:
    """Check that no batch is larger than asked for, nor than 256 by default."""
    _demand_sizes(runs.run(implementation, case, PREDICT), case.table["batch_size"])
    many = np.resize(case["x"], (260, *case["x"].shape[1:]))
    implementation.begin(PREDICT)
    run = runs.Run(implementation, replace(case, arrays={**case.arrays, "x": many}))
    implementation.function(PREDICT, run.model, run.x)
    _demand_sizes(run, 256)


def _demand_sizes(run: runs.Run, most: int) -> None:
    sizes = [len(batch) for batch in run.batches()]
    if not sizes or max(sizes) > most:
        raise failed("batch sizes", got=sizes, expected=most)


def predict_keeps_everything(implementation: Implementation, case: Case) -> None:
    """Check parameters and x after a prediction."""
    runs.demand_kept(runs.run_or_blocked(implementation, case, PREDICT), PREDICT, params=True)


def predict_mode(implementation: Implementation, case: Case) -> None:
    """Check training during and after predict."""
    runs.mode(implementation, case, PREDICT, during=False)


# ---------------------------------------------------------------- errors


def different_lengths(implementation: Implementation, case: Case, loop: str) -> None:
    """Check that x and y of different lengths are refused, by a loop that works."""
    runs.run_or_blocked(implementation, case, loop)
    for shorter in ("y", "x"):
        implementation.begin(loop)
        run = runs.Run(implementation, case)
        whole = case["target" if shorter == "y" else "x"]
        setattr(run, shorter, implementation.put(whole[:-2]))
        try:
            getattr(run, loop)()
        except Raised as raised:
            if "ValueError" not in raised.types:
                raise failed("no ValueError", raised=raised.finding) from None
            continue
        raise failed("nothing raised for lengths", shorter=shorter)


def fit_different_lengths(implementation: Implementation, case: Case) -> None:
    """Check fit with too few targets and with too few samples."""
    different_lengths(implementation, case, FIT)


def evaluate_different_lengths(implementation: Implementation, case: Case) -> None:
    """Check evaluate with too few targets and with too few samples."""
    different_lengths(implementation, case, EVALUATE)
