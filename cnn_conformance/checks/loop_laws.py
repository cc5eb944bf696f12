"""The law of a training loop, for any number of samples and any size of the batches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.checks import loop_runs
from cnn_conformance.checks.draws import Draw, law
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.oracle.cases import Case
from cnn_conformance.outcomes import NotPassed, Outcome, failed


@law
def every_sample_once(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that an epoch visits every sample once, for any numbers of samples and batches."""
    count, size = draw.N * draw.H + draw.W, draw.k + draw.C
    x = np.stack([np.arange(count), np.ones(count)], axis=1)
    arrays = {"weight": draw.whole(2, 2), "bias": np.zeros(2), "x": x}

    def epoch(loss: str, target: Array) -> loop_runs.Run:
        table = {"loss": loss, "lr": 0.0, "epochs": 1, "batch_size": size}
        drawn = replace(case, table=table, arrays={**arrays, "target": target})
        run = loop_runs.Run(implementation, drawn)
        return run.fit_in_any_order(draw.seed, shuffle=draw.seed % 2 == 0)

    if draw.seed // 2 % 2:
        run = epoch("MSE", -x)
    else:
        labels = np.arange(count) % 2
        try:
            run = epoch("SoftmaxCrossEntropy", labels)
        except NotPassed as failure:
            if failure.outcome is not Outcome.UNSUPPORTED:
                raise
            run = epoch("SoftmaxCrossEntropy", np.eye(2)[labels])
    visited = loop_runs.joined([batch for batch, _ in run.visits()])
    seen = sorted(loop_runs.order(visited, x))
    if seen != list(range(count)):
        raise failed("samples of an epoch", count=count, size=size, seen=seen).showing(
            "samples", count=count
        )
