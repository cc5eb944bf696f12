"""PyTorch behind the contract: its functions forward, its autograd backward, numpy outside."""

import numpy as np
import torch
from plain import SGD, Sequential, evaluate, fit, predict
from torch.nn import functional

__all__ = ["MSE", "SGD", "Conv2D", "Dense", "Flatten", "MaxPool2D", "ReLU", "Sequential"]
__all__ += ["SoftmaxCrossEntropy", "evaluate", "fit", "predict"]


def tensor(array, learns=True):
    """Return a copy of an array, whatever its strides, on which gradients are recorded.

    Labels of any integer dtype become int64, the one that PyTorch takes.
    """
    made = torch.tensor(np.ascontiguousarray(array))
    made = made if made.is_floating_point() else made.long()
    return made.requires_grad_(learns)


class Module:
    """Wraps a function of tensors; `call` takes x and the parameters by name."""

    def __init__(self, module=None):
        named = module.double().named_parameters() if module else ()
        self.params = {name: value.detach().numpy().copy() for name, value in named}
        self.grads, self.training, self.y = {}, True, None

    @property
    def name(self):
        return type(self).__name__

    def forward(self, x):
        self.check(x.shape)
        self.inputs = {"x": tensor(x), **{k: tensor(p) for k, p in self.params.items()}}
        self.y = self.call(**self.inputs)
        return self.y.detach().numpy()

    def check(self, shape):
        pass

    def backward(self, dout):
        if self.y is None:
            raise RuntimeError(f"{self.name}: backward without forward")
        if dout.shape != tuple(self.y.shape):
            raise ValueError(
                f"{self.name}: got a gradient of {torch.Size(dout.shape)} for {self.y.shape}"
            )
        variables = list(self.inputs.values())
        found = torch.autograd.grad(self.y, variables, tensor(dout, False), retain_graph=True)
        dx, *grads = (gradient.numpy() for gradient in found)
        self.grads = dict(zip(self.params, grads, strict=True))
        return dx


def demand_images(name, shape, kernel, padding):
    kernel, padding = np.broadcast_to(kernel, 2), np.broadcast_to(padding, 2)
    if len(shape) != 4 or (np.add(shape[2:], 2 * padding) < kernel).any():
        raise ValueError(f"{name}: kernel {kernel} cannot slide over x of {torch.Size(shape)}")


def demand_at_least(name, what, value, least):
    if np.min(value) < least:
        raise ValueError(f"{name}: {what}={value}")


class Conv2D(Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        demand_at_least("Conv2D", "kernel_size", kernel_size, 1)
        demand_at_least("Conv2D", "stride", stride, 1)
        demand_at_least("Conv2D", "padding", padding, 0)
        super().__init__(torch.nn.Conv2d(in_channels, out_channels, kernel_size, bias=bias))
        self.channels, self.kernel = in_channels, kernel_size
        self.options = {"stride": stride, "padding": padding}

    def check(self, shape):
        demand_images("Conv2D", shape, self.kernel, self.options["padding"])
        if shape[1] != self.channels:
            raise ValueError(f"Conv2D: in_channels={self.channels}, x has {shape[1]}")

    def call(self, x, weight, bias=None):
        return functional.conv2d(x, weight, bias, **self.options)


class MaxPool2D(Module):
    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        demand_at_least("MaxPool2D", "kernel_size", kernel_size, 1)
        demand_at_least("MaxPool2D", "stride", kernel_size if stride is None else stride, 1)
        demand_at_least("MaxPool2D", "padding", padding, 0)
        self.options = {"kernel_size": kernel_size, "stride": stride, "padding": padding}

    def check(self, shape):
        demand_images("MaxPool2D", shape, self.options["kernel_size"], self.options["padding"])

    def call(self, x):
        return functional.max_pool2d(x, **self.options)


class Flatten(Module):
    def check(self, shape):
        if len(shape) < 2:
            raise ValueError(f"Flatten: {torch.Size(shape)}")

    def call(self, x):
        return x.flatten(1)


class Dense(Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__(torch.nn.Linear(in_features, out_features, bias=bias))
        self.features = in_features

    def check(self, shape):
        if len(shape) != 2 or shape[1] != self.features:
            raise ValueError(f"Dense: in_features={self.features}, x is {torch.Size(shape)}")

    def call(self, x, weight, bias=None):
        return functional.linear(x, weight, bias)


class ReLU(Module):
    def call(self, x):
        return x.relu()


class Criterion:
    value = None

    def __init__(self, reduction="mean"):
        self.reduction = reduction

    def forward(self, pred, target):
        self.check(pred, target)
        self.pred = tensor(pred)
        self.value = self.function(self.pred, tensor(target, False), reduction=self.reduction)
        return self.value.item()

    def backward(self):
        if self.value is None:
            raise RuntimeError(f"{type(self).__name__}: backward without forward")
        return torch.autograd.grad(self.value, self.pred, retain_graph=True)[0].numpy()


class SoftmaxCrossEntropy(Criterion):
    function = staticmethod(functional.cross_entropy)

    def check(self, logits, target):
        fits = target.shape == logits.shape or target.shape == logits.shape[:1]
        if logits.ndim != 2 or not fits:
            raise ValueError(f"SoftmaxCrossEntropy: {logits.shape}, {target.shape}")
        if target.ndim == 1 and not 0 <= target.min() <= target.max() < logits.shape[1]:
            raise ValueError(f"SoftmaxCrossEntropy: target {target.tolist()} is out of bounds")


class MSE(Criterion):
    function = staticmethod(functional.mse_loss)

    def check(self, pred, target):
        if pred.shape != target.shape:
            raise ValueError(f"MSE: {torch.Size(pred.shape)}, {torch.Size(target.shape)}")
