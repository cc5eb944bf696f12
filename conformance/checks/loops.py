"""What the training loop does: `fit`, `evaluate` and `predict` on the suite's own linear model.

The probes write down what they are given, so a check can see which samples went through the model
in which order, with which targets, and whether the model was in training.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.arrays import Array
from conformance.implementation import wire
from conformance.implementation.remote import Implementation
from conformance.implementation.values import as_array, as_list, as_number, name_of, same_values
from conformance.oracle import tolerance
from conformance.oracle.cases import Case
from conformance.oracle.comparison import compare
from conformance.outcomes import NotPassed, Raised, blocked_by, failed


class Run:
    """One run of a loop, and what the probes saw of it."""

    def __init__(self, implementation: Implementation, case: Case) -> None:
        self.implementation, self.case = implementation, case
        log = implementation.probe("Log")
        self.layer = implementation.probe("Linear", case["weight"], case["bias"], log)
        self.model = implementation.probe("Model", self.layer)
        self.loss = implementation.probe(
            "Loss", case.table["loss"], case.table.get("reduction", "mean"), log
        )
        self.optimizer = implementation.probe("Descent", case.table["lr"], log)
        self.log = log
        self.x = implementation.put(case["x"])
        self.y = implementation.put(case["target"])
        self.result: Any = None

    def fit(self, **options: Any) -> Run:
        """Train, by default as the case says, without shuffling."""
        options = {
            "epochs": self.case.table["epochs"],
            "batch_size": self.case.table["batch_size"],
            "shuffle": False,
            **options,
        }
        self.result = self.implementation.function(
            "fit", self.model, self.loss, self.optimizer, self.x, self.y, **options
        )
        return self

    def evaluate(self) -> Run:
        """Evaluate the untrained model, in the case's batches."""
        size = self.case.table["batch_size"]
        self.result = self.implementation.function(
            "evaluate", self.model, self.loss, self.x, self.y, batch_size=size
        )
        return self

    def predict(self) -> Run:
        """Predict with the untrained model, in the case's batches."""
        size = self.case.table["batch_size"]
        self.result = self.implementation.function("predict", self.model, self.x, batch_size=size)
        return self

    def visits(self) -> list[tuple[Array, Array]]:
        """Return the (x, y) batches that were trained on, in order.

        That is where the loss is asked for a gradient: it belongs to the latest call of the loss,
        and the x of that to what went through the model last before it.
        """
        seen, targets = self.batches(), self._arrays(self.loss.get("targets"), "targets")
        x, y, at_loss = -1, -1, -1
        pairs: list[tuple[int, int]] = []
        for event in self.events():
            x += event == "model.forward"
            if event == "loss.forward":
                y, at_loss = y + 1, x
            elif event == "loss.backward":
                pairs.append((at_loss, y))
        if not all(0 <= x < len(seen) and 0 <= y < len(targets) for x, y in pairs):
            raise failed(
                "the loss was called before the model, or asked for a gradient before that"
            )
        return [(seen[x], targets[y]) for x, y in pairs]

    def batches(self) -> list[Array]:
        """Return what was put into the model."""
        return self._arrays(self.layer.get("batches"), "batches")

    def events(self) -> list[str]:
        """Return the calls of the probes, in order."""
        return [str(event) for event in as_list(self.log.now(), "the log of calls")]

    def params(self) -> dict[str, Array]:
        """Return the model's parameters as they are now."""
        params = self.layer.arrays("params")
        if set(params) != {"weight", "bias"}:
            raise failed(f"the model's params has the keys {list(params)} afterwards")
        return params

    def _arrays(self, value: Any, what: str) -> list[Array]:
        arrays = [as_array(item, f"one of the {what}") for item in as_list(value, f"the {what}")]
        if not all(array.ndim for array in arrays):
            raise failed(f"one of the {what} is a single number")
        return arrays


def _run(implementation: Implementation, case: Case, loop: str) -> Run:
    """Return the plain run of a loop on a case."""
    implementation.begin(loop)
    run = Run(implementation, case)
    getattr(run, loop)()
    return run


@dataclass
class Trained:
    """The numbers of a plain run of `fit`, done once for all checks that look at them."""

    result: Any
    params: dict[str, Array]


def _trained(implementation: Implementation, case: Case) -> Trained:
    key = (case, "fit")
    if key not in implementation.memo:
        try:
            run = _run(implementation, case, "fit")
            implementation.memo[key] = Trained(run.result, run.params())
        except NotPassed as failure:
            implementation.memo[key] = failure
    known = implementation.memo[key]
    if isinstance(known, NotPassed):
        raise known
    trained: Trained = known
    return trained


