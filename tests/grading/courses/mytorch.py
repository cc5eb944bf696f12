"""What examples/styles/mytorch.py does not have of what 11-785 asks for."""

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class Sigmoid:
    def forward(self, Z):
        e = np.exp(-np.abs(Z))
        self.A = np.where(Z >= 0, 1, e) / (1 + e)
        return self.A.copy()

    def backward(self, dLdA):
        return dLdA * self.A * (1 - self.A)


class Softmax:
    def forward(self, Z):
        e = np.exp(Z - Z.max(axis=1, keepdims=True))
        self.A = e / e.sum(axis=1, keepdims=True)
        return self.A.copy()

    def backward(self, dLdA):
        return self.A * (dLdA - (dLdA * self.A).sum(axis=1, keepdims=True))


class MeanPool2d:
    def __init__(self, kernel, stride):
        self.kernel, self.stride = kernel, stride

    def forward(self, A):
        self.A = A
        windows = sliding_window_view(A, (self.kernel, self.kernel), (2, 3))
        return windows[:, :, :: self.stride, :: self.stride].mean(axis=(4, 5))

    def backward(self, dLdZ):
        dLdA = np.zeros_like(self.A)
        for i, j in np.ndindex(dLdZ.shape[2:]):
            rows, columns = i * self.stride, j * self.stride
            part = dLdA[:, :, rows : rows + self.kernel, columns : columns + self.kernel]
            part += dLdZ[:, :, i : i + 1, j : j + 1] / self.kernel**2
        return dLdA


class Identity:
    def forward(self, Z):
        self.A = Z
        return Z.copy()

    def backward(self, dLdA):
        return dLdA.copy()


class GELU:
    def forward(self, Z):
        self.Z = Z
        self.phi = 0.5 * (1 + np.vectorize(math.erf, otypes=[float])(Z / math.sqrt(2)))
        self.phi = self.phi.astype(Z.dtype)
        return Z * self.phi

    def backward(self, dLdA):
        density = np.exp(-(self.Z**2) / 2) / math.sqrt(2 * math.pi)
        return dLdA * (self.phi + self.Z * density)


class BatchNorm1d:
    def __init__(self, num_features, alpha=0.9):
        self.alpha, self.eps = alpha, 1e-8
        self.BW, self.Bb = np.ones((1, num_features)), np.zeros((1, num_features))
        self.running_M, self.running_V = np.zeros((1, num_features)), np.ones((1, num_features))

    def forward(self, Z, eval=False):
        if eval:
            return self.BW * (Z - self.running_M) / np.sqrt(self.running_V + self.eps) + self.Bb
        centred = Z - Z.mean(axis=0)
        V = (centred**2).mean(axis=0)
        self.scale = np.sqrt(V + self.eps)
        self.NZ = centred / self.scale
        self.running_M = self.alpha * self.running_M + (1 - self.alpha) * Z.mean(axis=0)
        self.running_V = self.alpha * self.running_V + (1 - self.alpha) * V
        return self.BW * self.NZ + self.Bb

    def backward(self, dLdBZ):
        self.dLdBW = (dLdBZ * self.NZ).sum(axis=0, keepdims=True)
        self.dLdBb = dLdBZ.sum(axis=0, keepdims=True)
        d = dLdBZ * self.BW
        return (d - d.mean(axis=0) - self.NZ * (d * self.NZ).mean(axis=0)) / self.scale


class Conv1d_stride1:  # noqa: N801
    def __init__(self, in_channels, out_channels, kernel_size):
        self.W = np.random.standard_normal((out_channels, in_channels, kernel_size))
        self.b = np.zeros(out_channels)

    def forward(self, A):
        self.A = A
        windows = sliding_window_view(A, self.W.shape[2], 2)
        return np.einsum("nciu,kcu->nki", windows, self.W) + self.b[:, None]

    def backward(self, dLdZ):
        windows = sliding_window_view(self.A, dLdZ.shape[2], 2)
        self.dLdW = np.einsum("ncui,nki->kcu", windows, dLdZ)
        self.dLdb = dLdZ.sum(axis=(0, 2))
        size = self.W.shape[2] - 1
        windows = sliding_window_view(np.pad(dLdZ, ((0, 0), (0, 0), (size, size))), size + 1, 2)
        return np.einsum("nkiu,kcu->nci", windows, self.W[:, :, ::-1])


class Conv1d:
    def __init__(self, in_channels, out_channels, kernel_size, stride, padding=0):
        self.conv1d_stride1 = Conv1d_stride1(in_channels, out_channels, kernel_size)
        self.stride, self.pad = stride, padding

    def forward(self, A):
        self.length = A.shape[2]
        Z = self.conv1d_stride1.forward(np.pad(A, ((0, 0), (0, 0), (self.pad, self.pad))))
        self.shape = Z.shape
        return Z[:, :, :: self.stride].copy()

    def backward(self, dLdZ):
        spread = np.zeros(self.shape, dLdZ.dtype)
        spread[:, :, :: self.stride] = dLdZ
        dLdA = self.conv1d_stride1.backward(spread)
        return dLdA[:, :, self.pad : self.pad + self.length]
