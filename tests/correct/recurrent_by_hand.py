"""A recurrent layer in loops over samples and steps, parameters as PyTorch has them."""

import numpy as np

__all__ = ["RNN"]


class RNN:
    def __init__(self, input_size, hidden_size, nonlinearity="tanh"):
        if min(input_size, hidden_size) < 1:
            raise ValueError(f"RNN: {input_size} inputs and {hidden_size} units")
        self.sizes = input_size, hidden_size
        self.f = {"tanh": np.tanh, "relu": lambda z: z * (z > 0)}[nonlinearity]
        self.df = {"tanh": lambda z: np.cosh(z) ** -2, "relu": lambda z: z > 0}[nonlinearity]
        D, H = self.sizes
        draw = np.random.standard_normal
        self.params = {
            "weight_ih_l0": draw((H, D)),
            "weight_hh_l0": draw((H, H)),
            "bias_ih_l0": draw(H),
            "bias_hh_l0": draw(H),
        }
        self.grads, self.training, self.x = {}, True, None

    def forward(self, x):
        if x.ndim != 3 or x.shape[2] != self.sizes[0]:
            raise ValueError(f"RNN with {self.sizes[0]} inputs: x is {x.shape}")
        W, U, b, c = self.params.values()
        self.x = x.copy()
        self.z = np.empty((*x.shape[:2], self.sizes[1]), np.result_type(x, W))
        self.h = np.zeros((len(x), x.shape[1] + 1, self.sizes[1]), self.z.dtype)
        for n, sequence in enumerate(self.x):
            for t, step in enumerate(sequence):
                self.z[n, t] = W @ step + b + U @ self.h[n, t] + c
                self.h[n, t + 1] = self.f(self.z[n, t])
        return self.h[:, 1:].copy()

    def backward(self, dout):
        if self.x is None:
            raise RuntimeError("RNN: backward needs a forward")
        if dout.shape != self.z.shape:
            raise ValueError(f"RNN: dout is {dout.shape}, y was {self.z.shape}")
        W, U, _, _ = self.params.values()
        grads = [np.zeros_like(p) for p in self.params.values()]
        dx = np.zeros_like(self.x)
        for n, sequence in enumerate(self.x):
            later = np.zeros_like(dout[0, 0])
            for t in range(len(sequence) - 1, -1, -1):
                dz = (dout[n, t] + later) * self.df(self.z[n, t])
                grads[0] += np.outer(dz, sequence[t])
                grads[1] += np.outer(dz, self.h[n, t])
                grads[2] += dz
                grads[3] += dz
                dx[n, t] = W.T @ dz
                later = U.T @ dz
        self.grads = dict(zip(self.params, grads, strict=True))
        return dx
