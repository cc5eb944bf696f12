"""The functions of the full profile by other formulas: one vector of everything, loops, masks."""

import math

import numpy as np

__all__ = ["accuracy", "clip_grad_norm", "clip_grad_value", "numerical_gradient", "one_hot"]


def clip_grad_norm(grads, max_norm):
    if max_norm < 0:
        raise ValueError(f"clip_grad_norm needs a limit of 0 or more, not {max_norm}")
    everything = np.concatenate([array.ravel() for array in grads.values()])
    norm = np.linalg.norm(everything.astype(np.float64))
    if norm > max_norm:
        for name in grads:
            np.divide(grads[name], (norm + 1e-6) / max_norm, out=grads[name], casting="same_kind")
    return norm


def clip_grad_value(grads, clip_value):
    if clip_value < 0:
        raise ValueError(f"clip_grad_value needs a limit of 0 or more, not {clip_value}")
    for array in grads.values():
        beyond = np.abs(array) > clip_value
        array[beyond] = math.copysign(clip_value, 1) * np.sign(array[beyond])
    return grads


def one_hot(labels, num_classes):
    wrong = [label for label in labels.tolist() if not 0 <= label < num_classes]
    if wrong:
        raise ValueError(f"one_hot: {wrong[0]} is none of {num_classes} classes")
    return labels[:, None] == np.arange(num_classes)


def accuracy(scores, target):
    if len(scores) != len(target):
        raise ValueError(f"accuracy of {len(scores)} rows with {len(target)} targets")
    right = 0
    for row, label in zip(scores.tolist(), target.tolist(), strict=True):
        label = label.index(max(label)) if isinstance(label, list) else label
        right += all(row[label] > other for k, other in enumerate(row) if k != label)
    return right / len(scores)


def numerical_gradient(f, x, eps=1e-5):
    if eps <= 0:
        raise ValueError(f"numerical_gradient takes no step of {eps}")
    steps = eps * np.eye(x.size).reshape(x.size, *x.shape)
    around = [[np.float64(f(x + sign * step)) for sign in (1, -1)] for step in steps]
    return np.array([(above - below) / eps / 2 for above, below in around]).reshape(x.shape)
