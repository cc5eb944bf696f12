"""Optimizers whose memory belongs to the array: under its id, with the array kept alive beside it.

The velocity of SGD is in units of the parameter, as in Keras.
"""

import numpy as np

__all__ = ["SGD", "AdaGrad", "Adam", "AdamW", "RMSprop"]


class ByArray:
    lr, weight_decay = 0.01, 0

    def __init__(self):
        self.memory, self.steps = {}, 0

    def step(self, params, grads):
        for name, array in params.items():
            if grads[name].shape != array.shape:
                came = f"{grads[name].shape} for {name} of {array.shape}"
                raise ValueError(f"{type(self).__name__}: a gradient of shape {came}")
        for name, array in params.items():
            _, memory = self.memory.setdefault(id(array), (array, {}))
            gradient = grads[name] + self.weight_decay * array
            array += self.change(gradient, memory).astype(array.dtype)
        self.steps += 1


class SGD(ByArray):
    def __init__(self, lr, momentum=0, weight_decay=0, nesterov=False, decay=0):
        super().__init__()
        if lr < 0 or momentum < 0 or weight_decay < 0 or decay < 0:
            raise ValueError("SGD: lr, momentum, weight_decay and decay are not negative")
        if nesterov and momentum == 0:
            raise ValueError("SGD: nesterov needs a momentum, got 0")
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.nesterov, self.decay = nesterov, decay

    def change(self, g, memory):
        lr = self.lr / (1 + self.decay * self.steps)
        before, old = memory.get("v", (lr, np.zeros_like(g)))
        v = self.momentum * old * (lr / before) - lr * g  # what was moved at another rate
        memory["v"] = lr, v
        return self.momentum * v - lr * g if self.nesterov else v


class AdaGrad(ByArray):
    def __init__(self, lr=0.01, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10):
        super().__init__()
        self.lr, self.lr_decay, self.weight_decay = lr, lr_decay, weight_decay
        self.first, self.eps = initial_accumulator_value, eps

    def change(self, g, memory):
        memory["s"] = memory.get("s", self.first) + g * g
        lr = self.lr / (1 + self.steps * self.lr_decay)
        return -lr * g / (np.sqrt(memory["s"]) + self.eps)


class RMSprop(ByArray):
    def __init__(self, lr=0.01, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False):
        super().__init__()
        self.lr, self.alpha, self.eps, self.weight_decay = lr, alpha, eps, weight_decay
        self.momentum, self.centered = momentum, centered

    def change(self, g, memory):
        s, m, v = memory.get("s", 0), memory.get("m", 0), memory.get("v", 0)
        s = s + (1 - self.alpha) * (g * g - s)
        m = m + (1 - self.alpha) * (g - m)
        v = self.momentum * v - self.lr * g / (np.sqrt(s - self.centered * m**2) + self.eps)
        memory.update(s=s, m=m, v=v)
        return v


class Adam(ByArray):
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False):
        super().__init__()
        self.lr, self.betas, self.eps = lr, betas, eps
        self.weight_decay, self.amsgrad = weight_decay, amsgrad

    def change(self, g, memory):
        m, s, most, t = memory.get("all", (0, 0, 0, 0))
        m = m + (1 - self.betas[0]) * (g - m)
        s = s + (1 - self.betas[1]) * (g * g - s)
        most, t = np.maximum(most, s), t + 1
        memory["all"] = m, s, most, t
        mean, square = (
            average / (1 - beta**t)
            for average, beta in zip((m, most if self.amsgrad else s), self.betas, strict=True)
        )
        return -self.lr * mean / (np.sqrt(square) + self.eps)


class AdamW(Adam):
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, amsgrad=False):
        super().__init__(lr, betas, eps, 0, amsgrad)
        self.kept = 1 - lr * weight_decay

    def step(self, params, grads):
        before = {name: array.copy() for name, array in params.items()}
        super().step(params, grads)
        for name, array in params.items():  # what the step has added, to what is kept of the old
            array += ((self.kept - 1) * before[name]).astype(array.dtype)
