"""Sequences: what a step may know of, and what a sample may know of its neighbours."""

from __future__ import annotations

from cnn_conformance import units
from cnn_conformance.checks import hygiene
from cnn_conformance.checks.observation import inputs_of, make, upstream_names, upstream_of
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import compare
from cnn_conformance.outcomes import failed


def causal(implementation: Implementation, case: Case) -> float:
    """Check that no step depends on later ones."""
    implementation.begin(case.unit)
    inputs, used = inputs_of(case), 0.0
    x = inputs[0]
    y = make(implementation, case).forward(*inputs)
    if y.ndim != 3 or y.shape[:2] != x.shape[:2]:
        raise failed("shape for samples and steps", got=y.shape, sizes=x.shape[:2]).showing(
            "axes", got=y, expected=3
        )
    for t in range(1, x.shape[1]):
        changed = tuple(each.copy() for each in inputs)
        for each in changed:
            each[:, t:] *= -2
        got = make(implementation, case).forward(*changed)[:, :t]
        when = Finding("before step", step=t + 1)
        used = max(used, compare(got, y[:, :t], tolerance.coarse(case.bound("y")), "y", when))
    return used


def samples_apart(implementation: Implementation, case: Case) -> float:
    """Check that a batch gives what its samples give one by one."""
    implementation.begin(case.unit)
    inputs, used = inputs_of(case), 0.0
    x = inputs[0]
    y = make(implementation, case).forward(*inputs)
    if y.ndim != case["y"].ndim or len(y) != len(x):
        raise failed("shape for samples", got=y.shape, samples=len(x)).showing(
            "axes", got=y, expected=case["y"].ndim
        )
    for n in range(len(x)):
        got = make(implementation, case).forward(*(each[n : n + 1] for each in inputs))
        when = Finding("of one sample", sample=n)
        allowed = tolerance.coarse(case.bound("y"))
        used = max(used, compare(got, y[n : n + 1], allowed, "y", when))
    return used


@hygiene.when_it_works
def states_unchanged(implementation: Implementation, case: Case) -> None:
    """Check that a given state is the same after forward and backward, and its gradient."""
    layer = make(implementation, case)
    inputs = dict(zip(units.of(case.unit).inputs, inputs_of(case), strict=True))
    upstream = dict(zip(upstream_names(case), upstream_of(case), strict=True))
    given = {name: (implementation.put(a), a) for name, a in (inputs | upstream).items()}
    for method, arrays in (("forward", inputs), ("backward", upstream)):
        layer.call(method, *(given[name][0] for name in arrays))
        hygiene.unchanged(given, layer, {}, method)
