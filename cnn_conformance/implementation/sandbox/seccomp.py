"""A filter of system calls: those that a network in numpy never needs and an attack may.

Among them are those that change what is known of a file rather than what is in it: Landlock lets
them through.

The filter is a program of the kernel's packet filter language (`man 2 seccomp`), put together here:
load the number of the call, compare it with each refused one, and return an error or go on.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, MODE_FILTER = 38, 22, 2
LOAD, JUMP_IF_EQUAL, JUMP_IF_AT_LEAST, JUMP_IF_BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000, 0x80000000
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in the data that the filter sees
NEW_NAMESPACES = 0x7E020080  # the bits of clone's flags that make new ones
THREAD = 0x00010000  # the bit of clone's flags without which it makes a process
X32 = 0x40000000  # on x86-64, numbers from here on are another way to the same calls

EVERYWHERE = {  # numbers that are the same on all architectures, as all from 424 on
    "io_uring": (425, 426, 427),
    "mounts": (428, 429, 430, 431, 432, 433, 442),
    "pidfd_getfd": (438,),
    "modes and attributes": (452, 463, 466),  # fchmodat2, setxattrat, removexattrat
}


@dataclass(frozen=True)
class Machine:
    """An architecture: the kernel's mark for it, and its numbers of calls.

    Parameters
    ----------
    audit : int
        The mark.
    clone : int
        The call that makes threads and processes.
    starts : tuple of int
        Others that make processes, and those that turn one into another program.
    refused : dict
        What is never needed.
    """

    audit: int
    clone: int
    starts: tuple[int, ...]
    refused: dict[str, tuple[int, ...]]


BY_MACHINE = {
    "x86_64": Machine(
        audit=0xC000003E,
        clone=56,
        starts=(57, 58, 59, 322),  # fork, vfork, execve, execveat
        refused={
            "socket": (41,),
            "other processes' memory": (101, 310, 311),  # ptrace, process_vm_readv, _writev
            "namespaces": (272, 308),  # unshare, setns
            "mounts": (155, 161, 165, 166, 304),  # pivot_root, chroot, mount, umount2, by handle
            "kernel": (169, 175, 176, 246, 313, 320, 321, 298, 323, 163, 167, 168, 172, 173, 179),
            "keys": (248, 249, 250),
            "clocks": (164, 227),
            "modes and owners": (90, 91, 92, 93, 94, 132, 235, 260, 261, 268, 280),
            "attributes": (188, 189, 190, 197, 198, 199),
        },
    ),
    "aarch64": Machine(
        audit=0xC00000B7,
        clone=220,
        starts=(221, 281),  # execve, execveat
        refused={
            "socket": (198,),
            "other processes' memory": (117, 270, 271),
            "namespaces": (97, 268),
            "mounts": (39, 40, 41, 51, 265),
            "kernel": (142, 105, 106, 104, 273, 294, 280, 241, 282, 89, 224, 225, 60),
            "keys": (217, 218, 219),
            "clocks": (170, 112),
            "modes and owners": (52, 53, 54, 55, 88),
            "attributes": (5, 6, 7, 14, 15, 16),
        },
    ),
}
CLONE3 = 435
"""Its flags are in memory, where no filter looks: it seems not to exist, and clone is used."""


def program(processes: bool = True) -> bytes | None:
    """Return the filter for this machine, or None where its numbers are not known here.

    Parameters
    ----------
    processes : bool
        Whether processes may be started, and other programs; threads always may.
    """
    machine = BY_MACHINE.get(platform.machine())
    if machine is None:
        return None
    groups = [*machine.refused.values(), *EVERYWHERE.values()]
    of_clone = [(JUMP_IF_BITS, 0, 1, NEW_NAMESPACES), (RETURN, 0, 0, REFUSE | errno.EPERM)]
    if not processes:
        groups.append(machine.starts)
        of_clone += [(JUMP_IF_BITS, 1, 0, THREAD), (RETURN, 0, 0, REFUSE | errno.EPERM)]
    steps = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_IF_EQUAL, 1, 0, machine.audit),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (JUMP_IF_AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, REFUSE | errno.EPERM),
        (JUMP_IF_EQUAL, 0, 1, CLONE3),
        (RETURN, 0, 0, REFUSE | errno.ENOSYS),
    ]
    for number in sorted(number for group in groups for number in group):
        steps += [(JUMP_IF_EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE | errno.EPERM)]
    steps += [
        (JUMP_IF_EQUAL, 0, 1 + len(of_clone), machine.clone),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        *of_clone,
        (RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def apply(processes: bool = True) -> None:
    """Let this process and whatever it starts do without those calls; it cannot be undone.

    Parameters
    ----------
    processes : bool
        Whether it may start any.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    text = program(processes)
    if text is None:
        return
    buffer = ctypes.create_string_buffer(text, len(text))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))

    given = Program(len(text) // 8, ctypes.addressof(buffer))
    no_new_privileges()
    prctl(PR_SET_SECCOMP, MODE_FILTER, ctypes.addressof(given))


def no_new_privileges() -> None:
    """Let nothing that this process starts have more rights than itself."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def prctl(option: int, *arguments: int) -> None:
    """Call the function of this name of the C library."""
    padded = [*arguments, 0, 0, 0, 0][:4]
    if ctypes.CDLL(None, use_errno=True).prctl(option, *map(ctypes.c_ulong, padded)):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
