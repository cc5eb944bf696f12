"""A run of `fit`, `evaluate` or `predict` on the suite's own linear model, and what was seen of it.

The probes write down what they are given, so a check can see which samples went through the model
in which order, with which targets, and whether the model was in training.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.implementation.values import as_array, as_list, as_number, name_of, same_values
from cnn_conformance.oracle.cases import Case
from cnn_conformance.outcomes import NotPassed, Outcome, failed, standing_on
from cnn_conformance.units import EVALUATE, FIT, PREDICT


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
        """Train, by default as the case says, without shuffling.

        A loop that does not know `shuffle` is taken for one that never does.
        """
        given = {
            "epochs": self.case.table["epochs"],
            "batch_size": self.case.table["batch_size"],
            "shuffle": False,
            **options,
        }
        try:
            self.result = self._fit(given)
        except NotPassed as failure:
            if given["shuffle"] or failure.finding != Finding("not offered", name="shuffle"):
                raise
            del given["shuffle"]
            self.result = self._fit(given)
        return self

    def _fit(self, options: dict[str, Any]) -> Any:
        return self.implementation.function(
            FIT, self.model, self.loss, self.optimizer, self.x, self.y, **options
        )

    def fit_in_any_order(self, seed: int, **options: Any) -> Run:
        """Train with a seed, or without one if the loop has no `rng`."""
        try:
            return self.fit(rng=seed, **options)
        except NotPassed as failure:
            if failure.outcome is not Outcome.UNSUPPORTED:
                raise
            return self.fit(**options)

    def evaluate(self) -> Run:
        """Evaluate the untrained model, in the case's batches."""
        size = self.case.table["batch_size"]
        self.result = self.implementation.function(
            EVALUATE, self.model, self.loss, self.x, self.y, batch_size=size
        )
        return self

    def predict(self) -> Run:
        """Predict with the untrained model, in the case's batches."""
        size = self.case.table["batch_size"]
        self.result = self.implementation.function(PREDICT, self.model, self.x, batch_size=size)
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
            raise failed("order of calls")
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
            raise failed("keys of the model", got=list(params))
        return params

    def _arrays(self, value: Any, what: str) -> list[Array]:
        arrays = [as_array(item, f"one of the {what}") for item in as_list(value, f"the {what}")]
        if not all(array.ndim for array in arrays):
            raise failed("single number", what=what)
        return arrays


def is_target(got: Array, target: Array) -> bool:
    """Tell whether the loss was given these targets; class labels may have become one-hot rows."""
    if target.ndim == 1 and got.ndim == 2:
        rows = np.arange(got.shape[1]) == target[:, None]
        return same_values(got.astype(np.float64), rows.astype(np.float64))
    return same_values(got, target)


def run(implementation: Implementation, case: Case, loop: str) -> Run:
    """Return the plain run of a loop on a case."""
    implementation.begin(loop)
    done = Run(implementation, case)
    getattr(done, loop)()
    return done


@dataclass
class Trained:
    """The numbers of a plain run of `fit`, done once for all checks that look at them."""

    result: Any
    params: dict[str, Array]


def trained(implementation: Implementation, case: Case) -> Trained:
    """Train once, for all the checks that look at the result."""
    key = (case, FIT)
    if key not in implementation.memo:
        try:
            done = run(implementation, case, FIT)
            implementation.memo[key] = Trained(done.result, done.params())
        except NotPassed as failure:
            implementation.memo[key] = failure
    known = implementation.memo[key]
    if isinstance(known, NotPassed):
        raise known
    trained: Trained = known
    return trained


def run_or_blocked(implementation: Implementation, case: Case, loop: str) -> Run:
    """Run a loop for a check that cannot judge one that raises."""
    with standing_on(loop):
        return run(implementation, case, loop)


def shuffled(implementation: Implementation, case: Case) -> Run:
    """Run fit for three epochs in some order."""
    implementation.begin(FIT)
    return Run(implementation, case).fit_in_any_order(7, shuffle=True, epochs=3)


