"""Wrong ways of doing the forward of Conv2D: the kernel, the channels, the bias."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.plain import PlainConv2D


@mistake("Conv2D", loses="1-11 13")
class KernelRotated(PlainConv2D):
    """The kernel is rotated by 180° in forward, and not in backward.

    The specification asks for the cross-correlation (CONV2D-1): the kernel lies on the window as it
    is stored. Look at the order in which forward walks through the rows and columns of the kernel.
    """

    def products(self, windows: Array) -> Array:
        return super().products(windows[..., ::-1, ::-1])


@mistake("Conv2D", loses="1-11 13")
class ConvolutionForCrossCorrelation(KernelRotated):
    """The kernel is rotated by 180° in forward and in backward alike: a convention.

    This is the convolution of mathematics; the specification asks for the cross-correlation
    (CONV2D-1), as PyTorch does. Your backward fits your forward. Look at where the kernel is
    turned.
    """

    def dw(self, dout: Array) -> Array:
        return super().dw(dout)[:, :, ::-1, ::-1]

    def kernel_for_dx(self) -> Array:
        return self.params["weight"][:, :, ::-1, ::-1]


@mistake("Conv2D", loses="1-11 13")
class KernelMirrored(PlainConv2D):
    """The columns of the kernel are reversed in forward.

    The specification asks that the kernel lies on the window as it is stored (CONV2D-1). Look at
    the index that walks through the columns of the kernel, and which way it goes.
    """

    def products(self, windows: Array) -> Array:
        return super().products(windows[..., ::-1])


@mistake("Conv2D", loses="1-4 6-11 13")
class SquareKernelTransposed(PlainConv2D):
    """Rows and columns of a square kernel change places.

    The specification asks for row u of the kernel with row u of the window (CONV2D-1). Look at the
    order of the two innermost indices, or at a transpose of the whole weight.
    """

    def products(self, windows: Array) -> Array:
        square = self.kernel_size[0] == self.kernel_size[1]
        return super().products(windows.swapaxes(4, 5) if square else windows)


@mistake("Conv2D", loses="2-11 13")
class OnlyTheFirstChannel(PlainConv2D):
    """Only the first channel of the image is seen.

    The specification asks for the sum over all input channels (CONV2D-2). Look at the index of the
    channel in the innermost product.
    """

    def products(self, windows: Array) -> Array:
        return np.einsum("nijuv,kuv->nkij", windows[:, 0], self.params["weight"][:, 0])


@mistake("Conv2D", loses="2-11 13")
class ChannelsAveraged(PlainConv2D):
    """The products of the channels are averaged where they are to be added up.

    The specification asks for a sum (CONV2D-2). Look for a mean, or for a division by the number
    of channels.
    """

    def products(self, windows: Array) -> Array:
        return super().products(windows) / windows.dtype.type(windows.shape[1])


@mistake("Conv2D", loses="2-11 13")
class SameKernelForEveryChannel(PlainConv2D):
    """Every channel is correlated with the kernel of the first one.

    The specification asks for a kernel of its own for every pair of filter and channel (CONV2D-2).
    Look at the index of the channel on the side of the weight.
    """

    def products(self, windows: Array) -> Array:
        return np.einsum("ncijuv,kuv->nkij", windows, self.params["weight"][:, 0])


@mistake("Conv2D", loses="2-11 13")
class FilterLoopOverTheChannels(PlainConv2D):
    """The loop over the filters ends at the number of channels.

    The specification asks for every filter (CONV2D-2), however many channels there are. Look at the
    upper end of the loop over the output channels.
    """

    def products(self, windows: Array) -> Array:
        y = super().products(windows)
        y[:, self.in_channels :] = 0
        return y


@mistake("Conv2D", loses="1-11 13 15")
class OnlyTheFirstSample(PlainConv2D):
    """Only the first sample of the batch is computed; the others stay 0.

    The specification asks for each sample on its own (CONV2D-2). Look for a return inside the loop
    over the samples.
    """

    def products(self, windows: Array) -> Array:
        y = super().products(windows)
        y[1:] = 0
        return y


@mistake("Conv2D", loses="3 11")
class BiasForEveryKernelElement(PlainConv2D):
    """The bias is added once for each product instead of once for each output element.

    The specification asks that it is added once (CONV2D-3). Look at whether the bias is inside the
    loops over channels, rows and columns of the kernel.
    """

    def add_bias(self, y: Array) -> Array:
        return y + self.params["bias"][:, None, None] * self.params["weight"][0].size


@mistake("Conv2D", loses="3 11")
class BiasForEveryChannel(PlainConv2D):
    """The bias is added once for each input channel.

    The specification asks that it is added once to each output element (CONV2D-3). Look at whether
    the bias is inside the loop over the input channels.
    """

    def add_bias(self, y: Array) -> Array:
        return y + self.params["bias"][:, None, None] * self.in_channels


@mistake("Conv2D", loses="3 11")
class BiasForgotten(PlainConv2D):
    """The bias is a parameter, and is never added.

    The specification asks that it is added to every element of its channel (CONV2D-3). Look at
    where forward uses the bias.
    """

    def add_bias(self, y: Array) -> Array:
        return y


@mistake("Conv2D", loses="3 11")
class BiasOfTheFirstFilter(PlainConv2D):
    """Every output channel gets the bias of the first one.

    The specification asks for the bias of its own channel (CONV2D-3). Look at the index of the
    bias.
    """

    def add_bias(self, y: Array) -> Array:
        return y + self.params["bias"][0]


@mistake("Conv2D", loses="2-6 8 9 11")
class BiasAlongTheColumns(PlainConv2D):
    """The bias is added along the last axis, where it fits or where there is one filter.

    The specification asks that it is added along the axis of the channels (CONV2D-3). Look at which
    axis the bias is broadcast along.
    """

    def add_bias(self, y: Array) -> Array:
        return y + self.params["bias"]


@mistake("Conv2D", loses="1-11 40")
class BiasForEveryPosition(PlainConv2D):
    """There is a bias for every output position: a convention, and not the one that is asked for.

    The specification asks for one number for each filter, of the shape (K,) (CONV2D-40). Look at
    the shape that your bias starts with.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "bias" in self.params:
            self.params["bias"] = np.zeros((self.out_channels, 1, 1))


