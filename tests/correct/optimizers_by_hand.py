"""Optimizers whose memory is one array for all parameters, element by element the same rules."""

import numpy as np

__all__ = ["SGD", "AdaGrad", "Adam", "AdamW", "RMSprop"]


class Flat:
    """Lays all parameters out in one vector, in the order of their first step."""

    def __init__(self, lr, weight_decay):
        if min(lr, weight_decay) < 0:
            raise ValueError(f"{type(self).__name__}: lr={lr}, weight_decay={weight_decay}")
        self.lr, self.wd, self.names, self.count = lr, weight_decay, None, 0

    def step(self, params, grads):
        for name in params:
            if np.shape(grads[name]) != np.shape(params[name]):
                came = f"{np.shape(grads[name])} for {np.shape(params[name])}"
                raise ValueError(f"{type(self).__name__}: {name} has a gradient of {came}")
        self.names = self.names or list(params)
        p = np.concatenate([params[name].ravel() for name in self.names])
        g = np.concatenate([grads[name].ravel() for name in self.names])
        step = self.step_of(p, g)
        self.count += 1
        start = 0
        for name in self.names:
            size = params[name].size
            np.subtract(
                params[name],
                step[start : start + size].reshape(params[name].shape),
                out=params[name],
                casting="same_kind",
            )
            start += size

    def step_of(self, p, g):
        return self.rate() * self.direction(g + self.wd * p)

    def rate(self):
        return self.lr


class SGD(Flat):
    def __init__(self, lr, momentum=0, weight_decay=0, nesterov=False, decay=0):
        super().__init__(lr, weight_decay)
        if momentum < 0 or decay < 0 or (nesterov and not momentum):
            raise ValueError(f"SGD: momentum={momentum}, decay={decay}, nesterov={nesterov}")
        self.momentum, self.nesterov, self.decay, self.v = momentum, nesterov, decay, 0.0

    def rate(self):
        return self.lr / (1 + self.decay * self.count)

    def direction(self, g):
        self.v = self.momentum * self.v + g
        return g + self.momentum * self.v if self.nesterov else self.v


class AdaGrad(Flat):
    def __init__(self, lr=0.01, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10):
        super().__init__(lr, weight_decay)
        self.fall, self.total, self.eps = lr_decay, initial_accumulator_value, eps

    def rate(self):
        return self.lr / (1 + self.fall * self.count)

    def direction(self, g):
        self.total = self.total + np.square(g)
        return g / (self.total**0.5 + self.eps)


class RMSprop(Flat):
    def __init__(self, lr=0.01, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False):
        super().__init__(lr, weight_decay)
        self.alpha, self.eps, self.momentum, self.centered = alpha, eps, momentum, centered
        self.square = self.mean = self.v = 0.0

    def direction(self, g):
        self.square = self.alpha * self.square + (1 - self.alpha) * g**2
        self.mean = self.alpha * self.mean + (1 - self.alpha) * g
        size = self.square - self.mean**2 if self.centered else self.square
        self.v = self.momentum * self.v + g / (np.sqrt(size) + self.eps)
        return self.v


class Adam(Flat):
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False):
        super().__init__(lr, weight_decay)
        self.betas, self.eps, self.amsgrad = betas, eps, amsgrad
        self.m = self.v = self.most = 0.0

    def direction(self, g):
        b1, b2 = self.betas
        t = self.count + 1
        self.m = b1 * self.m + (1 - b1) * g
        self.v = b2 * self.v + (1 - b2) * g**2
        self.most = np.maximum(self.most, self.v)
        v = self.most if self.amsgrad else self.v
        # the two corrections in one factor, eps moved to fit
        factor = (1 - b2**t) ** 0.5 / (1 - b1**t)
        return factor * self.m / (np.sqrt(v) + self.eps * (1 - b2**t) ** 0.5)


class AdamW(Adam):
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, amsgrad=False):
        super().__init__(lr, betas, eps, weight_decay, amsgrad)

    def step_of(self, p, g):
        return self.lr * (self.direction(g) + self.wd * p)
