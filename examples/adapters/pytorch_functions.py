"""PyTorch's functions, as the specification calls them; `pytorch` exports them."""

import numpy as np
import torch
from torch import nn


def with_gradients(grads):
    """Return tensors of whatever value whose gradients are some arrays, the arrays themselves."""
    tensors = [torch.zeros(g.shape, dtype=torch.float64) for g in grads.values()]
    for tensor, g in zip(tensors, grads.values(), strict=True):
        tensor.grad = torch.from_numpy(np.array(g, np.float64))
    return tensors


def write_back(tensors, grads):
    for tensor, g in zip(tensors, grads.values(), strict=True):
        g[...] = tensor.grad.numpy()


def clip_grad_norm(grads, max_norm):
    if max_norm < 0:
        raise ValueError(f"clip_grad_norm: max_norm={max_norm}")
    tensors = with_gradients(grads)
    norm = nn.utils.clip_grad_norm_(tensors, max_norm)
    write_back(tensors, grads)
    return float(norm)


def clip_grad_value(grads, clip_value):
    if clip_value < 0:
        raise ValueError(f"clip_grad_value: clip_value={clip_value}")
    tensors = with_gradients(grads)
    nn.utils.clip_grad_value_(tensors, clip_value)
    write_back(tensors, grads)


def one_hot(labels, num_classes):
    if min(labels) < 0 or max(labels) >= num_classes:
        raise ValueError(f"one_hot: {labels} are not all below {num_classes}")
    return nn.functional.one_hot(
        torch.tensor(labels.astype(np.int64, order="C", copy=True)), num_classes
    ).numpy()


def accuracy(scores, target):
    if len(scores) != len(target):
        raise ValueError(f"accuracy: {len(scores)} scores, {len(target)} targets")
    labels = target if target.ndim == 1 else target.argmax(1)
    labels = torch.tensor(labels.astype(np.int64, order="C", copy=True))
    return float((torch.tensor(scores.copy(order="C")).argmax(1) == labels).double().mean())


def numerical_gradient(f, x, eps=1e-5):
    """Take the differences that `torch.gradient` makes of three points on a line."""
    if eps <= 0:
        raise ValueError(f"numerical_gradient: eps={eps}")
    result = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        points = [np.array(x, np.float64) for _ in range(3)]
        for point, step in zip(points, (-eps, 0.0, eps), strict=True):
            point[place] += step
        values = torch.tensor([float(f(point)) for point in points], dtype=torch.float64)
        result[place] = torch.gradient(values, spacing=eps)[0][1]
    return result
