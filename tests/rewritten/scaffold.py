"""What stands round the formula of a wrong unit: checks of arguments, copies, state.

A decorator makes a unit of a formula that returns the output and a closure for `backward`. So a
unit is wrong only in what its truth says, unless it brings its own `forward` and `backward`.
"""

from types import new_class

import numpy as np


def pair(unit, argument, value, least):
    """Return a number or a pair of numbers as a pair."""
    if isinstance(value, str):
        raise NotImplementedError("unsupported: padding by name")
    both = (value, value) if np.ndim(value) == 0 else tuple(value)
    if min(both) < least:
        raise ValueError(f"{unit}: {argument} is {value}, less than {least}")
    return both


class Layer:
    """A layer whose subclasses say what they compute, in `formula` or in their own methods."""

    unit = ""

    def __init__(self):
        self.params, self.grads, self.training = {}, {}, True
        self.pull = None

    def refuse(self, x):
        """Raise an error for an input that the layer does not take."""

    def seen(self, x):
        """Return a copy of the input in C order, after its checks."""
        x = np.array(x, order="C")
        self.refuse(x)
        return x

    def given(self, dout):
        """Return a copy of the gradient in C order, after its checks."""
        if self.pull is None:
            raise RuntimeError(f"{self.unit}: backward before forward")
        if dout.shape != self.shape:
            raise ValueError(f"{self.unit}: dout is {dout.shape}, the output {self.shape}")
        return np.array(dout, order="C")

    def forward(self, x):
        x = self.seen(x)
        y, self.pull = self.formula(x)
        y = np.array(y, x.dtype)
        self.shape = y.shape
        return y

    def backward(self, dout):
        dout = self.given(dout)
        got = self.pull(dout)
        dx, *gradients = got if isinstance(got, tuple) else (got,)
        for name, gradient in zip(self.params, gradients, strict=False):
            self.grads[name] = np.array(gradient, dout.dtype)
        return np.array(dx, dout.dtype)


class Window(Layer):
    """A layer whose windows move over an image."""

    def windows(self, kernel_size, stride, padding):
        self.k = pair(self.unit, "kernel_size", kernel_size, 1)
        self.s = pair(self.unit, "stride", stride, 1)
        self.p = pair(self.unit, "padding", padding, 0)

    def refuse(self, x):
        if x.ndim != 4:
            raise ValueError(f"{self.unit}: expected 4 dimensions, got {x.shape}")
        if any(n + 2 * p < k for n, k, p in zip(x.shape[2:], self.k, self.p, strict=True)):
            raise ValueError(f"{self.unit}: an image of {x.shape} is smaller than {self.k}")


class Conv2D(Window):
    unit = "Conv2D"

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        super().__init__()
        self.windows(kernel_size, stride, padding)
        self.params["weight"] = np.random.randn(out_channels, in_channels, *self.k) / 3
        if bias:
            self.params["bias"] = np.zeros(out_channels)

    def refuse(self, x):
        super().refuse(x)
        if x.shape[1] != self.params["weight"].shape[1]:
            raise ValueError(f"Conv2D: the input {x.shape} has the wrong number of channels")

    @property
    def w(self):
        """The weight."""
        return self.params["weight"]

    @property
    def b(self):
        """The bias, or zeros."""
        return self.params.get("bias", np.zeros(len(self.w), self.w.dtype))

    def formula(self, x):
        return self.compute(x, self.w.copy(), self.b.copy(), self.s, self.p)


class Pooling(Window):
    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.windows(kernel_size, kernel_size if stride is None else stride, padding)

    def formula(self, x):
        return self.compute(x, self.k, self.s, self.p)


class MaxPool2D(Pooling):
    unit = "MaxPool2D"


class AvgPool2D(Pooling):
    unit = "AvgPool2D"

    def __init__(self, kernel_size, stride=None, padding=0, count_include_pad=True):
        super().__init__(kernel_size, stride, padding)
        self.count_include_pad = count_include_pad

    def formula(self, x):
        return self.compute(x, self.k, self.s, self.p, self.count_include_pad)


