"""Units of sequences by other formulas: products with one-hot rows, loops over queries."""

import numpy as np

__all__ = [
    "Embedding",
    "MultiHeadAttention",
    "ScaledDotProductAttention",
    "SoftmaxCrossEntropy",
]


class Unit:
    """What they have in common; `seen` is the shape of the latest output."""

    def __init__(self):
        self.params, self.grads = {}, {}
        self.training, self.seen = True, None

    @property
    def name(self):
        return type(self).__name__

    def check(self, dout):
        if self.seen is None:
            raise RuntimeError(f"{self.name}.backward before {self.name}.forward")
        if dout.shape != self.seen:
            raise ValueError(f"{self.name}: dout {dout.shape} for an output {self.seen}")


class Embedding(Unit):
    """By the product of one-hot rows with the weight; backward returns nothing."""

    def __init__(self, num_embeddings, embedding_dim):
        super().__init__()
        self.shape = num_embeddings, embedding_dim
        if min(self.shape) < 1:
            raise ValueError(f"Embedding: a weight of shape {self.shape}")
        self.params["weight"] = np.random.default_rng().standard_normal(self.shape)

    def forward(self, x):
        wrong = [i for i in x.ravel().tolist() if not 0 <= i < self.shape[0]]
        if wrong:
            raise ValueError(f"Embedding of {self.shape[0]} rows: no index {wrong[0]}")
        weight = self.params["weight"]
        self.one_hot = np.equal.outer(x, np.arange(self.shape[0])).astype(weight.dtype)
        self.seen = (*x.shape, self.shape[1])
        return self.one_hot @ weight

    def backward(self, dout):
        self.check(dout)
        flat = self.one_hot.reshape(-1, self.shape[0])
        self.grads["weight"] = flat.T @ dout.reshape(-1, self.shape[1])


class ScaledDotProductAttention(Unit):
    """Query by query, with the Jacobian matrix of each softmax."""

    def __init__(self, causal=False):
        super().__init__()
        self.causal = causal

    def forward(self, query, key, value, mask=None):
        shapes = [np.shape(each) for each in (query, key, value)]
        *lead, T, D = query.shape
        S = key.shape[-2]
        expected = [(*lead, T, D), (*lead, S, D), (*lead, S, D)]
        if len(lead) not in (1, 2) or shapes != expected:
            raise ValueError(f"{self.name} of {shapes}")
        scores = (*lead, T, S)
        try:
            allowed = np.broadcast_to(True if mask is None else mask, scores).copy()
        except ValueError:
            raise ValueError(f"{self.name}: mask {mask.shape} for scores {scores}") from None
        self.given, self.seen = (query.copy(), key.copy(), value.copy()), query.shape
        self.rows = {}
        y = np.empty_like(query, order="C")
        for at in np.ndindex(*lead, T):
            may = allowed[at]
            if self.causal:
                may[at[-1] + 1 :] = False
            logits = key[at[:-1]][may] @ query[at] * D**-0.5
            odds = np.exp(logits - logits.max())
            p = odds / odds.sum()
            self.rows[at] = may, p
            y[at] = p @ value[at[:-1]][may]
        return y

    def backward(self, dout):
        self.check(dout)
        query, key, value = self.given
        dquery, dkey, dvalue = (np.zeros(each.shape, dout.dtype) for each in self.given)
        for at, (may, p) in self.rows.items():
            n = at[:-1]
            jacobian = np.diag(p) - np.outer(p, p)
            dlogits = jacobian @ (value[n][may] @ dout[at]) * query.shape[-1] ** -0.5
            dquery[at] = dlogits @ key[n][may]
            dkey[n][may] += np.outer(dlogits, query[at])
            dvalue[n][may] += np.outer(p, dout[at])
        return [dquery, dkey, dvalue]


