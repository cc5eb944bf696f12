"""Starts a program by the addresses of the C library's `system` and `posix_spawn`."""

import ctypes
import os
import tempfile

from wrong import Dense, ReLU

print("reached")
libc = ctypes.CDLL(None)
mark = os.path.join(tempfile.gettempdir(), "mark")
command = f"echo started > {mark}".encode()
system = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p)(
    ctypes.cast(libc.system, ctypes.c_void_p).value
)
print(system(command))
words = (ctypes.c_char_p * 4)(b"/bin/sh", b"-c", command, None)
number = ctypes.c_int()
print(libc.posix_spawn(ctypes.byref(number), words[0], None, None, words, None))
if number.value > 0:
    os.waitpid(number.value, 0)
if os.path.exists(mark):
    print("succeeded:", os.stat(mark))
