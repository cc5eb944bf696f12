"""How much time and memory the code under test may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What the code under test may use.

    Parameters
    ----------
    call : float
        Seconds for each call.
    load : float
        Seconds for the import.
    run : float
        Seconds for everything together.
    memory : int
        Bytes.
    """

    call: float = 10.0
    load: float = 30.0
    run: float = 300.0
    memory: int = 2 << 30
