"""Memory that is kept from call to call: by a layer, and by the C library for all."""

import math
from functools import cache
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike

from ..interfaces import Array


class Scratch:
    """Named arrays for what is needed only while a layer computes.

    Notes
    -----
    A large array costs more than the arithmetic on it if it is allocated anew for every call: the C
    library gives the memory back to the system, and gets it again page by page. So a layer keeps
    what it does not hand out. Every layer has a `Scratch` of its own; nothing is shared. For what
    it does hand out there is `keep_freed_memory`, done when the first memory is taken.

    A copy of a layer, and one that was saved, begin with nothing.
    """

    def __init__(self) -> None:
        self._memory: dict[str, Array] = {}

    def take(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
        """Return the array of that name with any contents; an earlier one is overwritten."""
        dtype = np.dtype(dtype)
        size = math.prod(shape) * dtype.itemsize
        memory = self._memory.get(name)
        if memory is None or memory.size < size:
            keep_freed_memory()
            memory = self._memory[name] = np.empty(size, np.uint8)
        result: Array = memory[:size].view(dtype).reshape(shape)
        return result

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return type(self)()

    def __copy__(self) -> Self:
        return type(self)()

    def __getstate__(self) -> dict[str, Any]:
        return {"_memory": {}}


@cache
def keep_freed_memory() -> None:
    """Let the C library keep the memory that a training step frees, for the next step.

    Otherwise glibc returns it to the system, and a small network spends half of its time on
    getting it back page by page. Freeing a large array makes glibc raise its limits by itself, for
    arrays of up to 32 MB, as a program that frees one anyway does; elsewhere this does nothing. At
    most 64 MB more than before stay with the process. Nothing happens on import, but with the first
    large layer that computes, or `fit`.
    """
    np.empty(31 << 20, np.uint8)
