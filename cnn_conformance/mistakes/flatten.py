"""Wrong ways of doing Flatten."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance import reference
from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake


@mistake("Flatten", loses="1 2")
class ColumnMajor(reference.Flatten):
    """The elements of a sample are taken with the first axis fastest, and put back in C order.

    The specification asks for C order, in which the last axis is the fastest (FLATTEN-1). Look at
    the order that you give to the reshape.
    """

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        return np.stack([sample.ravel(order="F") for sample in x]).reshape(y.shape)


@mistake("Flatten", loses="1 2")
class ColumnMajorBothWays(ColumnMajor):
    """The elements of a sample are taken with the first axis fastest, there and back: a convention.

    The specification asks for C order (FLATTEN-1), as PyTorch does. Your backward fits your
    forward. Look at the order that you give to the reshape.
    """

    def backward(self, dout: Array) -> Array:
        shape = super().backward(dout).shape
        return np.stack([row.reshape(shape[1:], order="F") for row in dout])


@mistake("Flatten", loses="1 2")
class ChannelsLast(reference.Flatten):
    """The channels of an image come last, as if the axes were (N, H, W, C).

    The specification asks for (N, C, H, W) in that order (FLATTEN-1). Look for a transpose before
    the reshape.
    """

    def forward(self, x: Array) -> Array:
        super().forward(x)
        return np.moveaxis(x, 1, -1).reshape(len(x), -1)


@mistake("Flatten", loses="1 2")
class SamplesFlattenedToo(reference.Flatten):
    """The batch becomes a single vector.

    The specification asks that the axis of the samples stays (FLATTEN-1). Look at the shape that
    you reshape to.
    """

    def forward(self, x: Array) -> Array:
        self.N = len(x)
        return super().forward(x).reshape(-1)

    def backward(self, dout: Array) -> Array:
        return super().backward(dout.reshape(self.N, -1) if dout.ndim == 1 else dout)


@mistake("Flatten", loses="1 2")
class SamplesLast(reference.Flatten):
    """The output has the samples on its last axis.

    The specification asks for (N, D) (FLATTEN-1). Look for a transpose behind the reshape.
    """

    y_shape: tuple[int, ...] = ()

    def forward(self, x: Array) -> Array:
        y = super().forward(x).T
        self.y_shape = y.shape
        return y

    def backward(self, dout: Array) -> Array:
        return super().backward(dout.T if dout.shape == self.y_shape else dout)


@mistake("Flatten", loses="2")
class OnlyImages(reference.Flatten):
    """Inputs of other than four dimensions fail.

    The specification asks for any number from 2 upwards (FLATTEN-2). Look at where you take the
    shape apart into four numbers.
    """

    def forward(self, x: Array) -> Array:
        if x.ndim in (2, 3, 5):
            raise TypeError(f"cannot unpack {x.ndim} sizes, expected 4")
        return super().forward(x)


@mistake("Flatten", loses="20-22 39")
class GradientStaysFlat(reference.Flatten):
    """backward returns dout as it came.

    The specification asks for the shape of x (FLATTEN-20). Look at what backward returns.
    """

    def backward(self, dout: Array) -> Array:
        return super().backward(dout).reshape(len(dout), -1)


@mistake("Flatten", loses="20-22 39")
class GradientInColumnMajorOrder(reference.Flatten):
    """backward puts the elements back in another order than forward took them.

    The specification asks for dout in the shape of x (FLATTEN-20). Look at the order that you give
    to the reshape of backward.
    """

    def backward(self, dout: Array) -> Array:
        shape = super().backward(dout).shape
        return np.stack([row.reshape(shape[1:], order="F") for row in dout])


@mistake("Flatten", loses="20 22")
class AxesOfLengthOneDropped(reference.Flatten):
    """Axes of length 1 are missing in dx.

    The specification asks for the shape of x (FLATTEN-20), whatever the lengths of its axes. Look
    for a squeeze.
    """

    def backward(self, dout: Array) -> Array:
        return super().backward(dout).squeeze()


@mistake("Flatten", loses="20-22 39")
class DxForgotten(reference.Flatten):
    """backward returns zeros.

    The specification asks for dout in the shape of x (FLATTEN-20). Look at what backward returns.
    """

    def backward(self, dout: Array) -> Array:
        return np.zeros_like(super().backward(dout))


@mistake("Flatten", loses="20-22 39")
class DxNotReturned(reference.Flatten):
    """backward returns None.

    A layer without parameters has a gradient too; the specification asks for dx (FLATTEN-20). Look
    at the last line of backward.
    """

    def backward(self, dout: Array) -> Any:
        super().backward(dout)


@mistake("Flatten", loses="71 74")
class SampleAxisAdded(reference.Flatten):
    """A single vector is taken for a batch of one.

    The specification asks for a ValueError (FLATTEN-71). Look at what forward does with an array of
    one dimension.
    """

    def forward(self, x: Array) -> Array:
        return super().forward(x[None] if x.ndim == 1 else x)
