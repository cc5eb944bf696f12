"""What a drafted adapter is written with: units that hand their work to other code.

    layers = runtime.code("../cnn")["layers.py"]

    class Dense(runtime.Dense):
        x, y = "ND", "NO"
        parameters = {
            "weight": runtime.Parameter("IO", "layer.W", "layer.dW"),
            "bias": runtime.Parameter("O", "layer.b", "layer.db"),
        }

        def make(self):
            return layers.Affine(n_in=self.in_features, n_out=self.out_features)

        def run(self, x):
            return self.layer.forward(x)

        def run_back(self, dout):
            return self.layer.backward(dout)

The calls stand in the adapter; the order of axes, batches of code for one image, parameters and
gradients are seen to here. This only translates. Its own errors are `AdapterError`: the other code
never raised them. In `run` and `run_back`, `self.at` has what is there at that time, as the other
code has it: x, y, the parameters by name, `shape` (that of x), and what `run` has returned.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from cnn_conformance.adapt.activations import ELU, Elementwise, LeakyReLU, LogSoftmax, Softmax
from cnn_conformance.adapt.base import CHANGE, Parameter, Unit
from cnn_conformance.adapt.code import AdapterError, Code, code
from cnn_conformance.adapt.layout import Layout
from cnn_conformance.adapt.looping import Fit, Loop, Predict
from cnn_conformance.adapt.modal import BatchNorm1D, BatchNorm2D, Dropout, LayerNorm
from cnn_conformance.adapt.places import find
from cnn_conformance.adapt.recurrent import GRU, LSTM, RNN, Gates
from cnn_conformance.adapt.stack import Sequential, filled
from cnn_conformance.adapt.standins import (
    Context,
    Descent,
    Identity,
    Neighbour,
    Pair,
    Together,
    bare,
    cleared,
    linked,
    received,
    updated,
)
from cnn_conformance.adapt.updating import Optimizer
from cnn_conformance.arrays import Array

__all__ = [
    "CHANGE",
    "ELU",
    "GRU",
    "LSTM",
    "RNN",
    "AdapterError",
    "AvgPool2D",
    "BatchNorm1D",
    "BatchNorm2D",
    "Code",
    "Context",
    "Conv2D",
    "Dense",
    "Descent",
    "Dropout",
    "Elementwise",
    "Fit",
    "Flatten",
    "Gates",
    "GlobalAvgPool2D",
    "GlobalMaxPool2D",
    "Identity",
    "LayerNorm",
    "LeakyReLU",
    "LogSoftmax",
    "Loss",
    "MaxPool2D",
    "Neighbour",
    "Optimizer",
    "Pair",
    "Parameter",
    "Predict",
    "Sequential",
    "Softmax",
    "Together",
    "bare",
    "cleared",
    "code",
    "filled",
    "linked",
    "received",
    "units",
    "updated",
]


OWN = __name__.rpartition(".")[0] + "."
"""How the names of the kit's own modules for adapters begin."""


