"""Functions as in Coursera's Deep Learning Specialization: channels last, samples in columns."""

import numpy as np


def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))


def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    f_H, f_W, _, n_C = W.shape
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    n_H = (n_H_prev - f_H + 2 * pad) // stride + 1
    n_W = (n_W_prev - f_W + 2 * pad) // stride + 1
    A_pad = zero_pad(A_prev, pad)
    Z = np.zeros((m, n_H, n_W, n_C), A_prev.dtype)
    for h, w in np.ndindex(n_H, n_W):
        part = A_pad[:, h * stride : h * stride + f_H, w * stride : w * stride + f_W]
        Z[:, h, w] = np.tensordot(part, W, 3) + b[0, 0, 0]
    return Z, (A_prev, W, b, hparameters)


def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    f_H, f_W = W.shape[:2]
    A_pad = zero_pad(A_prev, pad)
    dA_pad, dW = np.zeros_like(A_pad), np.zeros_like(W)
    for h, w in np.ndindex(dZ.shape[1:3]):
        place = (
            slice(None),
            slice(h * stride, h * stride + f_H),
            slice(w * stride, w * stride + f_W),
        )
        dA_pad[place] += np.tensordot(dZ[:, h, w], W, (1, 3))
        dW += np.tensordot(A_pad[place], dZ[:, h, w], (0, 0))
    _, n_H_prev, n_W_prev, _ = A_prev.shape
    dA_prev = dA_pad[:, pad : pad + n_H_prev, pad : pad + n_W_prev]
    return dA_prev, dW, dZ.sum(axis=(0, 1, 2)).reshape(b.shape)


def pool_forward(A_prev, hparameters, mode="max"):
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H, n_W = (n_H_prev - f) // stride + 1, (n_W_prev - f) // stride + 1
    A = np.zeros((m, n_H, n_W, n_C), A_prev.dtype)
    for h, w in np.ndindex(n_H, n_W):
        part = A_prev[:, h * stride : h * stride + f, w * stride : w * stride + f]
        A[:, h, w] = part.max(axis=(1, 2)) if mode == "max" else part.mean(axis=(1, 2))
    return A, (A_prev, hparameters)


def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros_like(A_prev)
    for i, h, w, c in np.ndindex(dA.shape):
        place = i, slice(h * stride, h * stride + f), slice(w * stride, w * stride + f), c
        if mode == "max":
            row, column = divmod(A_prev[place].argmax(), f)
            dA_prev[i, h * stride + row, w * stride + column, c] += dA[i, h, w, c]
        else:
            dA_prev[place] += dA[i, h, w, c] / f**2
    return dA_prev


def linear_forward(A, W, b):
    return W @ A + b, (A, W, b)


def linear_backward(dZ, cache):
    A_prev, W, _ = cache
    m = A_prev.shape[1]
    return W.T @ dZ, dZ @ A_prev.T / m, dZ.sum(axis=1, keepdims=True) / m


def relu(Z):
    return np.maximum(Z, 0), Z


def relu_backward(dA, cache):
    return np.where(cache > 0, dA, 0)


def update_parameters(parameters, grads, learning_rate):
    return {name: parameters[name] - learning_rate * grads["d" + name] for name in parameters}


def initialize_velocity(parameters):
    return {"d" + name: np.zeros_like(value) for name, value in parameters.items()}


def update_parameters_with_momentum(parameters, grads, v, beta, learning_rate):
    v = {name: beta * v[name] + (1 - beta) * grads[name] for name in grads}
    return {n: parameters[n] - learning_rate * v["d" + n] for n in parameters}, v


def initialize_adam(parameters):
    return initialize_velocity(parameters), initialize_velocity(parameters)


def update_parameters_with_adam(
    parameters, grads, v, s, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8
):
    v = {name: beta1 * v[name] + (1 - beta1) * grads[name] for name in grads}
    s = {name: beta2 * s[name] + (1 - beta2) * grads[name] ** 2 for name in grads}
    new = {}
    for name, value in parameters.items():
        first, second = v["d" + name] / (1 - beta1**t), s["d" + name] / (1 - beta2**t)
        new[name] = value - learning_rate * first / (np.sqrt(second) + epsilon)
    return new, v, s
