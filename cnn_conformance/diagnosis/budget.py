"""How much a search may cost, counted in checks: no sentence depends on a machine's load."""

from __future__ import annotations

from dataclasses import dataclass

CHECKS = 2000
"""How many checks the search for one unit's mistakes may run, at 0.3 ms each or less."""


@dataclass
class Budget:
    """The checks that are left to the search for one unit's mistakes.

    Parameters
    ----------
    left : int
        How many checks may be run.
    """

    left: int = CHECKS
    ended: bool = False
    """Whether something was not tried for want of checks."""

    def allows(self) -> bool:
        """Take a check off and return True; where none is left, remember that and return False."""
        if self.left <= 0:
            self.ended = True
            return False
        self.left -= 1
        return True
