"""Memory that a layer keeps from call to call."""

import math
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike

from .interfaces import Array


class Scratch:
    """Named arrays for what is needed only while a layer computes.

    Notes
    -----
    A large array costs more than the arithmetic on it if it is allocated anew for every call: the C
    library gives the memory back to the system, and gets it again page by page. So a layer keeps
    what it does not hand out. Every layer has a `Scratch` of its own; nothing is shared.

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
            memory = self._memory[name] = np.empty(size, np.uint8)
        result: Array = memory[:size].view(dtype).reshape(shape)
        return result

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return type(self)()

    def __copy__(self) -> Self:
        return type(self)()

    def __getstate__(self) -> dict[str, Any]:
        return {"_memory": {}}
