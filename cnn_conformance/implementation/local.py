"""The implementation in this very process: for debuggers, coverage and mutation tools."""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from cnn_conformance.implementation import wire
from cnn_conformance.implementation.host import Host
from cnn_conformance.outcomes import failed

PLAIN = frozenset({bool, int, float, np.float64, np.float32, wire.Ref, wire.Generator})
DTYPES = frozenset(np.dtype(name) for name in ("float64", "float32", "int64"))
MAX_COPIED_BYTES, MAX_COPIED_ITEMS = (
    1 << 16,
    100,
)  # bytes of an array and items of a list that are surely no trouble


class Local:
    """The same requests and replies as `client.Process`, without a process or limits.

    Parameters
    ----------
    units : mapping, optional
        Units that are at hand already: nothing is imported then.
    """

    def __init__(self, units: Mapping[str, object] | None = None) -> None:
        self._host = Host(units)
        self.spent = 0.0
        self._path = list(sys.path)
        if os.getcwd() not in sys.path:
            sys.path.append(os.getcwd())  # where a worker looks for dotted names too

    def ask(self, request: dict[str, object], timeout: float) -> dict[str, Any]:
        """Carry out a request; arrays are copied both ways, as on the wire."""
        started = time.monotonic()
        try:
            return self._carried_out(request)
        finally:
            self.spent += time.monotonic() - started

    def _carried_out(self, request: dict[str, object]) -> dict[str, Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what numpy warns of is no failure
            try:
                copied = _copy(request, 0, trusted=True)
            except _NotPlainError:
                copied = _decoded(wire.encode(request), trusted=True)
            reply = self._host.handle(copied)
            try:
                return dict(_copy(reply, 0))
            except _NotPlainError:
                frame = self._host.frame(reply)
        try:
            return dict(_decoded(frame))
        except wire.BadFrame as error:
            raise failed("reply unreadable", why=str(error)) from None

    def prints(self) -> str:
        """Return nothing: what is printed goes where this process prints."""
        return ""

    def forget_prints(self) -> None:
        """Do nothing: nothing is kept."""

    def end(self) -> None:
        """Let go of all objects, and take what came since out of the search path.

        Nothing is put back: what was there may have been another's, which has ended meanwhile.
        """
        self._host.objects.clear()
        sys.path[:] = [entry for entry in sys.path if entry in self._path]


class _NotPlainError(Exception):
    """A value whose copy only the wire can tell."""


def _copy(value: Any, depth: int, trusted: bool = False) -> Any:
    """Return what would come out of the wire, for plain values, in a fraction of the time."""
    kind = type(value)
    if kind is str:
        return value if trusted else wire.writable(value)
    if value is None or kind in PLAIN:
        return value
    if kind is np.ndarray and value.dtype in DTYPES and value.nbytes <= MAX_COPIED_BYTES:
        is_fortran = value.flags.f_contiguous and not value.flags.c_contiguous
        return value.copy(order="F" if is_fortran else "C")
    if depth < wire.MAX_DEPTH:
        if (
            kind is dict
            and len(value) <= MAX_COPIED_ITEMS
            and all(type(key) is str for key in value)
        ):
            keys = value if trusted else (wire.writable(key, wire.MAX_NAME) for key in value)
            copied = (_copy(item, depth + 1, trusted) for item in value.values())
            return dict(zip(keys, copied, strict=True))
        if kind in (list, tuple) and len(value) <= MAX_COPIED_ITEMS:
            return kind(_copy(item, depth + 1, trusted) for item in value)
    raise _NotPlainError


def _decoded(frame: bytes, trusted: bool = False) -> Any:
    _, json_length = wire.LENGTHS.unpack(frame[: wire.LENGTHS.size])
    return wire.decode(frame[wire.LENGTHS.size :], json_length, trusted)