class Global(Layer):
    def refuse(self, x):
        if x.ndim != 4:
            raise ValueError(f"{self.unit}: expected 4 dimensions, got {x.shape}")

    def formula(self, x):
        return self.compute(x)


class Dense(Layer):
    unit = "Dense"

    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.params["weight"] = np.random.randn(out_features, in_features) / 3
        if bias:
            self.params["bias"] = np.zeros(out_features)

    def refuse(self, x):
        if x.ndim != 2 or x.shape[1] != self.params["weight"].shape[1]:
            raise ValueError(f"Dense: unexpected input of shape {x.shape}")

    def formula(self, x):
        w = self.params["weight"].copy()
        return self.compute(x, w, self.params.get("bias", np.zeros(len(w), w.dtype)).copy())


class Elementwise(Layer):
    """An activation, or what else has an optional argument and no parameters."""

    unit, defaults = "", {}

    def __init__(self, *values, **named):
        super().__init__()
        self.arguments = self.defaults | dict(zip(self.defaults, values, strict=False)) | named

    def formula(self, x):
        return self.compute(x, *self.arguments.values())


class LeakyReLU(Elementwise):
    unit, defaults = "LeakyReLU", {"negative_slope": 0.01}


class ELU(Elementwise):
    unit, defaults = "ELU", {"alpha": 1.0}


class Flatten(Elementwise):
    unit = "Flatten"

    def refuse(self, x):
        if x.ndim < 2:
            raise ValueError(f"Flatten: expected 2 dimensions or more, got {x.shape}")


class BatchNorm2D(Layer):
    unit = "BatchNorm2D"

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.params = {"weight": np.ones(num_features), "bias": np.zeros(num_features)}
        self.buffers = {"running_mean": np.zeros(num_features)}
        self.buffers["running_var"] = np.ones(num_features)

    def refuse(self, x):
        if x.ndim != 4 or x.shape[1] != len(self.params["weight"]):
            raise ValueError(f"BatchNorm2D: unexpected input of shape {x.shape}")

    def formula(self, x):
        gamma, beta = self.params["weight"].copy(), self.params["bias"].copy()
        return self.compute(x, gamma, beta)


class Dropout(Layer):
    unit = "Dropout"

    def __init__(self, p=0.5, rng=None):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"Dropout: p is {p}")
        self.p, self.rng = p, np.random.default_rng(0 if rng is None else rng)

    def formula(self, x):
        return self.compute(x, self.p)


class RNN(Layer):
    unit = "RNN"

    def __init__(self, input_size, hidden_size, nonlinearity="tanh"):
        super().__init__()
        if min(input_size, hidden_size) < 1:
            raise ValueError(f"RNN: sizes {input_size}, {hidden_size}")
        self.kind = nonlinearity
        D, H = input_size, hidden_size
        shapes = {"weight_ih_l0": (H, D), "weight_hh_l0": (H, H)}
        shapes |= {"bias_ih_l0": (H,), "bias_hh_l0": (H,)}
        self.params = {k: np.random.uniform(-1, 1, s) / H**0.5 for k, s in shapes.items()}

    def refuse(self, x):
        if x.ndim != 3 or x.shape[2] != self.params["weight_ih_l0"].shape[1]:
            raise ValueError(f"RNN: unexpected input of shape {x.shape}")

    def f(self, a):
        """The nonlinearity."""
        return np.tanh(a) if self.kind == "tanh" else np.maximum(a, 0)

    def slope(self, h):
        """Its derivative, from its value."""
        return 1 - h * h if self.kind == "tanh" else (h > 0).astype(h.dtype)

    def formula(self, x):
        return self.compute(x, *(p.copy() for p in self.params.values()))


class Loss:
    unit = ""

    def __init__(self, reduction="mean"):
        self.reduction, self.pull = reduction, None

    def forward(self, prediction, target):
        prediction, target = np.array(prediction), np.array(target)
        self.refuse(prediction, target)
        value, self.pull = self.compute(prediction, target, self.reduction)
        self.dtype = prediction.dtype
        return float(value)

    def backward(self):
        if self.pull is None:
            raise RuntimeError(f"{self.unit}: backward before forward")
        return np.array(self.pull(), self.dtype)


