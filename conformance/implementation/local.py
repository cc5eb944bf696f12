"""The implementation in this very process: for debuggers, coverage and mutation tools."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping
from typing import Any

from conformance.implementation import wire
from conformance.implementation.host import Host
from conformance.outcomes import failed


class Local:
    """The same requests and replies as `client.Process`, without a process or limits.

    Parameters
    ----------
    units : mapping, optional
        Units that are at hand already: nothing is imported then.
    """

    def __init__(self, units: Mapping[str, object] | None = None) -> None:
        self._host = Host(units)
        self._path = list(sys.path)
        sys.path.append(os.getcwd())  # where a worker looks for dotted names too

    def ask(self, request: dict[str, object], timeout: float) -> dict[str, Any]:
        """Carry out a request; arrays are copied both ways, as on the wire."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what numpy warns of is no failure
            frame = self._host.answer(_decoded(wire.encode(request)))
        try:
            reply: dict[str, Any] = _decoded(frame)
        except wire.BadFrame as error:
            raise failed(f"the reply cannot be read: {error}") from None
        return reply

    def prints(self) -> str:
        """Return nothing: what is printed goes where this process prints."""
        return ""

    def forget_prints(self) -> None:
        """Do nothing: nothing is kept."""

    def end(self) -> None:
        """Take back what loading added to the search path."""
        sys.path[:] = self._path


def _decoded(frame: bytes) -> Any:
    _, json_length = wire.LENGTHS.unpack(frame[: wire.LENGTHS.size])
    return wire.decode(frame[wire.LENGTHS.size :], json_length)
