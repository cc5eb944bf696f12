"""What 10-714 asks for: tensors, modules with arrays of tensors, and an optimizer of tensors."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class Tensor:
    def __init__(self, data, parents=(), pull=None):
        self.data, self.grad = np.asarray(data), None
        self.parents, self.pull = parents, pull

    def backward(self, out_grad=None):
        order, seen = [], set()

        def visit(tensor):
            if tensor not in seen:
                seen.add(tensor)
                for parent in tensor.parents:
                    visit(parent)
                order.append(tensor)

        visit(self)
        self.grad = Tensor(np.ones_like(self.data) if out_grad is None else out_grad.data)
        for tensor in reversed(order):
            if tensor.pull is not None:
                parts = tensor.pull(tensor.grad.data)
                for parent, part in zip(tensor.parents, parts, strict=True):
                    before = 0 if parent.grad is None else parent.grad.data
                    parent.grad = Tensor(before + part)


class Linear:
    def __init__(self, in_features, out_features, bias=True):
        self.weight = Tensor(np.random.standard_normal((in_features, out_features)))
        if bias:
            self.bias = Tensor(np.zeros((1, out_features)))

    def __call__(self, x):
        w = self.weight
        if not hasattr(self, "bias"):
            return Tensor(x.data @ w.data, (x, w), lambda d: (d @ w.data.T, x.data.T @ d))

        def pull(d):
            return d @ w.data.T, x.data.T @ d, d.sum(axis=0, keepdims=True)

        return Tensor(x.data @ w.data + self.bias.data, (x, w, self.bias), pull)


class ReLU:
    def __call__(self, x):
        mask = x.data > 0
        return Tensor(x.data * mask, (x,), lambda d: (d * mask,))


class Tanh:
    def __call__(self, x):
        y = np.tanh(x.data)
        return Tensor(y, (x,), lambda d: (d * (1 - y**2),))


class Sigmoid:
    def __call__(self, x):
        e = np.exp(-np.abs(x.data))
        y = np.where(x.data >= 0, 1, e) / (1 + e)
        return Tensor(y, (x,), lambda d: (d * y * (1 - y),))


class Flatten:
    def __call__(self, x):
        shape = x.data.shape
        return Tensor(x.data.reshape(shape[0], -1), (x,), lambda d: (d.reshape(shape),))


class SoftmaxLoss:
    def __call__(self, logits, y):
        rows = np.arange(len(logits.data))
        shifted = logits.data - logits.data.max(axis=1, keepdims=True)
        log_softmax = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))

        def pull(d):
            dx = np.exp(log_softmax)
            dx[rows, y.data] -= 1
            return (d * dx / len(dx),)

        return Tensor(-log_softmax[rows, y.data].mean(), (logits,), pull)


class Conv:
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        self.stride, self.padding = stride, padding
        size = kernel_size, kernel_size, in_channels, out_channels
        self.weight = Tensor(np.random.standard_normal(size))
        if bias:
            self.bias = Tensor(np.zeros(out_channels))

    def __call__(self, x):
        p, s, w = self.padding, self.stride, self.weight.data
        xp = np.pad(x.data, ((0, 0), (0, 0), (p, p), (p, p)))
        windows = sliding_window_view(xp, w.shape[:2], (2, 3))[:, :, ::s, ::s]
        y = np.einsum("ncijuv,uvck->nkij", windows, w)

        def pull(d):
            dxp = np.zeros_like(xp)
            for i, j in np.ndindex(d.shape[2:]):
                part = dxp[:, :, i * s : i * s + w.shape[0], j * s : j * s + w.shape[1]]
                part += np.einsum("nk,uvck->ncuv", d[:, :, i, j], w)
            dx = dxp[:, :, p : p + x.data.shape[2], p : p + x.data.shape[3]]
            dw = np.einsum("ncijuv,nkij->uvck", windows, d)
            return (dx, dw, d.sum(axis=(0, 2, 3)))[: 2 + hasattr(self, "bias")]

        if not hasattr(self, "bias"):
            return Tensor(y, (x, self.weight), pull)
        return Tensor(y + self.bias.data[:, None, None], (x, self.weight, self.bias), pull)


def normalized(x, axis, eps):
    """Return x with mean 0 and variance 1 along an axis, its scale, and the pull of that."""
    centred = x - x.mean(axis=axis, keepdims=True)
    scale = np.sqrt((centred**2).mean(axis=axis, keepdims=True) + eps)
    n = centred / scale

    def pull(d):
        overlap = (d * n).mean(axis=axis, keepdims=True)
        return (d - d.mean(axis=axis, keepdims=True) - n * overlap) / scale

    return n, pull


class LayerNorm1d:
    def __init__(self, dim, eps=1e-5):
        self.eps = eps
        self.weight, self.bias = Tensor(np.ones(dim)), Tensor(np.zeros(dim))

    def __call__(self, x):
        n, back = normalized(x.data, 1, self.eps)
        w, b = self.weight, self.bias

        def pull(d):
            return back(d * w.data), (d * n).sum(axis=0), d.sum(axis=0)

        return Tensor(n * w.data + b.data, (x, w, b), pull)


class BatchNorm1d:
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.weight, self.bias = Tensor(np.ones(dim)), Tensor(np.zeros(dim))
        self.running_mean, self.running_var = Tensor(np.zeros(dim)), Tensor(np.ones(dim))

    def __call__(self, x):
        w, b, m = self.weight, self.bias, self.momentum
        if self.training:
            n, back = normalized(x.data, 0, self.eps)
            mean, var = x.data.mean(axis=0), x.data.var(axis=0)
            self.running_mean = Tensor((1 - m) * self.running_mean.data + m * mean)
            self.running_var = Tensor((1 - m) * self.running_var.data + m * var)
        else:
            scale = np.sqrt(self.running_var.data + self.eps)
            n, back = (x.data - self.running_mean.data) / scale, lambda d: d / scale
        n = n.astype(x.data.dtype)

        def pull(d):
            return back(d * w.data), (d * n).sum(axis=0), d.sum(axis=0)

        return Tensor(n * w.data + b.data, (x, w, b), pull)


class BatchNorm2d(BatchNorm1d):
    def __call__(self, x):
        N, C, H, W = x.data.shape
        rows = Tensor(
            x.data.transpose(0, 2, 3, 1).reshape(-1, C),
            (x,),
            lambda d: (d.reshape(N, H, W, C).transpose(0, 3, 1, 2),),
        )
        y = super().__call__(rows)
        return Tensor(
            y.data.reshape(N, H, W, C).transpose(0, 3, 1, 2),
            (y,),
            lambda d: (d.transpose(0, 2, 3, 1).reshape(-1, C),),
        )


class Dropout:
    def __init__(self, p=0.5):
        self.p, self.training = p, True

    def __call__(self, x):
        if not self.training:
            return Tensor(x.data, (x,), lambda d: (d,))
        mask = ((np.random.random(x.data.shape) >= self.p) / (1 - self.p)).astype(x.data.dtype)
        return Tensor(x.data * mask, (x,), lambda d: (d * mask,))


class Embedding:
    def __init__(self, num_embeddings, embedding_dim):
        self.weight = Tensor(np.random.standard_normal((num_embeddings, embedding_dim)))

    def __call__(self, x):
        at = x.data.astype(int)

        def pull(d):
            dweight = np.zeros_like(self.weight.data)
            np.add.at(dweight, at, d)
            return (dweight,)

        return Tensor(self.weight.data[at], (self.weight,), pull)


class Cell:
    def __init__(self, features, hidden, gates):
        self.W_ih = Tensor(np.random.uniform(-1, 1, (features, gates * hidden)))
        self.W_hh = Tensor(np.random.uniform(-1, 1, (hidden, gates * hidden)))
        self.bias_ih, self.bias_hh = (Tensor(np.zeros(gates * hidden)) for _ in range(2))

    def parameters(self):
        return self.W_ih, self.W_hh, self.bias_ih, self.bias_hh


class Unrolled:
    """Goes through x (T, N, D) with the only cell; returns all states and the last one."""

    def __call__(self, x, h0=None):
        W, U, a, b = (p.data for p in self.cells[0].parameters())
        T, N = x.data.shape[:2]
        before, steps, hs = self.start(N, len(U), x.data.dtype), [], []
        for t in range(T):
            z = x.data[t] @ W + before[0] @ U + a + b
            after, back = self.step(z, before)
            steps.append((before[0], back))
            hs.append(after[0])
            before = after

        def pull(d):
            dx, dW, dU, db = (np.zeros_like(p) for p in (x.data, W, U, a))
            later = [0] * len(before)
            for t in reversed(range(T)):
                h, back = steps[t]
                dz, later = back([d[t] + later[0], *later[1:]])
                dx[t] = dz @ W.T
                dW += x.data[t].T @ dz
                dU += h.T @ dz
                db += dz.sum(axis=0)
                later = [dz @ U.T, *later]
            return dx, dW, dU, db, db

        return Tensor(np.stack(hs), (x, *self.cells[0].parameters()), pull), Tensor(hs[-1])


class RNN(Unrolled):
    def __init__(self, input_size, hidden_size, num_layers=1, nonlinearity="tanh"):
        self.cells, self.relu = [Cell(input_size, hidden_size, 1)], nonlinearity == "relu"

    def start(self, N, H, dtype):
        return [np.zeros((N, H), dtype)]

    def step(self, z, before):
        h = np.maximum(z, 0) if self.relu else np.tanh(z)
        slope = h > 0 if self.relu else 1 - h**2
        return [h], lambda d: (d[0] * slope, [])


class LSTM(Unrolled):
    def __init__(self, input_size, hidden_size, num_layers=1):
        self.cells = [Cell(input_size, hidden_size, 4)]

    def start(self, N, H, dtype):
        return [np.zeros((N, H), dtype), np.zeros((N, H), dtype)]

    def step(self, z, before):
        i, f, g, o = np.split(z, 4, axis=1)
        i, f, o = (0.5 + 0.5 * np.tanh(gate / 2) for gate in (i, f, o))
        g, old = np.tanh(g), before[1]
        c = f * old + i * g
        tanh_c = np.tanh(c)

        def back(d):
            dh, dc = d
            dc = dc + dh * o * (1 - tanh_c**2)
            parts = dc * g * i * (1 - i), dc * old * f * (1 - f), dc * i * (1 - g**2)
            return np.hstack([*parts, dh * tanh_c * o * (1 - o)]), [dc * f]

        return [o * tanh_c, c], back


class Adam:
    def __init__(self, params, lr=0.01, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0):
        self.params, self.lr, self.beta1, self.beta2 = params, lr, beta1, beta2
        self.eps, self.weight_decay, self.t, self.m, self.v = eps, weight_decay, 0, {}, {}

    def step(self):
        self.t += 1
        for p in self.params:
            grad = p.grad.data + self.weight_decay * p.data
            m = self.m[p] = self.beta1 * self.m.get(p, 0) + (1 - self.beta1) * grad
            v = self.v[p] = self.beta2 * self.v.get(p, 0) + (1 - self.beta2) * grad**2
            m, v = m / (1 - self.beta1**self.t), v / (1 - self.beta2**self.t)
            p.data = p.data - self.lr * m / (np.sqrt(v) + self.eps)


class SGD:
    def __init__(self, params, lr=0.01, momentum=0.0, weight_decay=0.0):
        self.params, self.lr, self.momentum = params, lr, momentum
        self.weight_decay, self.u = weight_decay, {}

    def step(self):
        for p in self.params:
            grad = p.grad.data + self.weight_decay * p.data
            self.u[p] = self.momentum * self.u.get(p, 0) + grad
            p.data = p.data - self.lr * self.u[p]
