"""Wrong ways of doing Dense."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake
from cnn_conformance.mistakes.plain import PlainDense


@mistake("Dense", loses="1-3")
class WeightReshapedForTransposed(PlainDense):
    """The weight is reshaped where it has to be transposed.

    A reshape keeps the order of the numbers; the specification asks for x times the transpose of W
    (DENSE-1). Look at how the axes of the weight are exchanged.
    """

    def products(self, x: Array) -> Array:
        weight = self.params["weight"]
        return x @ weight.reshape(weight.shape[::-1])


@mistake("Dense", loses="1")
class SquareWeightNotTransposed(PlainDense):
    """A square weight is not transposed.

    The specification asks that row k of the weight makes output k (DENSE-1). Look at what decides
    whether you transpose: the shapes that happen to fit do not.
    """

    def products(self, x: Array) -> Array:
        weight = self.params["weight"]
        return x @ weight if weight.shape[0] == weight.shape[1] else x @ weight.T


@mistake("Dense", loses="1-5 20 21 40")
class WeightKeptTransposed(PlainDense):
    """The weight has the shape (in, out): a convention.

    The specification asks for (out, in) (DENSE-40), as PyTorch does. Look at the shape that the
    constructor gives the weight.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.params["weight"] = self.params["weight"].T.copy()

    def products(self, x: Array) -> Array:
        return x @ self.params["weight"]

    def forward(self, x: Array) -> Array:
        self.x = x
        y = self.products(x)
        return self.add_bias(y) if "bias" in self.params else y


@mistake("Dense", loses="2 3")
class BiasForgotten(PlainDense):
    """The bias is a parameter, and is never added.

    The specification asks that it is added to every sample (DENSE-2). Look at where forward uses
    the bias.
    """

    def add_bias(self, y: Array) -> Array:
        return y


@mistake("Dense", loses="2")
class BiasAlongTheSamples(PlainDense):
    """The bias is added along the axis of the samples, where it fits.

    The specification asks that b[k] is added to output k of every sample (DENSE-2). Look at which
    axis the bias is broadcast along.
    """

    def add_bias(self, y: Array) -> Array:
        fits = y.shape[0] == y.shape[1]
        return y + self.params["bias"][:, None] if fits else super().add_bias(y)


@mistake("Dense", loses="2")
class BiasOfTheFirstOutput(PlainDense):
    """Every output gets the bias of the first one.

    The specification asks for the bias of its own (DENSE-2). Look at the index of the bias.
    """

    def add_bias(self, y: Array) -> Array:
        return y + self.params["bias"][0]


@mistake("Dense", loses="2 3")
class BiasForEveryInput(PlainDense):
    """The bias is added once for each input.

    The specification asks that it is added once (DENSE-2). Look at whether the bias is inside the
    loop over the inputs.
    """

    def add_bias(self, y: Array) -> Array:
        return y + self.params["bias"] * self.in_features


@mistake("Dense", loses="1-4")
class ActivationInside(PlainDense):
    """Negative outputs are set to 0.

    The specification asks for the sums as they are (DENSE-1): the activation is a layer of its own.
    Look at what forward does with the sums before it returns them.
    """

    def forward(self, x: Array) -> Array:
        return np.maximum(super().forward(x), 0)


@mistake("Dense", loses="1-3")
class ProductsAveraged(PlainDense):
    """The products are averaged over the inputs.

    The specification asks for their sum (DENSE-1). Look for a mean, or for a division by the number
    of inputs.
    """

    def products(self, x: Array) -> Array:
        return super().products(x) / x.dtype.type(self.in_features)


@mistake("Dense", loses="1-3")
class LastInputLeftOut(PlainDense):
    """The last input does not count.

    The specification asks for the sum over all inputs (DENSE-1). Look at the upper end of the loop
    over the inputs.
    """

    def products(self, x: Array) -> Array:
        return x[:, :-1] @ self.params["weight"][:, :-1].T


@mistake("Dense", loses="3 5")
class SingleAxesSqueezed(PlainDense):
    """Axes of length 1 are lost: one sample or one output gives a vector.

    The specification asks for (N, out), also where one of them is 1 (DENSE-3). Look for a squeeze,
    or for a product with a vector.
    """

    def forward(self, x: Array) -> Array:
        return super().forward(x).squeeze()

    def backward(self, dout: Array) -> Array:
        return super().backward(dout.reshape(-1, self.out_features) if dout.ndim == 1 else dout)


# ---------------------------------------------------------------- backward


@mistake("Dense", loses="20")
class SquareWeightTransposedInDx(PlainDense):
    """dx uses the transpose of a square weight.

    The specification asks for dout W (DENSE-20). Look at which of the two axes of the weight meets
    which of dout.
    """

    def dx(self, dout: Array) -> Array:
        weight = self.params["weight"]
        return dout @ (weight.T if weight.shape[0] == weight.shape[1] else weight)


@mistake("Dense", loses="20 23 24 39")
class WeightReshapedInDx(PlainDense):
    """dx uses a weight that is reshaped where it has to be transposed.

    The specification asks for dout W (DENSE-20). Look for a reshape that exchanges axes.
    """

    def dx(self, dout: Array) -> Array:
        weight = self.params["weight"]
        return dout @ weight.reshape(weight.shape[::-1]).T


@mistake("Dense", loses="20 23 24 39")
class DxMaskedByTheInput(PlainDense):
    """dx is 0 where the input is negative.

    That is the derivative of another layer; the specification asks for dout W (DENSE-20). Look for
    a mask in backward.
    """

    def dx(self, dout: Array) -> Array:
        return super().dx(dout) * (self.x > 0)