@mistake("Conv2D", loses="1-11 13")
class LastKernelColumnLeftOut(PlainConv2D):
    """The last column of the kernel is never used.

    The specification asks for the products of all kernel elements (CONV2D-1). Look at the upper end
    of the loop over the columns of the kernel.
    """

    def products(self, windows: Array) -> Array:
        return np.einsum("ncijuv,kcuv->nkij", windows[..., :-1], self.params["weight"][..., :-1])


@mistake("Conv2D", loses="1-13")
class ActivationInside(PlainConv2D):
    """Negative outputs are set to 0.

    The specification asks for the sums as they are (CONV2D-1): the activation is a layer of its
    own. Look at what forward does with the sums before it returns them.
    """

    def forward(self, x: Array) -> Array:
        return np.maximum(super().forward(x), 0)


@mistake("Conv2D", loses="1-11 13 14")
class OutputChannelsLast(PlainConv2D):
    """The output has the channels on the last axis.

    The specification asks for (N, K, OH, OW) (CONV2D-1). Look at the order of the axes in which you
    return the result.
    """

    def products(self, windows: Array) -> Array:
        return np.moveaxis(super().products(windows), 1, 3)

    def add_bias(self, y: Array) -> Array:
        return y + self.params["bias"]

    def dw(self, dout: Array) -> Array:
        return super().dw(np.moveaxis(dout, 3, 1))

    def db(self, dout: Array) -> Array:
        return dout.sum(axis=(0, 1, 2))

    def scatter(self, dout: Array) -> Array:
        return super().scatter(np.moveaxis(dout, 3, 1))