# ---------------------------------------------------------------- fit


def parameters(implementation: Implementation, case: Case) -> float:
    """Check the parameters after training."""
    params = _trained(implementation, case).params
    return max(
        compare(
            params[name],
            case[f"{name}.after"],
            tolerance.coarse(case.bound(f"{name}.after")),
            f"the model's {name} after training",
        )
        for name in ("weight", "bias")
    )


def losses(implementation: Implementation, case: Case) -> float:
    """Check the history of the loss."""
    got = _history(_trained(implementation, case).result, "loss", case.table["epochs"])
    return compare(got, case["loss"], tolerance.coarse(case.bound("loss")), 'the history of "loss"')


def accuracies(implementation: Implementation, case: Case) -> float:
    """Check the history of the accuracy."""
    got = _history(_trained(implementation, case).result, "accuracy", case.table["epochs"])
    allowed = tolerance.coarse(case.bound("accuracy"))
    return compare(got, case["accuracy"], allowed, 'the history of "accuracy"')


def no_accuracy(implementation: Implementation, case: Case) -> None:
    """Check that regression has no accuracy."""
    result = _trained(implementation, case).result
    value = result.get("accuracy") if isinstance(result, dict) else None
    _history(result, "loss", case.table["epochs"])
    if value is not None and (not isinstance(value, (list, tuple, np.ndarray)) or _numbers(value)):
        raise failed('fit returned an accuracy for a regression, expected no "accuracy"')


def visits_every_sample(implementation: Implementation, case: Case) -> None:
    """Check that every epoch of a shuffled run has every sample once, with its own y."""
    run = _shuffled(implementation, case, 7)
    for epoch, (x, y) in enumerate(_epochs(run)):
        order = _order(x, case["x"])
        if sorted(order) != list(range(len(case["x"]))):
            raise failed(
                f"epoch {epoch + 1} visits the samples {order}, expected each of "
                f"{len(case['x'])} once"
            )
        if not same_values(y, case["target"][order]):
            raise failed(f"in epoch {epoch + 1} x and y are not paired as they were given")


def new_order_every_epoch(implementation: Implementation, case: Case) -> None:
    """Check that no two epochs have the same order, nor the one of the data."""
    run = _shuffled(implementation, case, 7)
    orders = [list(range(len(case["x"]))), *_orders(run)]
    for epoch, order in enumerate(orders[1:], start=1):
        if order in orders[:epoch]:
            known = "the order of x" if order == orders[0] else "the order of an earlier epoch"
            raise failed(f"epoch {epoch} of a shuffled run has {known}")


def keeps_order(implementation: Implementation, case: Case) -> None:
    """Check the order and the batches without shuffling."""
    visits = _run(implementation, case, "fit").visits()
    size, count = case.table["batch_size"], len(case["x"])
    starts = [start for _ in range(case.table["epochs"]) for start in range(0, count, size)]
    if len(visits) != len(starts):
        raise failed(f"{len(visits)} batches were trained on, expected {len(starts)}")
    for number, ((x, y), start) in enumerate(zip(visits, starts, strict=True), start=1):
        batch = slice(start, start + size)
        if not (same_values(x, case["x"][batch]) and same_values(y, case["target"][batch])):
            raise failed(f"batch {number} is not x[{start}:{start + size}] with its y")


def same_rng_same_order(implementation: Implementation, case: Case) -> None:
    """Check that a seed and a generator decide the order."""
    orders = [
        _orders(_shuffled(implementation, case, rng))
        for rng in (7, 7, 8, wire.Generator(7), wire.Generator(7), wire.Generator(8))
    ]
    for same, kind in ((0, "int seed"), (3, "Generator in the same state")):
        if orders[same] != orders[same + 1]:
            raise failed(f"two runs with the same {kind} have different orders")
        if orders[same] == orders[same + 2]:
            raise failed(f"the order does not depend on rng ({kind})")


