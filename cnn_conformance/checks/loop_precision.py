"""The digits of `fit`, `evaluate` and `predict`: checks of a loop that is right but for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.checks import loop_runs as runs
from cnn_conformance.checks.loops import evaluate_loss, losses, parameters, predictions
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.implementation.values import as_array, as_number
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import compare
from cnn_conformance.outcomes import failed, standing_on
from cnn_conformance.units import EVALUATE, FIT, PREDICT


def fit_float64(implementation: Implementation, case: Case) -> float:
    """Check that float64 in gives losses and parameters that are right to float64."""
    return _fit_in(implementation, case, "float64")


def fit_float32(implementation: Implementation, case: Case) -> float:
    """Check that float32 reaches the model, with losses and parameters that are right to it."""
    return _fit_in(implementation, case, "float32")


def _fit_in(implementation: Implementation, case: Case, dtype: str) -> float:
    for check in (parameters, losses):
        _demand(check, implementation, case, FIT)
    run = _run_in(implementation, case, FIT, dtype)
    history = runs.history(run.result, "loss", case.table["epochs"])
    used = _compare_in(dtype, case, "loss", history, Finding("history", key="loss"))
    for name, value in run.params().items():
        what = Finding("the model's", name=name)
        used = max(used, _compare_in(dtype, case, f"{name}.after", value, what))
    return used


def evaluate_float64(implementation: Implementation, case: Case) -> float:
    """Check that float64 in gives a loss that is right to float64."""
    return _evaluate_in(implementation, case, "float64")


def evaluate_float32(implementation: Implementation, case: Case) -> float:
    """Check that float32 reaches the model, with a loss that is right to it."""
    return _evaluate_in(implementation, case, "float32")


def _evaluate_in(implementation: Implementation, case: Case, dtype: str) -> float:
    _demand(evaluate_loss, implementation, case, EVALUATE)
    value = runs.entry(_run_in(implementation, case, EVALUATE, dtype).result, "loss")
    got = as_number(value, 'evaluate["loss"]')
    what = Finding("result", loop=EVALUATE, key="loss")
    return _compare_in(dtype, case, "evaluate.loss", got, what)


def predict_float64(implementation: Implementation, case: Case) -> float:
    """Check that float64 in gives float64 out, right to float64."""
    return _predict_in(implementation, case, "float64")


def predict_float32(implementation: Implementation, case: Case) -> float:
    """Check that float32 in gives float32 out, right to float32."""
    return _predict_in(implementation, case, "float32")


def _predict_in(implementation: Implementation, case: Case, dtype: str) -> float:
    _demand(predictions, implementation, case, PREDICT)
    got = as_array(_run_in(implementation, case, PREDICT, dtype).result, PREDICT)
    _demand_dtype(got, dtype, PREDICT)
    return _compare_in(dtype, case, "predict", got, PREDICT)


def _demand(
    check: Callable[[Implementation, Case], float],
    implementation: Implementation,
    case: Case,
    loop: str,
) -> None:
    """Demand that a loop is right but for its precision."""
    with standing_on(loop):
        check(implementation, case)


def _run_in(implementation: Implementation, case: Case, loop: str, dtype: str) -> runs.Run:
    """Run a loop on samples, parameters and targets of a dtype, which is what the model gets."""
    floats = {
        name: case[name].astype(dtype)
        for name in ("x", "weight", "bias", "target")
        if case[name].dtype.kind == "f"
    }
    run = runs.run(implementation, replace(case, arrays={**case.arrays, **floats}), loop)
    for batch in run.batches() if loop != PREDICT else ():
        if batch.dtype != dtype:
            raise failed("dtype of a batch", got=str(batch.dtype), expected=dtype)
    return run


def _demand_dtype(got: Array, dtype: str, tensor: str | Finding) -> None:
    if got.dtype != dtype:
        when = Finding("for input and parameters", dtype=dtype)
        facts = {"tensor": tensor, "got": str(got.dtype), "expected": dtype}
        raise failed("dtype", when=when, **facts).showing("dtype", got=got, expected=dtype)


def _compare_in(dtype: str, case: Case, name: str, got: Any, what: str | Finding) -> float:
    allowed = tolerance.fine(case.bound(name), np.dtype(dtype))
    return compare(got, case[name], allowed, what, Finding("in dtype", dtype=dtype))