@mistake("Dense", loses="20 23 24 39")
class DxForgotten(PlainDense):
    """backward returns zeros for dx.

    The specification asks for dout W (DENSE-20). Look at where the array that you return is filled.
    """

    def dx(self, dout: Array) -> Array:
        return np.zeros_like(self.x)


@mistake("Dense", loses="20 23 24 39")
class DxNotReturned(PlainDense):
    """backward returns None.

    The specification asks for dx always (DENSE-20). Look at the last line of backward.
    """

    def dx(self, dout: Array) -> Any:
        return None


@mistake("Dense", loses="20 23 24 39")
class UpstreamTakenForOnesInDx(PlainDense):
    """dx does not depend on dout: it is right where dout is all ones.

    The specification asks for dout W (DENSE-20). Look at where dout enters into dx.
    """

    def dx(self, dout: Array) -> Array:
        return super().dx(np.ones_like(dout))


@mistake("Dense", loses="21 23 24 39")
class WeightGradientForgotten(PlainDense):
    """The gradient of the weight stays 0.

    The specification asks for the product of dout and x, added up over the samples (DENSE-21). Look
    at where backward computes it.
    """

    def dw(self, dout: Array) -> Array:
        return np.zeros_like(self.params["weight"])


@mistake("Dense", loses="21 23 24 39 49")
class WeightGradientTransposed(PlainDense):
    """The gradient of the weight is transposed.

    The specification asks for the shape of the weight, with outputs first (DENSE-21). Look at the
    order of the two factors.
    """

    def dw(self, dout: Array) -> Array:
        return super().dw(dout).T


@mistake("Dense", loses="21 23 24 39")
class WeightGradientOfTheFirstSample(PlainDense):
    """The gradient of the weight is that of the first sample.

    The specification asks that it adds up over the samples (DENSE-21). Look for a return inside the
    loop over the samples.
    """

    def dw(self, dout: Array) -> Array:
        return np.outer(dout[0], self.x[0])


@mistake("Dense", loses="21-24 39")
class GradientsAveragedOverTheBatch(PlainDense):
    """The gradients of the parameters are divided by the number of samples.

    The specification asks that they add up (DENSE-21): it is the loss that divides, and it has done
    so already. Look for a division by N in backward.
    """

    def dw(self, dout: Array) -> Array:
        return super().dw(dout) / dout.dtype.type(len(dout))

    def db(self, dout: Array) -> Array:
        return super().db(dout) / dout.dtype.type(len(dout))


@mistake("Dense", loses="22 23 39")
class BiasGradientAveraged(PlainDense):
    """The gradient of the bias is a mean where it is to be a sum.

    The specification asks for the sum over the samples (DENSE-22). Look for a mean in backward.
    """

    def db(self, dout: Array) -> Array:
        return dout.mean(axis=0)


@mistake("Dense", loses="22 23 39 49")
class BiasGradientNotAddedUp(PlainDense):
    """The gradient of the bias is dout itself.

    The specification asks for the sum over the samples, in the shape of the bias (DENSE-22). Look
    at what is added up.
    """

    def db(self, dout: Array) -> Array:
        return dout.copy()


@mistake("Dense", loses="22 23 39")
class BiasGradientOverTheOutputs(PlainDense):
    """The gradient of the bias is added up over the outputs, where the shape fits.

    The specification asks for the sum over the samples (DENSE-22). Look at the axis of the sum.
    """

    def db(self, dout: Array) -> Array:
        return np.resize(dout.sum(axis=1), dout.shape[1])


@mistake("Dense", loses="22 23 39")
class BiasGradientOfOnes(PlainDense):
    """The gradient of the bias is the number of samples: it does not depend on dout.

    The specification asks for the sum of dout over the samples (DENSE-22). Look at where dout
    enters into it.
    """

    def db(self, dout: Array) -> Array:
        return np.ones_like(dout).sum(axis=0)


# ---------------------------------------------------------------- parameters and bad input


@mistake("Dense", loses="40")
class AllOutputsAlike(PlainDense):
    """The weight starts with zeros.

    All outputs would learn the same; the specification asks that no two rows are alike (DENSE-40).
    Look at what the weight starts with.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.params["weight"] = np.zeros_like(self.params["weight"])


@mistake("Dense", loses="41")
class TransposeMadeOnce(PlainDense):
    """The transpose of the weight is copied in the first forward and used in all that follow.

    The specification asks that a parameter which is set from outside is used by the next forward
    (DENSE-41). Look at where the transpose is made, and when.
    """

    made: Any = None

    def products(self, x: Array) -> Array:
        self.made = self.params["weight"].T.copy() if self.made is None else self.made
        product: Array = x @ self.made
        return product


@mistake("Dense", loses="71 74")
class TakesAnyNumberOfDimensions(PlainDense):
    """Images are taken where their last axis fits.

    The specification asks for a ValueError (DENSE-71): rows are flat. Look at what forward does
    with an array of four dimensions.
    """

    def forward(self, x: Array) -> Array:
        if x.ndim > 2:
            return super().forward(x.reshape(-1, x.shape[-1]))
        return super().forward(x)


@mistake("Dense", loses="71 74")
class ExtraFeaturesDropped(PlainDense):
    """Features beyond those of the layer are dropped in silence.

    The specification asks for a ValueError (DENSE-71). Look at what forward does with rows that are
    too long.
    """

    def forward(self, x: Array) -> Array:
        return super().forward(x[:, : self.in_features] if x.ndim == 2 else x)
