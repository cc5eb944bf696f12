"""Examples that laws are tried on, from the smallest to the largest: the first that fails is shown.

They are kept and not drawn anew, so that every run is the same and costs no search. Whatever
raises, hangs or crashes ends a law at once. What an implementation does not offer is passed over,
if something is left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.oracle.cases import Case
from cnn_conformance.outcomes import NotPassed, Outcome, failed, no_option


@dataclass(frozen=True)
class Draw:
    """The sizes of an example, and the seed of its values."""

    N: int
    C: int
    K: int
    H: int
    W: int
    k: int
    seed: int

    def whole(self, *shape: int) -> Array:
        """Return small whole numbers, as floats."""
        rng = np.random.default_rng([self.seed, *shape])
        return rng.integers(-4, 5, size=shape).astype(np.float64)

    def distinct(self, *shape: int) -> Array:
        """Return numbers that all differ, shuffled."""
        count = int(np.prod(shape))
        rng = np.random.default_rng([self.seed, *shape])
        return (rng.permutation(count) - count // 2 + 0.5).reshape(shape)

    def real(self, *shape: int) -> Array:
        """Return normal numbers."""
        return np.random.default_rng([self.seed, *shape]).standard_normal(shape)


DRAWS = (
    Draw(N=1, C=1, K=1, H=2, W=2, k=2, seed=3),
    Draw(N=2, C=1, K=1, H=2, W=3, k=1, seed=10),
    Draw(N=1, C=2, K=1, H=3, W=2, k=2, seed=5),
    Draw(N=1, C=1, K=2, H=4, W=3, k=3, seed=8),
    Draw(N=3, C=1, K=3, H=2, W=5, k=2, seed=26),
    Draw(N=2, C=2, K=3, H=3, W=4, k=2, seed=17),
    Draw(N=2, C=3, K=2, H=5, W=4, k=3, seed=41),
    Draw(N=3, C=2, K=3, H=4, W=5, k=3, seed=1001),
)
"""Where C and K are more than 1 they differ, or x and dout of a dense layer would be the same."""


def law(check: Callable[[Implementation, Case, Draw], None]) -> Callable[..., None]:
    """Try a law on every example until it fails.

    What is refused only for more than one sample, channel and filter is no option, so refusing it
    excuses nothing.
    """

    def tried(implementation: Implementation, case: Case) -> None:
        def attempt(draw: Draw) -> NotPassed | None:
            try:
                implementation.begin(case.unit)
                check(implementation, case, draw)
            except NotPassed as failure:
                failure.finding = failure.finding.with_facts(draw=draw)
                return failure
            return None

        refused = []
        for draw in DRAWS:
            failure = attempt(draw)
            if failure is None:
                continue
            if failure.outcome is Outcome.FAILED and attempt(draw) is None:
                raise failed("not repeatable")
            if failure.outcome is not Outcome.UNSUPPORTED:
                raise failure
            least = replace(draw, N=1, C=1, K=1)
            alone = attempt(least) if least != draw else failure
            if alone is None or alone.outcome is not Outcome.UNSUPPORTED:
                raise no_option(failure)
            refused.append(failure)
        if len(refused) == len(DRAWS):
            raise refused[0]

    tried.__doc__ = check.__doc__
    return tried
