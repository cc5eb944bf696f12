"""What carries requests to the code under test: to a worker, or to a host in this process."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol

from cnn_conformance.implementation.limits import Limits
from cnn_conformance.implementation.local import Local
from cnn_conformance.implementation.sandbox import Sandbox


class GraderLimit(Exception):
    """The grader's own machine or limits are in the way: no fault of the code under test."""


class Transport(Protocol):
    """Carries a request to the host and brings the reply back."""

    @property
    def spent(self) -> float:
        """Seconds that it has taken so far."""

    def ask(self, request: dict[str, object], timeout: float) -> dict[str, Any]:
        """Return the reply to a request."""

    def prints(self) -> str:
        """Return what was printed since it was last forgotten."""

    def forget_prints(self) -> None:
        """Forget what was printed so far."""

    def end(self) -> None:
        """Stop."""


def start(sandbox: Sandbox, limits: Limits, objects: Mapping[str, object] | None) -> Transport:
    """Return a transport to what runs in a sandbox, or in this process where that is at level none.

    Parameters
    ----------
    sandbox : Sandbox
        How the code under test is confined.
    limits : Limits
        What it may use.
    objects : mapping, optional
        Units that are at hand already, at level none.
    """
    if sandbox.level == "none":
        return Local(objects)
    from cnn_conformance.implementation.client import Process  # only here: Windows cannot import it

    return Process(sandbox, limits.memory, math.ceil(limits.run) + 1)
