"""A recurrent layer with one matrix for [x, h, 1, 1]; `params` and `grads` are views of its parts.

Both dicts are made anew whenever they are asked for: what is put into them is not kept, and what is
written into their arrays is.
"""

import numpy as np

__all__ = ["RNN"]


class RNN:
    tape = None

    def __init__(self, input_size, hidden_size, nonlinearity="tanh"):
        if input_size < 1 or hidden_size < 1:
            raise ValueError(f"RNN from {input_size} to {hidden_size}")
        self.D, self.H, self.relu = input_size, hidden_size, nonlinearity == "relu"
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNN: no nonlinearity {nonlinearity}")
        reach = hidden_size**-0.5
        self.matrix = np.random.uniform(-reach, reach, (hidden_size, input_size + hidden_size + 2))
        self.slopes = None
        self.training = True

    def parts(self, matrix):
        D, H = self.D, self.H
        return {
            "weight_ih_l0": matrix[:, :D],
            "weight_hh_l0": matrix[:, D : D + H],
            "bias_ih_l0": matrix[:, -2],
            "bias_hh_l0": matrix[:, -1],
        }

    @property
    def params(self):
        return self.parts(self.matrix)

    @property
    def grads(self):
        return {} if self.slopes is None else self.parts(self.slopes)

    def forward(self, x):
        if x.ndim != 3 or x.shape[2] != self.D:
            raise ValueError(f"RNN from {self.D}: x has the shape {x.shape}")
        N, T, _ = x.shape
        matrix = self.matrix.astype(x.dtype)
        h, self.tape = np.zeros((N, self.H), x.dtype), []
        for t in range(T):
            z = np.concatenate([x[:, t], h, np.ones((N, 2), x.dtype)], axis=1)  # (N, D+H+2)
            h = z @ matrix.T
            h = h.clip(min=0) if self.relu else np.tanh(h)
            self.tape.append((z, h))
        return np.stack([h for _, h in self.tape], axis=1)

    def backward(self, dout):
        if self.tape is None:
            raise RuntimeError("RNN.backward before RNN.forward")
        shape = (len(self.tape[0][1]), len(self.tape), self.H)
        if dout.shape != shape:
            raise ValueError(f"RNN: dout has the shape {dout.shape}, y had {shape}")
        matrix = self.matrix.astype(dout.dtype)
        self.slopes = np.zeros_like(matrix)
        dh, dx = 0, []
        for t, (z, h) in reversed(list(enumerate(self.tape))):
            dz = (dout[:, t] + dh) * ((h > 0) if self.relu else 1 - h * h)
            self.slopes += dz.T @ z
            back = dz @ matrix
            dx.append(back[:, : self.D])
            dh = back[:, self.D : -2]
        return np.stack(dx[::-1], axis=1)
