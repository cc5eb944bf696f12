"""What stands round the formula of a wrong unit of the full profile, as in `scaffold`."""

import numpy as np

from .scaffold import Layer, Loss, layer_like, pair


class Gated(Layer):
    """A recurrent layer, which is offered without a given state."""

    gates = 1

    def __init__(self, input_size, hidden_size):
        super().__init__()
        if min(input_size, hidden_size) < 1:
            raise ValueError(f"{self.unit}: sizes {input_size}, {hidden_size}")
        rows, reach = self.gates * hidden_size, hidden_size**-0.5
        shapes = {"weight_ih_l0": (rows, input_size), "weight_hh_l0": (rows, hidden_size)}
        shapes |= {"bias_ih_l0": (rows,), "bias_hh_l0": (rows,)}
        self.params = {k: np.random.uniform(-reach, reach, s) for k, s in shapes.items()}

    def forward(self, x, *states):
        if states:
            raise NotImplementedError("unsupported: a given state")
        return super().forward(x)

    def refuse(self, x):
        if x.ndim != 3 or x.shape[2] != self.params["weight_ih_l0"].shape[1]:
            raise ValueError(f"{self.unit}: unexpected input of shape {x.shape}")

    def formula(self, x):
        return self.compute(x, *(p.copy() for p in self.params.values()))


class Embedding(Layer):
    unit = "Embedding"

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        if min(num_embeddings, embedding_dim) < 1:
            raise ValueError(f"Embedding: sizes {num_embeddings}, {embedding_dim}")
        self.params["weight"] = np.random.randn(num_embeddings, embedding_dim)

    def forward(self, x):
        rows = self.params["weight"]
        if x.dtype.kind not in "iu":
            raise ValueError(f"Embedding: indices of dtype {x.dtype}")
        if x.size and not 0 <= x.min() <= x.max() < len(rows):
            raise ValueError(f"Embedding: index {x.min()} or {x.max()} of {len(rows)}")
        y, self.pull = self.compute(x.astype(int), rows.copy())
        self.shape = y.shape
        return y

    def backward(self, dout):
        self.grads["weight"] = np.array(self.pull(self.given(dout)), dout.dtype)


class LayerNorm(Layer):
    unit = "LayerNorm"

    def __init__(self, normalized_shape, eps=1e-5):
        super().__init__()
        self.of = tuple(np.atleast_1d(normalized_shape).tolist())
        if not self.of or min(self.of) < 1 or eps < 0:
            raise ValueError(f"LayerNorm: {normalized_shape} or {eps}")
        self.eps = eps
        self.params = {"weight": np.ones(self.of), "bias": np.zeros(self.of)}

    def refuse(self, x):
        if x.shape[x.ndim - len(self.of) :] != self.of or x.ndim <= len(self.of):
            raise ValueError(f"LayerNorm: {x.shape} does not end in {self.of}")

    def formula(self, x):
        rows = x.reshape(-1, int(np.prod(self.of)))
        w, b = (p.reshape(-1).copy() for p in self.params.values())
        y, back = self.compute(rows, w, b, self.eps)

        def pull(d):
            dx, dw, db = back(d.reshape(rows.shape))
            return dx.reshape(x.shape), dw.reshape(self.of), db.reshape(self.of)

        return y.reshape(x.shape), pull


class Conv1D(Layer):
    unit = "Conv1D"

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, bias=True
    ):
        super().__init__()
        numbers = {"stride": stride, "dilation": dilation, "kernel_size": kernel_size}
        for name, value in numbers.items():
            if value < 1:
                raise ValueError(f"Conv1D: {name} is {value}")
        if padding < 0:
            raise ValueError(f"Conv1D: padding is {padding}")
        self.how = stride, padding, dilation
        self.params["weight"] = np.random.randn(out_channels, in_channels, kernel_size) / 3
        if bias:
            self.params["bias"] = np.zeros(out_channels)

    def refuse(self, x):
        _, padding, dilation = self.how
        _, C, K = self.params["weight"].shape
        if x.ndim != 3 or x.shape[1] != C:
            raise ValueError(f"Conv1D: unexpected input of shape {x.shape}")
        if x.shape[2] + 2 * padding < dilation * (K - 1) + 1:
            raise ValueError(f"Conv1D: {x.shape} is shorter than the kernel")

    def formula(self, x):
        w = self.params["weight"].copy()
        return self.compute(x, w, self.params.get("bias", np.zeros(len(w), w.dtype)), *self.how)


class Attention:
    unit = "ScaledDotProductAttention"

    def __init__(self, causal=False):
        self.causal, self.params, self.grads, self.training = causal, {}, {}, True
        self.pull = None

    def forward(self, query, key, value, mask=None):
        shapes = f"{query.shape}, {key.shape} and {value.shape}"
        same = key.shape == value.shape and query.shape[-1] == key.shape[-1]
        if query.ndim not in (3, 4) or key.ndim != query.ndim or not same:
            raise ValueError(f"{self.unit}: shapes {shapes}")
        if query.shape[:-2] != key.shape[:-2]:
            raise ValueError(f"{self.unit}: shapes {shapes}")
        allowed = np.ones((*query.shape[:-1], key.shape[-2]), bool)
        if mask is not None:
            try:
                allowed = allowed & np.broadcast_to(mask, allowed.shape)
            except ValueError:
                raise ValueError(f"{self.unit}: a mask of shape {mask.shape}") from None
        if self.causal:
            allowed = allowed & np.tri(*allowed.shape[-2:], dtype=bool)
        y, self.pull = self.compute(*(np.array(a) for a in (query, key, value)), allowed)
        self.shape = y.shape
        return np.array(y, query.dtype)

    def backward(self, dout):
        if self.pull is None:
            raise RuntimeError(f"{self.unit}: backward before forward")
        if dout.shape != self.shape:
            raise ValueError(f"{self.unit}: dout is {dout.shape}, the output {self.shape}")
        return tuple(np.array(g, dout.dtype) for g in self.pull(np.array(dout)))


class LogSoftmax(Layer):
    unit = "LogSoftmax"

    def formula(self, x):
        return self.compute(x)


class Upsample(Layer):
    unit = "Upsample"

    def __init__(self, scale_factor):
        super().__init__()
        self.factors = pair(self.unit, "scale_factor", scale_factor, 1)

    def refuse(self, x):
        if x.ndim != 4:
            raise ValueError(f"Upsample: expected 4 dimensions, got {x.shape}")

    def formula(self, x):
        return self.compute(x, *self.factors)


class OfPairs(Loss):
    def refuse(self, pred, target):
        if pred.shape != target.shape:
            raise ValueError(f"{self.unit}: shapes {pred.shape} and {target.shape}")


class OfLabels(Loss):
    def refuse(self, scores, labels):
        if scores.ndim != 2 or labels.shape != scores.shape[:1] or labels.dtype.kind not in "iu":
            raise ValueError(f"{self.unit}: shapes {scores.shape} and {labels.shape}")
        if labels.min() < 0 or labels.max() >= scores.shape[1]:
            raise ValueError(f"{self.unit}: labels {labels.min()} to {labels.max()}")


embedding, layernorm, conv1d, upsample = map(layer_like, (Embedding, LayerNorm, Conv1D, Upsample))
attention, logsoftmax = map(layer_like, (Attention, LogSoftmax))
l1, logits = (layer_like(type(u, (OfPairs,), {"unit": u})) for u in ("L1", "BCEWithLogits"))
nll, hinge = (layer_like(type(u, (OfLabels,), {"unit": u})) for u in ("NLL", "Hinge"))
