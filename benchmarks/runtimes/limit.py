"""What no implementation in numpy gets around; results are written into memory that is there.

Convolution
    Forward is one GEMM of the weights (K, C*KH*KW) and the columns (C*KH*KW, N*OH*OW); backward is
    two: dout (K, N*OH*OW) by the transposed columns, and the transposed weights by dout. Neither
    making columns, nor adding them back into an image, nor the bias is counted.
Training step
    The GEMMs of all its layers: one forward and two backward for each convolution (the first one's
    gradient of the images too) and for each dense layer. Pooling, ReLU, loss and optimizer are not
    counted.
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
    source, target = (np.ones((x.nbytes + dout.nbytes) // 2, np.uint8) for _ in range(2))

    def copy():
        np.copyto(target, source)

    return {"forward": copy, "backward": copy}


def training(task, x, labels, convs, dense):
    products = []
    for layer, (weight, _) in zip(task.layers()[0], convs, strict=True):
        N, K, OH, OW = layer.output
        products += convolution(K, weight[0].size, N * OH * OW, x.dtype)
    for weight, _ in dense:
        M, D = weight.shape
        rows, outputs = np.ones((len(x), D), x.dtype), np.ones((len(x), M), x.dtype)
        products += [gemm(rows, weight.T), gemm(outputs.T, rows), gemm(outputs, weight)]
    return {"step": lambda: [product() for product in products]}


def convolution(K, taps, positions, dtype):
    weight, columns, dout = (
        np.ones(shape, dtype) for shape in ((K, taps), (taps, positions), (K, positions))
    )
    return [gemm(weight, columns), gemm(dout, columns.T), gemm(weight.T, dout)]


def gemm(a, b):
    out = np.empty((a.shape[0], b.shape[1]), a.dtype)

    def product():
        np.matmul(a, b, out=out)

    return product
