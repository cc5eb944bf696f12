"""Small layers, losses and an optimizer of the suite's own, to check what is built from such parts.

`Sequential`, `fit`, `evaluate` and `predict` get these instead of the implementation's own parts,
so that a wrong convolution does not cost them anything. They run where the implementation runs and
write down what is done to them; they know no answers. A `log` is shared by the probes of a run and
holds the order of events.
"""

from __future__ import annotations

import numpy as np

from cnn_conformance.arrays import Array


class Scale:
    """A layer: y = x * weight + bias, feature by feature, for x of shape (N, F)."""

    def __init__(self, weight: Array, bias: Array) -> None:
        self.params = {"weight": weight.copy(), "bias": bias.copy()}
        self.grads: dict[str, Array] = {}
        self.training = True

    def forward(self, x: Array) -> Array:
        self._x = x
        return x * self.params["weight"] + self.params["bias"]

    def backward(self, dout: Array) -> Array:
        self.grads["weight"] = (dout * self._x).sum(axis=0)
        self.grads["bias"] = dout.sum(axis=0)
        return dout * self.params["weight"]


class Numbered:
    """A Scale within a container: its dicts are made when they are asked for, as Sequential's."""

    def __init__(self, weight: Array, bias: Array) -> None:
        self._scale = Scale(weight, bias)
        self.training = True

    @property
    def params(self) -> dict[str, Array]:
        return {f"0.{name}": array for name, array in self._scale.params.items()}

    @property
    def grads(self) -> dict[str, Array]:
        return {f"0.{name}": array for name, array in self._scale.grads.items()}

    def forward(self, x: Array) -> Array:
        return self._scale.forward(x)

    def backward(self, dout: Array) -> Array:
        return self._scale.backward(dout)


class InPlace(Scale):
    """A Scale whose gradients are the same arrays every time, with other values."""

    def __init__(self, weight: Array, bias: Array) -> None:
        super().__init__(weight, bias)
        self.grads = {name: np.zeros_like(array) for name, array in self.params.items()}

    def backward(self, dout: Array) -> Array:
        (dout * self._x).sum(axis=0, out=self.grads["weight"])
        dout.sum(axis=0, out=self.grads["bias"])
        return dout * self.params["weight"]


class PlusInput:
    """A layer around another: y = x + layer(x)."""

    def __init__(self, layer: Scale) -> None:
        self.layer = layer
        self.training = True

    @property
    def params(self) -> dict[str, Array]:
        return self.layer.params

    @property
    def grads(self) -> dict[str, Array]:
        return self.layer.grads

    def forward(self, x: Array) -> Array:
        return x + self.layer.forward(x)

    def backward(self, dout: Array) -> Array:
        return dout + self.layer.backward(dout)


class Square:
    """A layer without parameters: y = x²."""

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self.training = True

    def forward(self, x: Array) -> Array:
        self._x = x
        return x * x

    def backward(self, dout: Array) -> Array:
        return 2 * self._x * dout


class Exp:
    """A layer without parameters that keeps its output: y = exp(x)."""

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self.training = True

    def forward(self, x: Array) -> Array:
        self._y: Array = np.exp(x)
        return self._y

    def backward(self, dout: Array) -> Array:
        return dout * self._y


class Turn:
    """A layer without parameters: the features in reverse order, for x of shape (N, F)."""

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self.training = True

    def forward(self, x: Array) -> Array:
        return x[:, ::-1].copy()

    def backward(self, dout: Array) -> Array:
        return dout[:, ::-1].copy()


class Linear:
    """A layer: y = x Wᵀ + b, that remembers every batch and whether it was in training."""

    def __init__(self, weight: Array, bias: Array, log: list[str]) -> None:
        self.params = {"weight": weight.copy(), "bias": bias.copy()}
        self.grads = {"weight": np.zeros_like(weight), "bias": np.zeros_like(bias)}
        self.training = True
        self.batches: list[Array] = []
        self.modes: list[bool] = []
        self.log = log

    def forward(self, x: Array) -> Array:
        self._x = x
        self.batches.append(np.array(x))
        self.modes.append(bool(self.training))
        self.log.append("model.forward")
        return x @ self.params["weight"].T + self.params["bias"]

    def backward(self, dout: Array) -> Array:
        self.log.append("model.backward")
        self.grads["weight"] = dout.T @ self._x
        self.grads["bias"] = dout.sum(axis=0)
        return dout @ self.params["weight"]


class Model:
    """One layer with the interface of a `Sequential`."""

    def __init__(self, layer: Linear) -> None:
        self.layers = [layer]

    @property
    def params(self) -> dict[str, Array]:
        return {f"0.{name}": array for name, array in self.layers[0].params.items()}

    @property
    def grads(self) -> dict[str, Array]:
        return {f"0.{name}": array for name, array in self.layers[0].grads.items()}

    @property
    def training(self) -> bool:
        return self.layers[0].training

    @training.setter
    def training(self, value: bool) -> None:
        self.layers[0].training = value

    def forward(self, x: Array) -> Array:
        return self.layers[0].forward(x)

    def backward(self, dout: Array) -> Array:
        return self.layers[0].backward(dout)


class Loss:
    """Squared error or softmax cross-entropy, that remembers the targets it was given."""

    def __init__(self, kind: str, reduction: str, log: list[str]) -> None:
        self.kind, self.reduction, self.log = kind, reduction, log
        self.targets: list[Array] = []

    def forward(self, pred: Array, target: Array) -> float:
        self.log.append("loss.forward")
        self.targets.append(np.array(target))
        N, K = pred.shape
        if self.kind == "MSE":
            difference = pred - target
            self._gradient = 2 * difference
            total, count = float((difference**2).sum()), pred.size
        else:
            onehot = np.eye(K)[target] if target.ndim == 1 else target
            shifted = pred - pred.max(axis=1, keepdims=True)
            log_softmax = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
            self._gradient = np.exp(log_softmax) - onehot
            total, count = float(-(onehot * log_softmax).sum()), N
        self._count = count if self.reduction == "mean" else 1
        return total / self._count

    def backward(self) -> Array:
        self.log.append("loss.backward")
        return self._gradient / self._count


class Descent:
    """Plain gradient descent, in place."""

    def __init__(self, lr: float, log: list[str]) -> None:
        self.lr, self.log = lr, log

    def step(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        self.log.append("optimizer.step")
        for name, array in params.items():
            array -= self.lr * grads[name]


class Sine:
    """A function of an array: sin(Σ weight * x), in which no element stands for itself."""

    def __init__(self, weight: Array, returns: str) -> None:
        self.weight, self.returns = weight.astype(np.float64), returns

    def __call__(self, x: Array) -> float | Array:
        value = np.sin((self.weight * x).sum())
        return np.asarray(value) if self.returns == "array" else float(value)


class Rate:
    """What has a learning rate, as an optimizer has."""

    def __init__(self, lr: float) -> None:
        self.lr = lr


PROBES = {
    "Rate": Rate,
    "Sine": Sine,
    "Scale": Scale,
    "Numbered": Numbered,
    "InPlace": InPlace,
    "PlusInput": PlusInput,
    "Square": Square,
    "Turn": Turn,
    "Exp": Exp,
    "Linear": Linear,
    "Model": Model,
    "Loss": Loss,
    "Descent": Descent,
    "Log": list,
    "Dict": dict,
}
