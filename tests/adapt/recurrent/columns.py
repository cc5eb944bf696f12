import numpy as np


def sigmoid(x):
    return 0.5 * (1 + np.tanh(0.5 * x))


class LSTM:
    """A gate each; one sequence at a time, a list of columns."""

    def __init__(self, input_size, hidden_size):
        self.hidden_size = hidden_size
        shape = (hidden_size, hidden_size + input_size)
        self.W_forget, self.W_input, self.W_cand, self.W_output = (
            np.random.randn(*shape) * 0.1 for _ in range(4)
        )
        self.b_forget, self.b_input, self.b_cand, self.b_output = (
            np.zeros((hidden_size, 1)) for _ in range(4)
        )

    def forward(self, xs):
        h, c = np.zeros((self.hidden_size, 1)), np.zeros((self.hidden_size, 1))
        self.seen, hs = [], []
        for x in xs:
            both = np.vstack([x, h])
            f = sigmoid(self.W_forget @ both + self.b_forget)
            i = sigmoid(self.W_input @ both + self.b_input)
            g = np.tanh(self.W_cand @ both + self.b_cand)
            o = sigmoid(self.W_output @ both + self.b_output)
            before, c = c, f * c + i * g
            h = o * np.tanh(c)
            self.seen.append((both, f, i, g, o, before, c))
            hs.append(h)
        return hs

    def backward(self, dhs):
        names = ("forget", "input", "cand", "output")
        grads = {f"{k}_{n}": np.zeros_like(getattr(self, f"{k}_{n}")) for k in "Wb" for n in names}
        dh_next, dc_next = 0, 0
        dxs = []
        for dh, (both, f, i, g, o, before, c) in zip(dhs[::-1], self.seen[::-1], strict=True):
            dh = dh + dh_next
            dc = dh * o * (1 - np.tanh(c) ** 2) + dc_next
            slopes = {
                "forget": dc * before * f * (1 - f),
                "input": dc * g * i * (1 - i),
                "cand": dc * i * (1 - g**2),
                "output": dh * np.tanh(c) * o * (1 - o),
            }
            dboth = 0
            for name, slope in slopes.items():
                grads[f"W_{name}"] += slope @ both.T
                grads[f"b_{name}"] += slope
                dboth = dboth + getattr(self, f"W_{name}").T @ slope
            size = len(both) - self.hidden_size
            dxs.append(dboth[:size])
            dh_next, dc_next = dboth[size:], dc * f
        return dxs[::-1], grads