class MSE(Loss):
    unit = "MSE"

    def refuse(self, prediction, target):
        if prediction.shape != target.shape:
            raise ValueError(f"MSE: {prediction.shape} and {target.shape} differ")


class SoftmaxCrossEntropy(Loss):
    unit = "SoftmaxCrossEntropy"

    def refuse(self, logits, target):
        name = self.unit
        if logits.ndim != 2:
            raise ValueError(f"{name}: expected 2 dimensions, got {logits.shape}")
        if target.shape not in (logits.shape, logits.shape[:1]):
            raise ValueError(f"{name}: {target.shape} does not fit {logits.shape}")
        if target.ndim == 1:
            for label in target:
                if not 0 <= label < logits.shape[1]:
                    raise ValueError(f"{name}: the label {label} is out of range")

    def compute(self, logits, target, reduction):
        if target.ndim == 1:
            target = np.eye(logits.shape[1], dtype=logits.dtype)[target]
        return self.rows(logits, target.astype(logits.dtype), reduction)


class Optimizer:
    unit, defaults = "", {}

    def __init__(self, *values, **named):
        given = self.defaults | dict(zip(self.defaults, values, strict=False)) | named
        self.__dict__.update(given)
        if min(given.get("momentum", 0), given.get("weight_decay", 0)) < 0:
            raise ValueError(f"{self.unit}: a negative argument in {given}")
        if given.get("nesterov") and not given["momentum"]:
            raise ValueError(f"{self.unit}: nesterov needs a momentum, got {given}")
        self.t, self.state = 0, {}

    def step(self, params, grads):
        for name, p in params.items():
            if grads[name].shape != p.shape:
                raise ValueError(f"{self.unit}: {name} is {p.shape}, not {grads[name].shape}")
        self.t += 1
        for name, p in params.items():
            self.update(name, p, np.array(grads[name]))

    def of(self, name, like, value=0.0):
        """Return a state array of a parameter; it starts with a value."""
        return self.state.setdefault(name, np.full_like(like, value))


class SGD(Optimizer):
    unit = "SGD"
    defaults = {"lr": 0.01, "momentum": 0, "weight_decay": 0, "nesterov": False, "decay": 0}  # noqa: RUF012


class AdaGrad(Optimizer):
    unit = "AdaGrad"
    defaults = {"lr": 0.01, "lr_decay": 0, "weight_decay": 0}  # noqa: RUF012
    defaults |= {"initial_accumulator_value": 0, "eps": 1e-10}


class RMSprop(Optimizer):
    unit = "RMSprop"
    defaults = {"lr": 0.01, "alpha": 0.99, "eps": 1e-8, "weight_decay": 0}  # noqa: RUF012
    defaults |= {"momentum": 0, "centered": False}


class Adam(Optimizer):
    unit = "Adam"
    defaults = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8}  # noqa: RUF012
    defaults |= {"weight_decay": 0, "amsgrad": False}


def layer_like(base):
    """Return a decorator that makes a layer or a loss of its formula."""
    method = "rows" if base is SoftmaxCrossEntropy else "compute"

    def decorate(function):
        def fill(namespace):
            namespace[method] = staticmethod(function)
            namespace["__module__"] = function.__module__
            namespace["__doc__"] = function.__doc__

        return new_class(function.__name__, (base,), exec_body=fill)

    return decorate


def called(unit):
    """Return a base for a unit that has only a name."""
    return type(unit, (Global if unit.startswith("Global") else Elementwise,), {"unit": unit})


conv2d, maxpool, avgpool = map(layer_like, (Conv2D, MaxPool2D, AvgPool2D))
dense, flatten, mse, cross_entropy = map(layer_like, (Dense, Flatten, MSE, SoftmaxCrossEntropy))
leaky, elu = map(layer_like, (LeakyReLU, ELU))
relu, sigmoid, tanh, softmax, global_average, global_max = (
    layer_like(called(unit))
    for unit in ("ReLU", "Sigmoid", "Tanh", "Softmax", "GlobalAvgPool2D", "GlobalMaxPool2D")
)


def function(unit):
    """Return a decorator that says which unit a function is."""

    def decorate(function):
        function.unit = unit
        return function

    return decorate
