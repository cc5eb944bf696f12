"""How much time and memory the code under test may take."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass

SLEEP_FACTOR = 4
"""How many times as long as it may compute, the code under test may sleep."""
PROCESSES = 256
FILE_BYTES = 64 << 20
SECONDS_TO_OBEY = 5
"""Seconds between the signal that ends a process for its computing, and the one that kills it."""
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "PATH": os.defpath,
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
"""What a process with code under test finds in its environment."""


@dataclass(frozen=True)
class Limits:
    """What the code under test may use.

    Parameters
    ----------
    call : float
        Seconds of computing for each call, of all processes together.
    load : float
        Seconds of computing for the import.
    run : float
        Seconds of computing for everything together.
    memory : int
        Bytes.
    """

    call: float = 10.0
    load: float = 30.0
    run: float = 300.0
    memory: int = 2 << 30

    @classmethod
    def given(cls, options: argparse.Namespace) -> Limits:
        """Return the limits that options of a command ask for."""
        return cls(
            options.call_timeout,
            options.import_timeout,
            options.run_timeout,
            int(options.memory_limit * 2**30),
        )