def defaults(implementation: Implementation, case: Case) -> None:
    """Check one epoch, batches of 32, shuffled."""
    implementation.begin("fit")
    run = Run(implementation, case)
    repeats = -(-64 // len(case["x"]))
    noise = np.random.default_rng(5).standard_normal((64, case["x"].shape[1]))
    x = np.concatenate([case["x"]] * repeats)[:64] + noise
    y = np.concatenate([case["target"]] * repeats)[:64]
    implementation.function("fit", run.model, run.loss, run.optimizer, x, y)
    sizes = [len(batch) for batch, _ in run.visits()]
    if sizes != [32, 32]:
        raise failed(f"with 64 samples and no options the batches have {sizes}, expected 32, 32")
    if _order(_joined([batch for batch, _ in run.visits()]), x) == list(range(64)):
        raise failed("without options the samples are not shuffled")


def loss_once_before_the_step(implementation: Implementation, case: Case) -> None:
    """Check the order of calls in every batch."""
    events = _run(implementation, case, "fit").events()
    batches = case.table["epochs"] * -(-len(case["x"]) // case.table["batch_size"])
    needed = ["model.forward", "loss.forward", "loss.backward", "model.backward", "optimizer.step"]
    seen = [event for event in events if event != "model.forward"]
    if seen != needed[1:] * batches or events[0] != "model.forward":
        shown = ", ".join(events[:10])
        raise failed(
            f"expected {batches} times {', '.join(needed)}; the first calls were {shown or 'none'}"
        )


def fit_keeps_data(implementation: Implementation, case: Case) -> None:
    """Check that x and y are as before after a shuffled run."""
    run = _shuffled(implementation, case, 7)
    _demand_kept(run, "fit")


def fit_mode(implementation: Implementation, case: Case) -> None:
    """Check training during and after fit."""
    _mode(implementation, case, "fit", during=True)


# ---------------------------------------------------------------- evaluate and predict


def evaluate_loss(implementation: Implementation, case: Case) -> float:
    """Check the loss of an evaluation."""
    value = _entry(_run(implementation, case, "evaluate").result, "loss")
    got = as_number(value, 'evaluate["loss"]')
    expected, bound = case["evaluate.loss"], case.bound("evaluate.loss")
    return compare(got, expected, tolerance.coarse(bound), 'evaluate["loss"]')


def evaluate_accuracy(implementation: Implementation, case: Case) -> float:
    """Check the accuracy of an evaluation."""
    value = _entry(_run(implementation, case, "evaluate").result, "accuracy")
    got = as_number(value, 'evaluate["accuracy"]')
    expected, bound = case["evaluate.accuracy"], case.bound("evaluate.accuracy")
    return compare(got, expected, tolerance.coarse(bound), 'evaluate["accuracy"]')


def evaluate_no_accuracy(implementation: Implementation, case: Case) -> None:
    """Check that the evaluation of a regression has no accuracy."""
    result = _run(implementation, case, "evaluate").result
    _entry(result, "loss")
    if result.get("accuracy") is not None:
        raise failed("evaluate returned an accuracy for a regression")


def evaluate_keeps_everything(implementation: Implementation, case: Case) -> None:
    """Check parameters, x and y after an evaluation."""
    _demand_kept(_run_or_blocked(implementation, case, "evaluate"), "evaluate", params=True)


def evaluate_mode(implementation: Implementation, case: Case) -> None:
    """Check training during and after evaluate."""
    _mode(implementation, case, "evaluate", during=False)


def predictions(implementation: Implementation, case: Case) -> float:
    """Check the outputs for all samples."""
    got = as_array(_run(implementation, case, "predict").result, "predict")
    return compare(got, case["predict"], tolerance.coarse(case.bound("predict")), "predict")


def predict_batches(implementation: Implementation, case: Case) -> None:
    """Check that no batch is larger than asked for."""
    run = _run(implementation, case, "predict")
    sizes = [len(batch) for batch in run.batches()]
    if not sizes or max(sizes) > case.table["batch_size"]:
        raise failed(
            f"the model got batches of {sizes}, expected at most {case.table['batch_size']}"
        )


def predict_keeps_everything(implementation: Implementation, case: Case) -> None:
    """Check parameters and x after a prediction."""
    _demand_kept(_run_or_blocked(implementation, case, "predict"), "predict", params=True)


def predict_mode(implementation: Implementation, case: Case) -> None:
    """Check training during and after predict."""
    _mode(implementation, case, "predict", during=False)


# ---------------------------------------------------------------- errors


def different_lengths(implementation: Implementation, case: Case, loop: str) -> None:
    """Check that x and y of different lengths are refused, by a loop that works."""
    _run_or_blocked(implementation, case, loop)
    for shorter in ("y", "x"):
        implementation.begin(loop)
        run = Run(implementation, case)
        whole = case["target" if shorter == "y" else "x"]
        setattr(run, shorter, implementation.put(whole[:-2]))
        try:
            getattr(run, loop)()
        except Raised as raised:
            if "ValueError" not in raised.types:
                raise failed(f"{raised.message} was raised, expected ValueError") from None
            continue
        raise failed(f"nothing was raised for {shorter} shorter than the other of x and y")


def fit_different_lengths(implementation: Implementation, case: Case) -> None:
    """Check fit with too few targets and with too few samples."""
    different_lengths(implementation, case, "fit")


def evaluate_different_lengths(implementation: Implementation, case: Case) -> None:
    """Check evaluate with too few targets and with too few samples."""
    different_lengths(implementation, case, "evaluate")


# ---------------------------------------------------------------- helpers


def _run_or_blocked(implementation: Implementation, case: Case, loop: str) -> Run:
    try:
        return _run(implementation, case, loop)
    except NotPassed as failure:
        raise blocked_by(failure, loop) from None


def _shuffled(implementation: Implementation, case: Case, rng: object) -> Run:
    implementation.begin("fit")
    return Run(implementation, case).fit(shuffle=True, rng=rng, epochs=3)


def _epochs(run: Run) -> list[tuple[Array, Array]]:
    """Return the samples that were visited, cut into epochs of as many as there are."""
    visits = run.visits()
    x, y = _joined([batch for batch, _ in visits]), _joined([batch for _, batch in visits])
    count = len(run.case["x"])
    if len(x) != 3 * count or len(y) != len(x):
        raise failed(f"three epochs of {count} samples visited {len(x)} samples in all")
    cuts = [slice(start, start + count) for start in range(0, len(x), count)]
    return [(x[cut], y[cut]) for cut in cuts]


def _orders(run: Run) -> list[list[int]]:
    """Return the order of every epoch, for a check that only compares orders."""
    try:
        return [_order(x, run.case["x"]) for x, _ in _epochs(run)]
    except NotPassed as failure:
        raise blocked_by(failure, "the choice of samples") from None


def _joined(batches: list[Array]) -> Array:
    """Return batches as one array."""
    if not batches:
        raise failed("fit trained on no batch at all")
    if len({batch.shape[1:] for batch in batches}) > 1:
        raise failed(f"the batches have different shapes: {[batch.shape for batch in batches]}")
    return np.concatenate(batches)


def _order(visited: Array, x: Array) -> list[int]:
    """Return the index in x of every visited sample."""
    if visited.shape[1:] != x.shape[1:]:
        raise failed(f"the model got samples of shape {visited.shape[1:]}, x has {x.shape[1:]}")
    same = (visited[:, None] == x[None]).reshape(len(visited), len(x), -1).all(axis=2)
    if not same.any(axis=1).all():
        raise failed("the model got a sample that is not one of x")
    return [int(index) for index in same.argmax(axis=1)]


def _mode(implementation: Implementation, case: Case, loop: str, *, during: bool) -> None:
    _run_or_blocked(implementation, case, loop)
    for before in (True, False):
        implementation.begin(loop)
        run = Run(implementation, case)
        run.model.set("training", before)
        getattr(run, loop)()
        modes = as_list(run.layer.get("modes"), "the log of training")
        if not modes or any(mode is not during for mode in modes):
            raise failed(f"training was not {during} all the time while {loop} ran")
        if run.model.flag("training") is not before:
            raise failed(f"training was {before} before {loop} and is {not before} afterwards")


def _demand_kept(run: Run, loop: str, *, params: bool = False) -> None:
    for name, remote, before in (
        ("x", run.x, run.case["x"]),
        ("y", run.y, run.case["target"]),
    ):
        if not remote.is_still(before):
            raise failed(f"{loop} changes the caller's {name}")
    if params:
        for name, now in run.params().items():
            if not same_values(now, run.case[name]):
                raise failed(f"{loop} changes the model's {name}")


def _entry(result: Any, key: str) -> Any:
    if not isinstance(result, dict):
        raise failed(f"{name_of(result)} was returned, expected a dict")
    if key not in result:
        raise failed(f'the dict that was returned has no "{key}", only {sorted(result)}')
    return result[key]


def _history(result: Any, key: str, epochs: int) -> Array:
    numbers = _numbers(_entry(result, key))
    if len(numbers) != epochs:
        raise failed(f'"{key}" has {len(numbers)} entries for {epochs} epochs')
    return np.array(numbers)


def _numbers(value: Any) -> list[float]:
    """Return a history as a list of floats."""
    if isinstance(value, np.ndarray) and value.ndim == 1:
        value = list(value)
    if not isinstance(value, (list, tuple)):
        raise failed(f"a history is {name_of(value)}, expected a list with one number an epoch")
    return [float(as_number(number, "a history's entry")) for number in value]
