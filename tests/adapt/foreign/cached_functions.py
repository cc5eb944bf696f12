"""Functions that return what backward needs."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def conv_fwd(inp, kernels, biases, stride=1, pad=0):
    padded = np.pad(inp, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = sliding_window_view(padded, kernels.shape[2:], axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    out = np.einsum("ncijuv,kcuv->nkij", windows, kernels) + biases.reshape(1, -1, 1, 1)
    return out, (inp, kernels, windows, stride, pad)


def conv_bwd(upstream, memo):
    inp, kernels, windows, stride, pad = memo
    rows, columns = kernels.shape[2:]
    shape = *inp.shape[:2], inp.shape[2] + 2 * pad, inp.shape[3] + 2 * pad
    d_inp = np.zeros(shape, inp.dtype)
    for i, j in np.ndindex(*upstream.shape[2:]):
        top, left = i * stride, j * stride
        d_inp[:, :, top : top + rows, left : left + columns] += np.einsum(
            "nk,kcuv->ncuv", upstream[:, :, i, j], kernels
        )
    d_kernels = np.einsum("nkij,ncijuv->kcuv", upstream, windows)
    d_biases = upstream.sum(axis=(0, 2, 3))
    d_inp = d_inp[:, :, pad : shape[2] - pad, pad : shape[3] - pad]
    return d_inp, d_kernels, d_biases
