"""What no implementation in numpy gets around; results are written into memory that is there.

Convolution
    Forward is one GEMM of the weights (K, C*KH*KW) and the columns (C*KH*KW, N*OH*OW); backward is
    two: dout (K, N*OH*OW) by the transposed columns, and the transposed weights by dout. Neither
    making columns, nor adding them back into an image, nor the bias is counted.
Training step
    The GEMMs of all its layers: one forward and two backward for each convolution (the first one's
    gradient of the images too) and for each dense layer. Pooling, ReLU, loss and optimizer are not
    counted.
LSTM, attention
    Their GEMMs: for a sequence (N, T, D), those of the inputs for all steps at once, those of the
    state step by step; in attention, those of the projections, and of each head. Neither sigmoid,
    tanh nor softmax is counted.
Normalization
    Copying as many bytes as must be touched: forward reads x and writes y; backward reads x and
    dout and writes dx.
Max pooling
    Copying as many bytes as must be touched. Forward has to read its input and to write its output;
    backward to read dout and to write dx. A copy of n bytes reads n and writes n, so half of their
    sum is copied. Nothing is counted for comparing, nor for knowing which pixel was the maximum.
"""

import numpy as np


def conv(task, x, weight, bias, dout):
    N, K, OH, OW = task.output
    products = convolution(K, weight[0].size, N * OH * OW, x.dtype)
    return {"forward": products[0], "backward": lambda: (products[1](), products[2]())}


def max_pool(task, x, dout):
    copy = copying(x.nbytes + dout.nbytes)
    return {"forward": copy, "backward": copy}


def copying(touched):
    source, target = (np.ones(touched // 2, np.uint8) for _ in range(2))
    return lambda: np.copyto(target, source)


def unit(task, x, params, dout):
    match task.name:
        case "LSTM":
            return lstm(*x.shape, task.arguments[1], x.dtype)
        case "MultiHeadAttention":
            return attention(*x.shape, task.arguments[1], x.dtype)
    return {"forward": copying(x.nbytes + dout.nbytes), "backward": copying(3 * x.nbytes)}


def lstm(N, T, D, H, dtype):
    inputs, states = ones(N * T, D, dtype), ones(N * T, H, dtype)
    gates, step, weight = ones(N * T, 4 * H, dtype), ones(N, 4 * H, dtype), ones(4 * H, D, dtype)
    forward = [gemm(inputs, weight.T)] + T * [gemm(ones(N, H, dtype), ones(H, 4 * H, dtype))]
    backward = T * [gemm(step, ones(4 * H, H, dtype))]
    backward += [gemm(gates.T, inputs), gemm(gates.T, states), gemm(gates, weight)]
    return {"forward": all_of(forward), "backward": all_of(backward)}


def attention(N, T, E, heads, dtype):
    rows, three, weight = ones(N * T, E, dtype), ones(N * T, 3 * E, dtype), ones(E, E, dtype)
    into = ones(3 * E, E, dtype)
    part, scores = np.ones((N * heads, T, E // heads), dtype), np.ones((N * heads, T, T), dtype)
    forward = [gemm(rows, into.T), gemm(part, part.swapaxes(1, 2)), gemm(scores, part)]
    forward += [gemm(rows, weight.T)]
    backward = [gemm(rows, weight), gemm(rows.T, rows), gemm(three, into), gemm(three.T, rows)]
    backward += [gemm(part, part.swapaxes(1, 2))] + 3 * [gemm(scores, part)]
    return {"forward": all_of(forward), "backward": all_of(backward)}


def training(task, x, labels, convs, dense):
    products = []
    for layer, (weight, _) in zip(task.layers()[0], convs, strict=True):
        N, K, OH, OW = layer.output
        products += convolution(K, weight[0].size, N * OH * OW, x.dtype)
    for weight, _ in dense:
        M, D = weight.shape
        rows, outputs = np.ones((len(x), D), x.dtype), np.ones((len(x), M), x.dtype)
        products += [gemm(rows, weight.T), gemm(outputs.T, rows), gemm(outputs, weight)]
    return {"step": all_of(products)}


def all_of(products):
    def run():
        for product in products:
            product()

    return run


def ones(rows, columns, dtype):
    return np.ones((rows, columns), dtype)


def convolution(K, taps, positions, dtype):
    weight, columns, dout = (
        np.ones(shape, dtype) for shape in ((K, taps), (taps, positions), (K, positions))
    )
    return [gemm(weight, columns), gemm(dout, columns.T), gemm(weight.T, dout)]


def gemm(a, b):
    out = np.empty((*a.shape[:-1], b.shape[-1]), a.dtype)

    def product():
        np.matmul(a, b, out=out)

    return product
