"""A filter of system calls: those that a network in numpy never needs and an attack may.

Among them are those that change what is known of a file rather than what is in it, which Landlock
lets through; those that act on other processes; and those that leave something in the kernel which
outlives the process and counts as nobody's memory. A call that is refused fails with EPERM, as for
an account that may not.

The filter is a program of the kernel's packet filter language (`man 2 seccomp`), put together here:
load the number of the call, compare it with each refused one, and return an error or go on.

References
----------
The numbers: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux.
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
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, SECOND_ARGUMENT = 0, 4, 16, 24  # offsets in what it sees
F_SETOWN, F_SETOWN_EX = 8, 15  # commands of fcntl: which process gets the signals of a file
NEW_NAMESPACES = 0x7E020080  # the bits of clone's flags that make new ones
THREAD = 0x00010000  # the bit of clone's flags without which it makes a process
X32 = 0x40000000  # on x86-64, numbers from here on are another way to the same calls

EVERYWHERE = {  # numbers that are the same on all architectures, as all from 424 on
    "io_uring": (425, 426, 427),
    "mounts": (428, 429, 430, 431, 432, 433, 442),
    "other processes": (438, 440, 448),  # pidfd_getfd, process_madvise, process_mrelease
    "memory without a name": (447,),  # memfd_secret
    "kernel": (443,),  # quotactl_fd
    "modes and attributes": (452, 463, 466),  # fchmodat2, setxattrat, removexattrat
}
PIDFD_SEND_SIGNAL = 424


@dataclass(frozen=True)
class Machine:
    """An architecture.

    Parameters
    ----------
    audit : int
        The kernel's mark for it.
    clone, fcntl : int
        The numbers of the calls that make threads and processes, and that set what a descriptor is
        for.
    starts : tuple of int
        Other calls that make processes, and those that turn one into another program.
    refused : dict
        Numbers of calls that are refused, by what they are for.
    own_only : tuple of int
        Calls that are refused unless their first argument is 0, which means the caller.
    signals : tuple of int
        Calls that send a signal to the process that their first argument names.
    """

    audit: int
    clone: int
    fcntl: int
    starts: tuple[int, ...]
    refused: dict[str, tuple[int, ...]]
    own_only: tuple[int, ...]
    signals: tuple[int, ...]


BY_MACHINE = {
    "x86_64": Machine(
        audit=0xC000003E,
        clone=56,
        fcntl=72,
        starts=(57, 58, 59, 322),  # fork, vfork, execve, execveat
        refused={
            "socket": (41,),
            # ptrace, process_vm_readv, process_vm_writev, kcmp, migrate_pages, move_pages
            "other processes": (101, 310, 311, 312, 256, 279),
            # setpriority, ioprio_set; sched_ setparam, setscheduler, setattr
            "shares of the processor": (141, 251, 142, 144, 314),
            # shm get at ctl dt, sem get op ctl timedop, msg get snd rcv ctl
            "System V objects": (29, 30, 31, 67, 64, 65, 66, 220, 68, 69, 70, 71),
            "message queues": (240, 241, 242, 243, 244, 245),  # mq_open and what follows it
            "memory without a name": (319,),  # memfd_create
            "namespaces": (272, 308),  # unshare, setns
            "mounts": (155, 161, 165, 166, 303, 304),  # pivot_root, chroot, mount, umount2, handles
            # reboot, init_module, delete_module, kexec_load, finit_module, kexec_file_load, bpf,
            # perf_event_open, userfaultfd, acct, swapon, swapoff, iopl, ioperm, quotactl, syslog,
            # lookup_dcookie, nfsservctl, _sysctl, vhangup, uselib
            "kernel": (
                *(169, 175, 176, 246, 313, 320, 321, 298, 323, 163, 167, 168, 172, 173, 179),
                *(103, 212, 180, 156, 153, 134),
            ),
            "names of the machine": (170, 171),  # sethostname, setdomainname
            "watching all files": (300, 301),  # fanotify_init, fanotify_mark
            "keys": (248, 249, 250),
            "clocks": (164, 227, 159, 305),  # settimeofday, clock_settime, adjtimex, clock_adjtime
            "modes and owners": (90, 91, 92, 93, 94, 132, 235, 260, 261, 268, 280),
            "attributes": (188, 189, 190, 197, 198, 199),
        },
        own_only=(302, 203),  # prlimit64, which sets a process's own limits too; sched_setaffinity
        signals=(62, 200, 234, 129, 297),  # kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo
    ),
    "aarch64": Machine(
        audit=0xC00000B7,
        clone=220,
        fcntl=25,
        starts=(221, 281),  # execve, execveat
        refused={
            "socket": (198,),
            "other processes": (117, 270, 271, 272, 238, 239),
            "shares of the processor": (140, 30, 118, 119, 274),
            "System V objects": (194, 196, 195, 197, 190, 193, 191, 192, 186, 189, 188, 187),
            "message queues": (180, 181, 182, 183, 184, 185),
            "memory without a name": (279,),
            "namespaces": (97, 268),
            "mounts": (39, 40, 41, 51, 264, 265),
            "kernel": (
                *(142, 105, 106, 104, 273, 294, 280, 241, 282, 89, 224, 225, 60),
                *(116, 18, 42, 58),
            ),
            "names of the machine": (161, 162),
            "watching all files": (262, 263),
            "keys": (217, 218, 219),
            "clocks": (170, 112, 171, 266),
            "modes and owners": (52, 53, 54, 55, 88),
            "attributes": (5, 6, 7, 14, 15, 16),
        },
        own_only=(261, 122),
        signals=(129, 130, 131, 138, 240),
    ),
}
CLONE3 = 435
"""Its flags are in memory, where no filter looks: it seems not to exist, and clone is used."""


def program(processes: bool = True, signals_only_to: int | None = None) -> bytes | None:
    """Return the filter for this machine, or None where its numbers are not known here.

    Parameters
    ----------
    processes : bool
        Whether processes may be started, and other programs; threads always may.
    signals_only_to : int, optional
        The process that alone may be sent a signal by its number.
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
    for number in machine.own_only:
        steps += _unless_first_argument_is(0, number)
    if signals_only_to is not None:
        steps += [(JUMP_IF_EQUAL, 0, 1, PIDFD_SEND_SIGNAL), (RETURN, 0, 0, REFUSE | errno.EPERM)]
        for number in machine.signals:
            steps += _unless_first_argument_is(signals_only_to, number)
    steps += [
        (JUMP_IF_EQUAL, 0, 5, machine.fcntl),
        (LOAD, 0, 0, SECOND_ARGUMENT),
        (JUMP_IF_EQUAL, 1, 0, F_SETOWN),
        (JUMP_IF_EQUAL, 0, 1, F_SETOWN_EX),
        (RETURN, 0, 0, REFUSE | errno.EPERM),
        (RETURN, 0, 0, ALLOW),
        (JUMP_IF_EQUAL, 0, 1 + len(of_clone), machine.clone),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        *of_clone,
        (RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _unless_first_argument_is(value: int, number: int) -> list[tuple[int, int, int, int]]:
    """Return steps that end with a refusal or allowance if the call is the one of a number."""
    return [
        (JUMP_IF_EQUAL, 0, 4, number),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (JUMP_IF_EQUAL, 1, 0, value),
        (RETURN, 0, 0, REFUSE | errno.EPERM),
        (RETURN, 0, 0, ALLOW),
    ]


def apply(processes: bool = True, signals_only_to: int | None = None) -> None:
    """Let this process and whatever it starts do without those calls; it cannot be undone.

    Parameters
    ----------
    processes : bool
        Whether it may start any.
    signals_only_to : int, optional
        The process that alone may be sent a signal by its number.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    text = program(processes, signals_only_to)
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