def shuffled_by(implementation: Implementation, case: Case, rng: object) -> Run:
    """Run fit for three epochs in an order that `rng` decides."""
    implementation.begin(FIT)
    return Run(implementation, case).fit(shuffle=True, rng=rng, epochs=3)


def epochs(run: Run) -> list[tuple[Array, Array]]:
    """Return the samples that were visited, cut into epochs of as many as there are."""
    visits = run.visits()
    x, y = joined([batch for batch, _ in visits]), joined([batch for _, batch in visits])
    count = len(run.case["x"])
    if len(x) != 3 * count or len(y) != len(x):
        raise failed("samples visited", count=count, visited=len(x))
    cuts = [slice(start, start + count) for start in range(0, len(x), count)]
    return [(x[cut], y[cut]) for cut in cuts]


def orders(run: Run) -> list[list[int]]:
    """Return the order of every epoch, for a check that only compares orders."""
    with standing_on("the choice of samples"):
        return [order(x, run.case["x"]) for x, _ in epochs(run)]


def joined(batches: list[Array]) -> Array:
    """Return batches as one array."""
    if not batches:
        raise failed("no batch")
    if len({batch.shape[1:] for batch in batches}) > 1:
        raise failed("batches of different shapes", shapes=[batch.shape for batch in batches])
    return np.concatenate(batches)


def order(visited: Array, x: Array) -> list[int]:
    """Return the index in x of every visited sample."""
    if visited.shape[1:] != x.shape[1:]:
        raise failed("shape of samples", got=visited.shape[1:], expected=x.shape[1:])
    same = (visited[:, None] == x[None]).reshape(len(visited), len(x), -1).all(axis=2)
    if not same.any(axis=1).all():
        raise failed("foreign sample")
    return [int(index) for index in same.argmax(axis=1)]


def mode(implementation: Implementation, case: Case, loop: str, *, during: bool) -> None:
    """Demand what `training` is during a loop, of one batch too, and afterwards what it was."""
    run_or_blocked(implementation, case, loop)
    at_once = replace(case, table={**case.table, "batch_size": len(case["x"])})
    for given, before in itertools.product((case, at_once), (True, False)):
        implementation.begin(loop)
        run = Run(implementation, given)
        run.model.set("training", before)
        getattr(run, loop)()
        modes = as_list(run.layer.get("modes"), "the log of training")
        if not modes or any(mode is not during for mode in modes):
            batches = Finding("on one batch") if given is at_once else None
            raise failed("training during", during=during, loop=loop, batches=batches)
        if run.model.flag("training") is not before:
            facts = {"before": before, "after": not before, "loop": loop}
            raise failed("training afterwards", **facts)


def demand_kept(run: Run, loop: str, *, params: bool = False) -> None:
    """Demand that a loop has changed neither x nor y, nor the parameters if asked to."""
    for name, remote, before in (
        ("x", run.x, run.case["x"]),
        ("y", run.y, run.case["target"]),
    ):
        if not remote.is_still(before):
            raise failed("loop changes data", loop=loop, name=name)
    if params:
        for name, now in run.params().items():
            if not same_values(now, run.case[name]):
                raise failed("loop changes model", loop=loop, name=name)


def entry(result: Any, key: str) -> Any:
    """Return an entry of what a loop has returned."""
    if not isinstance(result, dict):
        raise failed("no dict", got=name_of(result))
    if key not in result:
        raise failed("no entry", key=key, got=sorted(result))
    return result[key]


def history(result: Any, key: str, epochs: int) -> Array:
    """Return the numbers of all epochs."""
    values = numbers(entry(result, key))
    if len(values) != epochs:
        raise failed("entries", key=key, got=len(values), epochs=epochs)
    return np.stack(values)


def numbers(value: Any) -> list[float]:
    """Return a history as a list of floats."""
    if isinstance(value, np.ndarray) and value.ndim == 1:
        value = list(value)
    if not isinstance(value, (list, tuple)):
        raise failed("no history", got=name_of(value))
    return [as_number(number, "a history's entry") for number in value]
