"""An activation with every step a method of its own, so that a mistake changes one."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array


class Plain:
    """An activation, step by step: its output, and its derivative."""

    x: Any = None

    def forward(self, x: Array) -> Array:
        super().forward(x)  # type: ignore[misc]
        self.x = x
        return self.output(x).astype(x.dtype, copy=False)

    def backward(self, dout: Array) -> Array:
        super().backward(dout)  # type: ignore[misc]
        return (dout * self.derivative(self.x)).astype(self.x.dtype, copy=False)

    def output(self, x: Array) -> Array:
        """Return y."""
        raise NotImplementedError

    def derivative(self, x: Array) -> Array:
        """Return the derivative of y."""
        raise NotImplementedError


def raw(function: Any, x: Array) -> Array:
    """Compute with inf and nan where they come of it, and without warnings."""
    with np.errstate(over="ignore", invalid="ignore"):
        result: Array = function(x)
    return result
