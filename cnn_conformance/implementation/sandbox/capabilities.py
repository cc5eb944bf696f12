"""Root's privileges, which a worker does without: with them it could lift its own limits."""

from __future__ import annotations

import ctypes
import os
import struct

from cnn_conformance.implementation.sandbox import seccomp

PR_CAPBSET_READ, PR_CAPBSET_DROP = 23, 24
VERSION_3 = 0x20080522
KEPT = 1 << 1 | 1 << 2
"""Reading files whatever their modes: a submission may belong to another account than root's."""
HIGHEST = 63


def drop() -> None:
    """Give up all capabilities but those to read files, for this process and what it starts.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    if os.geteuid() != 0:
        return
    seccomp.no_new_privileges()  # or a program of root's would get them back
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(HIGHEST + 1):
        if not KEPT >> capability & 1 and libc.prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1:
            libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)  # fails without CAP_SETPCAP: so be it
    header = struct.pack("=Ii", VERSION_3, 0)
    read, write = ctypes.create_string_buffer(24), ctypes.create_string_buffer(header)
    if libc.capget(write, read):
        raise OSError(ctypes.get_errno(), "capget")
    permitted = struct.unpack("=6I", read.raw)[1] & KEPT
    given = struct.pack("=6I", permitted, permitted, 0, 0, 0, 0)
    if libc.capset(ctypes.create_string_buffer(header), given):
        raise OSError(ctypes.get_errno(), "capset")