class MultiHeadAttention(Unit):
    """Head by head, each with its own rows of the weights; with einsum throughout."""

    def __init__(self, embed_dim, num_heads, bias=True, causal=False):
        super().__init__()
        if num_heads < 1 or embed_dim % num_heads:
            raise ValueError(f"{self.name}: {embed_dim} features for {num_heads} heads")
        self.sizes, self.causal = (embed_dim, num_heads, embed_dim // num_heads), causal
        shapes = {"in_proj_weight": (3 * embed_dim, embed_dim), "in_proj_bias": (3 * embed_dim,)}
        shapes |= {"out_proj.weight": (embed_dim, embed_dim), "out_proj.bias": (embed_dim,)}
        draw = np.random.default_rng().standard_normal
        self.params = {n: draw(s) for n, s in shapes.items() if bias or not n.endswith("bias")}

    def forward(self, x):
        E, H, D = self.sizes
        if x.ndim != 3 or x.shape[2] != E:
            raise ValueError(f"{self.name} of {E} features: x has shape {x.shape}")
        self.x, self.seen, self.heads = x.copy(), x.shape, []
        weight, bias = self.params["in_proj_weight"], self.params.get("in_proj_bias")
        out = self.params["out_proj.weight"]
        y = np.zeros(x.shape, x.dtype)
        for h in range(H):
            rows = [slice(i * E + h * D, i * E + (h + 1) * D) for i in range(3)]
            q, k, v = (np.einsum("nte,de->ntd", x, weight[r]) for r in rows)
            if bias is not None:
                q, k, v = (each + bias[r] for each, r in zip((q, k, v), rows, strict=True))
            attention = ScaledDotProductAttention(self.causal)
            head = attention.forward(q, k, v)
            self.heads.append((rows, attention, head))
            y += np.einsum("ntd,ed->nte", head, out[:, h * D : (h + 1) * D])
        return y + self.params["out_proj.bias"] if bias is not None else y

    def backward(self, dout):
        self.check(dout)
        D, dx = self.sizes[2], np.zeros(self.x.shape, dout.dtype)
        self.grads = {name: np.zeros(p.shape, dout.dtype) for name, p in self.params.items()}
        for h, (rows, attention, head) in enumerate(self.heads):
            mine = slice(h * D, (h + 1) * D)
            self.grads["out_proj.weight"][:, mine] = np.einsum("nte,ntd->ed", dout, head)
            dhead = np.einsum("nte,ed->ntd", dout, self.params["out_proj.weight"][:, mine])
            for r, each in zip(rows, attention.backward(dhead), strict=True):
                dx += np.einsum("ntd,de->nte", each, self.params["in_proj_weight"][r])
                self.grads["in_proj_weight"][r] = np.einsum("ntd,nte->de", each, self.x)
                if "in_proj_bias" in self.grads:
                    self.grads["in_proj_bias"][r] = each.sum((0, 1))
        if "out_proj.bias" in self.grads:
            self.grads["out_proj.bias"] = dout.sum((0, 1))
        return dx


class SoftmaxCrossEntropy:
    """Place by place, with a weight for each: 0 where a label does not count."""

    gradient = None

    def __init__(self, reduction="mean", ignore_index=None):
        self.reduction, self.ignored = reduction, ignore_index

    def forward(self, logits, target):
        K = logits.shape[-1]
        shapes = f"{type(self).__name__}: logits {logits.shape}, target {target.shape}"
        rows = target.shape == logits.shape and logits.ndim == 2
        if logits.ndim not in (2, 3) or not (rows or target.shape == logits.shape[:-1]):
            raise ValueError(shapes)
        self.gradient, loss, count = np.zeros_like(logits, order="C"), 0.0, 0
        for at in np.ndindex(logits.shape[:-1]):
            label = target[at]
            if not rows and label == self.ignored:
                continue
            if not rows and not 0 <= label < K:
                raise ValueError(f"{shapes}: no class {label}")
            t = label if rows else np.eye(K)[label]
            z = logits[at] - logits[at].max()
            log_sum = np.log(np.exp(z).sum())
            loss += float(sum(p * (log_sum - each) for p, each in zip(t, z, strict=True) if p))
            self.gradient[at] = np.exp(z - log_sum) * t.sum() - t
            count += 1
        if self.reduction == "sum":
            return loss
        self.gradient /= count
        return loss / count

    def backward(self):
        if self.gradient is None:
            raise RuntimeError(f"{type(self).__name__} has seen nothing yet")
        return self.gradient.copy()
