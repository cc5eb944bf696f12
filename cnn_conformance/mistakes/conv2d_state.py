"""Wrong ways of keeping Conv2D's parameters, and of handing over its results."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.plain import PlainConv2D


@mistake("Conv2D", loses="40")
class AllFiltersAlike(PlainConv2D):
    """All filters start with the same weights.

    They would get the same gradients for ever; the specification asks that no two are alike
    (CONV2D-40). Look at what the weight starts with.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.params["weight"] = np.full_like(self.params["weight"], 0.1)


@mistake("Conv2D", loses="40")
class ParametersStartInFloat32(PlainConv2D):
    """The parameters start as float32.

    The specification asks for float64 (CONV2D-40). Look at the dtype of the arrays that the
    constructor makes.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.params = {name: value.astype(np.float32) for name, value in self.params.items()}


@mistake("Conv2D", loses="41")
class KernelMatrixMadeOnce(PlainConv2D):
    """The matrix of the kernels is made in the first forward and used in all that follow.

    The specification asks that a parameter which is set from outside is used by the next forward
    (CONV2D-41). Look at where that matrix is made, and when.
    """

    made: Any = None

    def products(self, windows: Array) -> Array:
        self.made = self.params["weight"].copy() if self.made is None else self.made
        return np.einsum("ncijuv,kcuv->nkij", windows, self.made)


@mistake("Conv2D", loses="1-15 41 45-48")
class ParametersTakenAtConstruction(PlainConv2D):
    """forward uses the weight that the constructor has drawn, not the one in params.

    The specification asks that a parameter which is set from outside is used by the next forward
    (CONV2D-41). Look for a second name under which the weight is kept.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.weight = self.params["weight"].copy()

    def products(self, windows: Array) -> Array:
        return np.einsum("ncijuv,kcuv->nkij", windows, self.weight)


@mistake("Conv2D", loses="41 61")
class ReplacedEntriesUnseen(PlainConv2D):
    """forward uses the arrays that params had at first, not an entry that is put in their place.

    The specification asks that a parameter may be set by replacing its entry (CONV2D-41). Look for
    a second name under which the weight is kept.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.weight = self.params["weight"]

    def products(self, windows: Array) -> Array:
        return np.einsum("ncijuv,kcuv->nkij", windows, self.weight)


@mistake("Conv2D", loses="42 60")
class ParametersRounded(PlainConv2D):
    """forward rounds the parameters to float32, in place.

    The specification asks that forward changes neither x nor the parameters (CONV2D-42). Look at
    where forward assigns to the weight.
    """

    def products(self, windows: Array) -> Array:
        self.params["weight"][...] = self.params["weight"].astype(np.float32)
        return super().products(windows)


@mistake("Conv2D", loses="28-37 39 49")
class GradientsUnderOtherNames(PlainConv2D):
    """The gradients are kept under names of their own.

    The specification asks that grads has the keys of params (CONV2D-49). Look at the names under
    which backward keeps them.
    """

    def backward(self, dout: Array) -> Array:
        dx = super().backward(dout)
        self.grads = {f"d{name}": grad for name, grad in self.grads.items()}
        return dx


@mistake("Conv2D", loses="41 44 45")
class SecondForwardCrashes(PlainConv2D):
    """The second forward of a layer fails.

    The specification asks that backward belongs to the latest forward, of which there may be many
    (CONV2D-45). Look at what the first forward leaves behind that the second one trips over.
    """

    x: Any = None

    def remember(self, x: Array) -> None:
        if self.x is not None:
            raise TypeError("'numpy.ndarray' object is not callable")
        super().remember(x)


@mistake("Conv2D", loses="60")
class EpsilonAdded(PlainConv2D):
    """A small number is added to every output.

    It does not show in the first seven digits; the specification asks for float64 (CONV2D-60). Look
    for an epsilon that has no business here.
    """

    def products(self, windows: Array) -> Array:
        return super().products(windows) + windows.dtype.type(1e-9)


@mistake("Conv2D", loses="70 74")
class StrideAndPaddingMended(PlainConv2D):
    """A stride below 1 or a padding below 0 is mended in silence.

    The specification asks for a ValueError (CONV2D-70). Look at what the constructor does with
    arguments that make no sense.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        low = {"stride": 1, "padding": 0}
        mended = {k: np.maximum(v, low[k]) if k in low else v for k, v in options.items()}
        mended = {k: tuple(v) if np.ndim(v) else v for k, v in mended.items()}
        super().__init__(*args, **mended)


@mistake("Conv2D", loses="71 74")
class SampleAxisAdded(PlainConv2D):
    """An image without the axis of samples is taken for a batch of one.

    The specification asks for a ValueError (CONV2D-71). Look at what forward does with an array of
    three dimensions.
    """

    def forward(self, x: Array) -> Array:
        return super().forward(x[None] if x.ndim == 3 else x)


@mistake("Conv2D", loses="71 74")
class ExtraChannelsDropped(PlainConv2D):
    """Channels beyond those of the layer are dropped in silence.

    The specification asks for a ValueError (CONV2D-71). Look at what forward does with an image
    that has more channels than the kernel.
    """

    def forward(self, x: Array) -> Array:
        return super().forward(x[:, : self.in_channels])
