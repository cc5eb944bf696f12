"""How much is measured: all of it, or a part of it in about a minute."""

from dataclasses import dataclass

SECTIONS = ("speed", "memory", "growth", "grading", "batch")


@dataclass(frozen=True)
class Plan:
    """What a run measures.

    Attributes
    ----------
    workloads, dtypes : tuple of str
        Of the section "speed".
    rounds : int
        Bursts of each contestant.
    burst : float
        Seconds of a burst.
    budget : float
        Seconds that a peer may use for all bursts of one part.
    patience : float
        Seconds that a peer may take for one call.
    variants : int
        Bursts with untouched thresholds, and with two threads; 0 for none.
    memory : tuple of str
        Workloads of the section "memory".
    curves : tuple of str
        Curves of the section "growth".
    points, growth_rounds : int
        Sizes of a curve, and bursts of each.
    grading : dict
        Runs of the section "grading", and how often each.
    copies, batches : int
        Submissions in a batch, and how many batches.
    """

    workloads: tuple[str, ...]
    dtypes: tuple[str, ...]
    rounds: int
    burst: float
    budget: float
    patience: float
    variants: int
    memory: tuple[str, ...]
    curves: tuple[str, ...]
    points: int
    growth_rounds: int
    grading: tuple[str, ...]
    grading_rounds: int
    copies: int
    batches: int


FULL = Plan(
    workloads=("W1", "W2", "W3", "W4", "W5a", "W5b", "W6", "W7", "W8", "W9"),
    dtypes=("float32", "float64"),
    rounds=9,
    burst=0.05,
    budget=1.5,
    patience=8.0,
    variants=5,
    memory=("W1", "W3", "W4"),
    curves=("conv, batch", "conv, area", "conv, channels", "pool, batch", "pool, area"),
    points=7,
    growth_rounds=7,
    grading=("reference", "reference, extended", "loops", "torch", "torch, extended"),
    grading_rounds=3,
    copies=6,
    batches=2,
)
QUICK = Plan(
    workloads=("W1", "W2", "W5a"),
    dtypes=("float32",),
    rounds=5,
    burst=0.02,
    budget=0.5,
    patience=1.0,
    variants=0,
    memory=("W1",),
    curves=("conv, batch",),
    points=4,
    growth_rounds=3,
    grading=("reference",),
    grading_rounds=1,
    copies=2,
    batches=1,
)