class Conv2D(Unit):
    """A convolution over other code."""

    axes = ("NCHW", "NKHW")
    keeps_size: ClassVar[bool] = False
    """Whether the code always pads so that the output has the size of the image."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        bias: bool = True,
    ) -> None:
        super().__init__(
            in_channels=in_channels,
            out_channels=out_channels,
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            bias=bias,
        )

    def refuse(self) -> None:
        """Refuse strides and paddings for which the code has no argument."""
        super().refuse()
        size, stride, padding = (self.given[n] for n in ("kernel_size", "stride", "padding"))
        if self.only_kernel and not _is(size, self.only_kernel):
            raise NotImplementedError("unsupported: kernels of another size")
        if "stride" not in self.takes and not _is(stride, 1):
            raise NotImplementedError("unsupported: stride")
        if "padding" not in self.takes and not self.keeps_size and not _is(padding, 0):
            raise NotImplementedError("unsupported: padding")
        by_name = self.takes.get("padding") in ("name", "flag") and not _is(padding, 0)
        if self.keeps_size or by_name:
            same = tuple((k - 1) / 2 for k in _pair(size))
            is_name = self.takes.get("padding") == "name" and padding in ("same", "valid")
            if not is_name and (isinstance(padding, str) or _pair(padding) != same):
                raise NotImplementedError('unsupported: padding that is not "same"')
            if by_name and padding != "valid" and not _is(stride, 1):
                raise NotImplementedError('unsupported: padding "same" with a stride')
        if (self.one_channel or "C" not in self.x) and self.given["in_channels"] != 1:
            raise NotImplementedError("unsupported: several channels")

    def all_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of weight and bias."""
        K, C = self.given["out_channels"], self.given["in_channels"]
        return {"weight": (K, C, *_pair(self.given["kernel_size"])), "bias": (K,)}

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the parameters that it has."""
        shapes = self.all_shapes()
        return shapes if self.given["bias"] else {"weight": shapes["weight"]}

    def lengths(self, x: Array) -> dict[str, int]:
        """Return the lengths of axes that the code joins into one."""
        return {"N": len(x), "K": self.given["out_channels"]}

    def sample_shape(self) -> tuple[int, ...]:
        """Return images that are a little larger than the kernel."""
        rows, columns = _pair(self.given["kernel_size"])
        return (1, self.given["in_channels"], rows + 4, columns + 4)


class Pooling(Unit):
    """A pooling over other code."""

    axes = ("NCHW", "NCHW")

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        stride = kernel_size if stride is None else stride
        super().__init__(kernel_size=kernel_size, stride=stride, padding=padding)

    def refuse(self) -> None:
        """Refuse strides and paddings for which the code has no argument."""
        super().refuse()
        size, stride = self.given["kernel_size"], self.given["stride"]
        if self.only_kernel and not (_is(size, self.only_kernel) and _is(stride, self.only_kernel)):
            raise NotImplementedError("unsupported: windows of another size")
        tied = {"kernel_size", "stride"} - set(self.takes)
        if tied and _pair(size) != _pair(stride):
            raise NotImplementedError("unsupported: stride other than the kernel's size")
        if "padding" not in self.takes and not _is(self.given["padding"], 0):
            raise NotImplementedError("unsupported: padding")

    def sample_shape(self) -> tuple[int, ...]:
        """Return images that are a little larger than the window."""
        rows, columns = _pair(self.given["kernel_size"])
        return (1, 2, rows + 4, columns + 4)


class MaxPool2D(Pooling):
    """A max pooling over other code."""


class AvgPool2D(Pooling):
    """An average pooling over other code."""


class Dense(Unit):
    """A dense layer over other code."""

    axes = ("NI", "NO")

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__(in_features=in_features, out_features=out_features, bias=bias)

    def is_batch(self, x: Array, layout: Layout) -> bool:
        """Tell whether x is to be taken apart: samples with other axes are the code's to refuse."""
        return layout.is_by_sample and np.ndim(x) > 1

    def letters(self, name: str) -> str:
        """Return the axes of a parameter in the specification."""
        return {"weight": "OI", "bias": "O"}[name]

    def all_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of weight and bias."""
        out, features = self.given["out_features"], self.given["in_features"]
        return {"weight": (out, features), "bias": (out,)}

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the parameters that it has."""
        shapes = self.all_shapes()
        return shapes if self.given["bias"] else {"weight": shapes["weight"]}

    def sample_shape(self) -> tuple[int, ...]:
        """Return a single sample."""
        return (1, self.given["in_features"])


class GlobalAvgPool2D(Unit):
    """An average over all places of an image, over other code."""

    axes = ("NCHW", "NC")

    def __init__(self) -> None:
        super().__init__()


class GlobalMaxPool2D(GlobalAvgPool2D):
    """The maximum over all places of an image, over other code."""


class Flatten(Unit):
    """A layer that makes vectors of images, over other code."""

    axes = ("NCHW", "ND")

    def __init__(self) -> None:
        super().__init__()

    def is_batch(self, x: Array, layout: Layout) -> bool:
        """Tell whether x is to be taken apart: samples may have any axes."""
        return layout.is_by_sample and np.ndim(x) > 1

    def forward(self, x: Array) -> Any:
        """Return the output; samples may have other axes than images where they come last."""
        self._is_other = self.x.endswith("N") and np.ndim(x) not in (0, 4)
        return super().forward(np.moveaxis(x, 0, -1) if self._is_other else x)

    def backward(self, dout: Array) -> Any:
        """Return the gradient for x."""
        dx = super().backward(dout)
        return np.moveaxis(dx, -1, 0) if self._is_other and np.ndim(dx) else dx


