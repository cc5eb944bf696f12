"""The functions of the full profile by other formulas: one vector of everything, loops, masks."""

import math

import numpy as np

__all__ = ["clip_grad_norm", "clip_grad_value"]


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
