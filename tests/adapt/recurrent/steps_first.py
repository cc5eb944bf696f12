import numpy as np


def sigmoid(x):
    return 0.5 * (1 + np.tanh(0.5 * x))


class GRU:
    def __init__(self, input_dim, units):
        self.units = units
        self.params = {
            "kernel": np.random.randn(input_dim, 3 * units) * 0.1,
            "recurrent_kernel": np.random.randn(units, 3 * units) * 0.1,
            "input_bias": np.zeros(3 * units),
            "recurrent_bias": np.zeros(3 * units),
        }
        self.grads = {}

    def forward(self, x, h0=None):
        """x is (time, batch, features)."""
        h = np.zeros((x.shape[1], self.units)) if h0 is None else h0
        self.x, self.tape, out = x, [], []
        for xt in x:
            zx, rx, nx = np.split(xt @ self.params["kernel"] + self.params["input_bias"], 3, axis=1)
            zh, rh, nh = np.split(
                h @ self.params["recurrent_kernel"] + self.params["recurrent_bias"], 3, axis=1
            )
            z, r = sigmoid(zx + zh), sigmoid(rx + rh)
            n = np.tanh(nx + r * nh)
            self.tape.append((h, z, r, n, nh))
            h = (1 - z) * n + z * h
            out.append(h)
        return np.stack(out), h

    def backward(self, dout):
        self.grads = {name: np.zeros_like(p) for name, p in self.params.items()}
        dx, dnext = np.zeros_like(self.x), 0
        for t in range(len(dout) - 1, -1, -1):
            h, z, r, n, nh = self.tape[t]
            dh = dout[t] + dnext
            dn = dh * (1 - z) * (1 - n**2)
            dz = dh * (h - n) * z * (1 - z)
            dr = dn * nh * r * (1 - r)
            left = np.concatenate([dz, dr, dn], axis=1)
            right = np.concatenate([dz, dr, dn * r], axis=1)
            self.grads["kernel"] += self.x[t].T @ left
            self.grads["input_bias"] += left.sum(0)
            self.grads["recurrent_kernel"] += h.T @ right
            self.grads["recurrent_bias"] += right.sum(0)
            dx[t] = left @ self.params["kernel"].T
            dnext = dh * z + right @ self.params["recurrent_kernel"].T
        return dx
