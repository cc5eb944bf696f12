"""Examples that laws are tried on: drawn by hypothesis, the same in every run.

Only wrong answers are shrunk to the smallest example: whatever raises, hangs or crashes ends the
search at once. What an implementation does not offer is passed over, if something is left.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from cnn_conformance.arrays import Array
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.oracle.cases import Case
from cnn_conformance.outcomes import NotPassed, Outcome, failed

EXAMPLES = 8
PROVIDERS: Any = sys.modules.get("hypothesis.internal.conjecture.providers")
LOOK_AROUND = "_get_local_constants"
"""Where hypothesis looks for constants in the modules that are loaded; not in every version."""
small = st.integers(1, 3)
side = st.integers(2, 5)


@dataclass(frozen=True)
class Draw:
    """The sizes of an example, and where its values come from."""

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


draws = st.builds(
    Draw, N=small, C=small, K=small, H=side, W=side, k=small, seed=st.integers(0, 2**16)
)


def law(check: Callable[[Implementation, Case, Draw], None]) -> Callable[..., None]:
    """Try a law on drawn examples."""

    def tried(implementation: Implementation, case: Case) -> None:
        stopped: list[NotPassed] = []
        not_offered: list[NotPassed] = []
        judged = 0

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(draws)
        def example(draw: Draw) -> None:
            nonlocal judged
            if stopped:
                return
            try:
                implementation.begin(case.unit)
                check(implementation, case, draw)
                judged += 1
            except NotPassed as failure:
                failure.finding = failure.finding.with_facts(draw=draw)
                if failure.outcome is Outcome.FAILED:
                    raise
                unsupported = failure.outcome is Outcome.UNSUPPORTED
                (not_offered if unsupported else stopped).append(failure)

        try:
            with _not_looking_around():
                example()
        except Flaky:
            raise failed("not repeatable") from None
        if stopped or (not_offered and not judged):
            raise [*stopped, *not_offered][0]

    tried.__doc__ = check.__doc__
    return tried


@contextmanager
def _not_looking_around() -> Iterator[None]:
    """Let hypothesis draw the same wherever the kit is installed, whatever else is loaded.

    By itself it also tries constants that it finds in the modules of the process but those of
    site-packages, and writes them to a folder `.hypothesis` in the working directory.
    """
    look = getattr(PROVIDERS, LOOK_AROUND, None)
    if look is None:
        yield
        return
    nothing = PROVIDERS.Constants()
    setattr(PROVIDERS, LOOK_AROUND, lambda: nothing)
    try:
        yield
    finally:
        setattr(PROVIDERS, LOOK_AROUND, look)