class Loss:
    """A loss over other code. Subclasses say how it is called.

    `run(prediction, target)` returns or leaves the loss, and `run_back()` the gradient.
    """

    value: ClassVar[str] = "returned"
    gradient: ClassVar[str] = "returned"
    reduction_taken: ClassVar[str] = "mean"
    """The reduction that the code has."""
    targets: ClassVar[str] = ""
    """What the targets of a loss of classes are there: "labels" or "one-hot"."""

    by_sample: ClassVar[bool] = False
    """Whether the code takes one sample at a time; the losses are averaged then."""
    in_columns: ClassVar[bool] = False
    """Whether samples are columns there."""
    made_for_shape: ClassVar[bool] = False
    """Whether the code has to know the shape of the prediction when it is made."""
    averaged: ClassVar[bool] = False
    """Whether the code returns a loss for each sample or element, which are averaged."""

    def __init__(self, reduction: str | None = None) -> None:
        if reduction not in (None, self.reduction_taken):
            raise NotImplementedError(f'unsupported: "{reduction}"')
        self.reduction = self.reduction_taken
        self.at = SimpleNamespace(x=None, t=None, p=None, returned=None, shape=None)
        self.layer = None if self.made_for_shape else self.make()
        self._batch: Any = None

    def make(self) -> Any:
        """Return an object of the code, None where it has functions only."""
        return None

    def run(self, prediction: Array, target: Array) -> Any:
        """Call the code's loss."""
        raise AdapterError(f"{type(self).__name__} has no forward")

    def run_back(self) -> Any:
        """Call what gives the gradient."""
        raise NotImplementedError("unsupported: backward")

    def kept(self, probabilities: Any) -> Any:
        """Return what a softmax has returned, and keep it for `run_back`."""
        self.at.p = probabilities
        return probabilities

    def forward(self, prediction: Array, target: Array) -> Any:
        """Return the loss."""
        are_indices = np.ndim(target) < np.ndim(prediction)
        if self.targets == "labels" and not are_indices:
            raise NotImplementedError("unsupported: probabilities as targets")
        if self.targets == "one-hot" and are_indices:
            raise NotImplementedError("unsupported: class indices as targets")
        if not self.by_sample or np.ndim(prediction) != 2:
            self._batch = None
            return self._one(prediction, target)
        self._batch = prediction.copy(), np.array(target)
        values = [self._one(x, t) for x, t in zip(prediction, target, strict=True)]
        return float(np.mean(values)) if self.reduction == "mean" else float(np.sum(values))

    def _one(self, prediction: Array, target: Any) -> Any:
        if self.in_columns and np.ndim(prediction) == 2:
            prediction, target = prediction.T, np.transpose(target)
        self.at.x, self.at.t = prediction, target
        if self.made_for_shape and self.at.shape != np.shape(prediction):
            self.at.shape = np.shape(prediction)
            self.layer = self.make()
        self.at.returned = self.run(prediction, target)
        value = find(self.layer, self.at.returned, self.value)
        if not self.averaged or not isinstance(value, np.ndarray):
            return value
        by_class = self.targets and value.ndim == 2 and value.shape == np.shape(prediction)
        return float(value.sum(axis=1).mean() if by_class else value.mean())

    def backward(self) -> Any:
        """Return the gradient for the prediction."""
        if self._batch is None:
            gradient = find(self.layer, self.run_back(), self.gradient)
            is_turned = self.in_columns and np.ndim(gradient) == 2
            return np.transpose(gradient) if is_turned else gradient
        found = []
        for x, t in zip(*self._batch, strict=True):
            self._one(x, t)
            found.append(np.asarray(find(self.layer, self.run_back(), self.gradient)).reshape(-1))
        return np.stack(found) / (len(found) if self.reduction == "mean" else 1)


def _pair(value: Any) -> tuple[Any, Any]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value, value)


def _is(value: Any, number: int) -> bool:
    return not isinstance(value, str) and _pair(value) == (number, number)


def units(found: dict[str, Any]) -> dict[str, Any]:
    """Return the units among the names of an adapter: classes, and loops to be called."""
    kinds = (Unit, Loss, Optimizer, Sequential, Loop)
    own = {
        name: value
        for name, value in found.items()
        if isinstance(value, type)
        and issubclass(value, kinds)
        and not value.__module__.startswith(OWN)
    }
    return {name: kind() if issubclass(kind, Loop) else kind for name, kind in own.items()}
