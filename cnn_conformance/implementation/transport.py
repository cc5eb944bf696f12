"""What carries requests to the code under test: to a worker, or to a host in this process."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from cnn_conformance.implementation.client import Process
from cnn_conformance.implementation.limits import Limits
from cnn_conformance.implementation.local import Local
from cnn_conformance.implementation.sandbox import Sandbox


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


def start(
    isolation: str,
    target: str,
    hidden: tuple[Path, ...],
    limits: Limits,
    objects: Mapping[str, object] | None,
) -> Transport:
    """Return a transport; see `remote.Implementation` for the arguments."""
    if isolation == "none":
        return Local(objects)
    sandbox = Sandbox(isolation, target, hidden)
    return Process(sandbox, limits.memory, math.ceil(limits.run) + 1)
