"""Landlock: a process gives up the right to files and to TCP, for itself and all that it starts.

It needs no privileges and no namespaces, so it works in containers. The calls have no function in
the C library; their numbers are the same on all architectures.

References
----------
https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable

from cnn_conformance.implementation.sandbox import seccomp

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION, PATH_BENEATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | 1 << 14 | 1 << 15  # and truncate, ioctl
RIGHTS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
BIND_AND_CONNECT_TCP = 3  # from ABI 4
ABSTRACT_SOCKETS_AND_SIGNALS = 3
ABI_OF_SIGNALS = 6


def abi() -> int:
    """Return the version of Landlock that the kernel has, 0 for none."""
    try:
        return _call(CREATE_RULESET, None, 0, VERSION)
    except OSError:
        return 0


def confines_signals() -> bool:
    """Tell whether the kernel's Landlock keeps signals from other processes."""
    return abi() >= ABI_OF_SIGNALS


def apply(readable: Iterable[str], writable: Iterable[str], listable: Iterable[str] = ()) -> None:
    """Leave this process nothing but some places to read from, and some to write to.

    Parameters
    ----------
    readable, writable : iterables of str
        Files and folders, the latter with all that is in them. What does not exist is left out.
    listable : iterable of str
        Folders of which, and of whose folders, the names may be read.

    Raises
    ------
    OSError
        If the kernel has no Landlock, or refuses.
    """
    version = abi()
    if version == 0:
        raise OSError("this kernel has no Landlock")
    rights = RIGHTS_BY_ABI[max(known for known in RIGHTS_BY_ABI if known <= version)]
    fields = [rights]
    if version >= 4:
        fields.append(BIND_AND_CONNECT_TCP)
    if version >= ABI_OF_SIGNALS:
        fields.append(ABSTRACT_SOCKETS_AND_SIGNALS)
    ruleset = _call(CREATE_RULESET, struct.pack(f"={len(fields)}Q", *fields), 8 * len(fields), 0)
    for places, allowed in (
        (readable, EXECUTE | READ_FILE | READ_DIR),
        (writable, rights),
        (listable, READ_DIR),
    ):
        for place in places:
            _allow(ruleset, place, allowed & rights)
    seccomp.no_new_privileges()
    _call(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _allow(ruleset: int, place: str, rights: int) -> None:
    try:
        descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(place):
        rights &= FILE_RIGHTS
    _call(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", rights, descriptor), 0)
    os.close(descriptor)


def _call(number: int, *arguments: int | bytes | None) -> int:
    syscall = ctypes.CDLL(None, use_errno=True).syscall
    syscall.restype = ctypes.c_long
    given = [ctypes.c_long(a) if isinstance(a, int) else ctypes.c_char_p(a) for a in arguments]
    result = int(syscall(ctypes.c_long(number), *given))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result
