"""Memory that is reused from call to call, by the layers and by the C library."""

import math
import threading
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike

from ..interfaces import Array


class Scratch(threading.local):
    """Named arrays for temporary results of a call, which all layers of a thread share.

    Notes
    -----
    Allocating a large array in every call costs more than the arithmetic on it: the C library
    returns the memory to the system, and gets it back page by page. So what no layer returns or
    keeps until `backward` stays here for the next layer, which finds it in the cache. For the
    arrays that layers do return there is `keep_freed_memory`, called when the first memory is
    taken.
    """

    def __init__(self) -> None:
        self._memory: dict[str, Array] = {}

    def take(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
        """Return the array of that name, uninitialized; earlier contents may be overwritten."""
        dtype = np.dtype(dtype)
        size = math.prod(shape) * dtype.itemsize
        memory = self._memory.get(name)
        if memory is None or memory.size < size:
            keep_freed_memory()
            memory = self._memory[name] = np.empty(size, np.uint8)
        result: Array = memory[:size].view(dtype).reshape(shape)
        return result

    def clear(self) -> None:
        """Free the memory of this thread."""
        self._memory.clear()


SCRATCH = Scratch()


@cache
def keep_freed_memory() -> None:
    """Let the C library keep the memory that a training step frees, for the next step.

    Otherwise glibc returns it to the system, and a small network spends half of its time on
    getting it back page by page. When a program frees a large array (up to 32 MB), glibc raises its
    thresholds by itself, and this function does just that; with other C libraries it has no effect.
    The process keeps at most 64 MB more than before. It does not happen on import, but when the
    first large layer computes, or in `fit`.
    """
    np.empty(31 << 20, np.uint8)


@cache
def cache_size() -> int:
    """Return the bytes of a processor's own large cache (L2): about so many are handled at a time.

    It is between 256 kB and 2 MB in most processors. Linux tells; elsewhere it is taken for 1 MB,
    which is not far off in any of them.
    """
    try:
        text = Path("/sys/devices/system/cpu/cpu0/cache/index2/size").read_text().strip()
        return int(text.removesuffix("K")) << 10
    except (OSError, ValueError):
        return 1 << 20
