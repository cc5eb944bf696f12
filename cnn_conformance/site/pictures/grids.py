"""Pictures of units that turn one array into another: grids with their numbers."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from cnn_conformance.reference import clear
from cnn_conformance.reference.datasets import load_digits
from cnn_conformance.site import svg
from cnn_conformance.site.pictures.drawing import grid, grids, lines

EDGES = np.array([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]])
"""Sobel's kernel, which answers to vertical edges."""


def _image(size: int = 5) -> np.ndarray:
    """Return small whole numbers as an image (1, 1, size, size)."""
    return np.random.default_rng(3).integers(-3, 10, (1, 1, size, size)).astype(float)


def _digit() -> np.ndarray:
    """Return a handwritten digit (1, 1, 8, 8) with values up to 1."""
    return np.asarray(load_digits().x_train[:1], float)


def conv2d() -> Figure:
    """A kernel that answers to vertical edges slides over a digit."""
    layer = clear.Conv2D(1, 1, 3, bias=False)
    layer.params["weight"][:] = EDGES
    digit = _digit()
    y = layer.forward(digit)
    return grids([("x: a digit", digit[0, 0]), ("kernel", EDGES), ("y", y[0, 0])])


def conv1d() -> Figure:
    """A kernel that answers to edges slides along a sequence."""
    layer = clear.Conv1D(1, 1, 3, bias=False)
    layer.params["weight"][:] = [1, 0, -1]
    t = np.arange(40.0)
    x = np.where((t > 10) & (t < 25), 1.0, 0.0)
    y = np.full(40, np.nan)
    y[:38] = layer.forward(x[None, None])[0, 0]
    return lines(t, [("x", x), ("y for the kernel 1, 0, −1", y)], "place")


def convtranspose2d() -> Figure:
    """Each pixel puts a copy of the kernel, times itself, into the output."""
    layer = clear.ConvTranspose2D(1, 1, 3, stride=2, bias=False)
    layer.params["weight"][:] = [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
    x = np.array([[[[1.0, 2], [3, -1]]]])
    return grids(
        [
            ("x", x[0, 0]),
            ("kernel", layer.params["weight"][0, 0]),
            ("y, stride 2", layer.forward(x)[0, 0]),
        ]
    )


def _pooled(name: str, *arguments: int) -> Figure:
    layer, x = getattr(clear, name)(*arguments), _image(4)
    y = layer.forward(x)
    dout = np.arange(1.0, y.size + 1).reshape(y.shape)
    dx = layer.backward(dout)[0, 0]
    flat = (1, -1) if y.ndim == 2 else y.shape[2:]
    return grids([("x", x[0, 0]), ("y", y.reshape(flat)), ("dout", dout.reshape(flat)), ("dx", dx)])


def flatten() -> Figure:
    """The last axis varies fastest."""
    x = np.arange(8.0).reshape(1, 2, 2, 2)
    return grids(
        [("x[0, 0]", x[0, 0]), ("x[0, 1]", x[0, 1]), ("y[0]", clear.Flatten().forward(x))],
        shared=True,
    )


def dense() -> Figure:
    """A matrix product: every output is a sum over all inputs of its sample."""
    layer = clear.Dense(3, 2, bias=False)
    layer.params["weight"][:] = [[1, 0, -1], [2, 1, 0]]
    x = np.array([[1.0, 2, 3], [0, -1, 1]])
    return grids(
        [
            ("x (N, in)", x),
            ("Wᵀ (in, out)", layer.params["weight"].T),
            ("y (N, out)", layer.forward(x)),
        ]
    )


def upsample() -> Figure:
    """Forward copies a pixel; backward adds up the gradients of its copies."""
    layer, x = clear.Upsample(2), np.array([[[[1.0, 2], [3, -4]]]])
    y = layer.forward(x)
    dout = np.arange(1.0, 17).reshape(y.shape)
    return grids(
        [("x", x[0, 0]), ("y", y[0, 0]), ("dout", dout[0, 0]), ("dx", layer.backward(dout)[0, 0])]
    )


def dropout() -> Figure:
    """The same mask goes over the input and over the gradient."""
    layer, x = clear.Dropout(0.5, rng=1), np.arange(1.0, 17).reshape(4, 4)
    y = layer.forward(x)
    return grids(
        [
            ("x", x),
            ("y while training, p = 0.5", y),
            ("dx for a dout of ones", layer.backward(np.ones_like(x))),
        ]
    )


def _normalized(
    name: str, arguments: tuple[int, ...], shape: tuple[int, ...], shown: str
) -> Figure:
    """Draw two samples before and after, laid out as samples by channels and places."""
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, shape)
    x = np.round(2 * x + np.arange(shape[1]).reshape(1, -1, *[1] * (len(shape) - 2)) * 3, 1)
    y = getattr(clear, name)(*arguments).forward(x)
    return grids([(f"x {shown}", x.reshape(shape[0], -1)), ("y", y.reshape(shape[0], -1))])


def im2col() -> Figure:
    """Six windows of 2 × 2 become six columns of 4."""
    x = np.arange(1.0, 13).reshape(1, 1, 3, 4)
    return grids(
        [("x (3 × 4)", x[0, 0]), ("im2col(x, 2): a window is a column", clear.im2col(x, 2))],
        shared=True,
    )


def col2im() -> Figure:
    """Columns of ones come back as the number of windows that each pixel is in."""
    columns = np.ones((4, 6))
    return grids(
        [
            ("columns", columns),
            ("col2im(columns, (1, 1, 3, 4), 2)", clear.col2im(columns, (1, 1, 3, 4), 2)[0, 0]),
        ]
    )


def one_hot() -> Figure:
    """A label becomes a row with one 1."""
    labels = np.array([2, 0, 3])
    return grids([("labels", labels[:, None]), ("one_hot(labels, 4)", clear.one_hot(labels, 4))])


def accuracy() -> Figure:
    """A sample is right if its largest score is at its class."""
    scores = np.array([[2.0, 1, 0], [0, 3, 1], [1, 2, 0], [0, 1, 4]])
    target = np.array([0, 1, 0, 2])
    is_right = (scores.argmax(axis=1) == target)[:, None]
    value = clear.accuracy(scores, target)
    return grids([("scores", scores), ("target", target[:, None]), (f"right: {value:g}", is_right)])


def embedding() -> Figure:
    """Forward looks rows up; backward adds up what came to the same row."""
    layer = clear.Embedding(5, 3)
    layer.params["weight"][:] = np.arange(15.0).reshape(5, 3)
    x = np.array([[3, 0, 3]])
    y = layer.forward(x)
    layer.backward(np.ones_like(y))
    return grids(
        [
            ("weight", layer.params["weight"]),
            ("x", x.T),
            ("y[0]", y[0]),
            ("dweight, dout of ones", layer.grads["weight"]),
        ]
    )


def scaleddotproductattention() -> Figure:
    """The weights of five queries over five keys; each row sums to 1."""
    rng = np.random.default_rng(0)
    q, k = rng.standard_normal((2, 1, 5, 4)) * 1.5
    eye = np.eye(5)[None]
    pad = (
        np.concatenate([q, np.zeros((1, 5, 1))], axis=2),
        np.concatenate([k, np.zeros((1, 5, 1))], axis=2),
    )
    plain = clear.ScaledDotProductAttention().forward(*pad, eye)[0]
    causal = clear.ScaledDotProductAttention(causal=True).forward(*pad, eye)[0]
    return grids([("weights: query × key", plain), ("causal", causal)], shared=True)


def multiheadattention() -> Figure:
    """Two heads attend to different steps of the same sequence."""
    rng = np.random.default_rng(2)
    layer = clear.MultiHeadAttention(10, 2, rng=rng)
    x = rng.standard_normal((1, 5, 10))
    query, key, _ = np.split(x @ layer.params["in_proj_weight"].T * 1.5, 3, axis=2)
    shown = []
    for head in range(2):
        part = slice(5 * head, 5 * head + 5)
        attention = clear.ScaledDotProductAttention()
        weights = attention.forward(query[..., part], key[..., part], np.eye(5)[None])
        shown.append((f"weights of head {head + 1}", weights[0]))
    return grids(shown, shared=True)


def _recurrent(name: str) -> Figure:
    """Draw the states after one impulse, and the gradient of the last state by step."""
    layer = getattr(clear, name)(1, 3, rng=4)
    x = np.zeros((1, 12, 1))
    x[0, 2] = 3
    y = layer.forward(x)
    dout = np.zeros_like(y)
    dout[0, -1] = 1
    size = np.abs(layer.backward(dout))[0, :, 0]
    figure, (left, right) = svg.row(2, 7.0, 2.6)
    for h, colour in enumerate((svg.BLUE, svg.ORANGE, svg.GREEN)):
        left.plot(range(1, 13), y[0, :, h], color=colour, marker=".")
    left.set(xlabel="step", title="three states; an impulse in step 3")
    right.semilogy(range(1, 13), size, color=svg.BLUE, marker=".")
    right.set(xlabel="step", title="|gradient| of the last state by x[t]")
    for each in (left, right):
        each.set_xticks(range(1, 13))
    return figure


def clip_grad_norm() -> Figure:
    """All gradients are scaled by one factor: the direction stays."""
    grads = {"a": np.array([3.0, -4]), "b": np.array([12.0])}
    before = np.concatenate([*grads.values()])
    clear.clip_grad_norm(grads, 6.5)
    after = np.concatenate([*grads.values()])
    return grids([("g: norm 13", before), ("clip_grad_norm(grads, 6.5)", after)], shared=True)


def clip_grad_value() -> Figure:
    """Each element is limited: the direction changes."""
    g = np.array([3.0, -4, 12, 0.5])
    grads = {"a": g.copy()}
    clear.clip_grad_value(grads, 3.5)
    return grids([("g", g), ("clip_grad_value(grads, 3.5)", grads["a"])], shared=True)


def sequential() -> Figure:
    """A digit on its way through three layers."""
    conv = clear.Conv2D(1, 1, 3, bias=False)
    conv.params["weight"][:] = EDGES
    x = _digit()
    shown = [("x", x[0, 0])]
    for layer in (conv, clear.ReLU(), clear.MaxPool2D(2)):
        x = layer.forward(x)
        shown.append((type(layer).__name__, x[0, 0]))
    figure, axes = svg.row(4, 7.6, 2.2)
    for each, (title, values) in zip(axes, shown, strict=True):
        grid(each, values, title)
    return figure


def maxpool2d() -> Figure:
    """What a window gives, and where the gradient goes: here dout is 1, 2, 3, ..."""
    return _pooled("MaxPool2D", 2)


def avgpool2d() -> Figure:
    """What a window gives, and where the gradient goes: here dout is 1, 2, 3, ..."""
    return _pooled("AvgPool2D", 2)


def globalmaxpool2d() -> Figure:
    """What a window gives, and where the gradient goes: here dout is 1, 2, 3, ..."""
    return _pooled("GlobalMaxPool2D")


def globalavgpool2d() -> Figure:
    """What a window gives, and where the gradient goes: here dout is 1, 2, 3, ..."""
    return _pooled("GlobalAvgPool2D")


def batchnorm1d() -> Figure:
    """Rows are samples: before, and after with a weight of 1 and a bias of 0. Each column has
    mean 0.
    """
    return _normalized("BatchNorm1D", (4,), (5, 4), "(N, C)")


def batchnorm2d() -> Figure:
    """Rows are samples: before, and after with a weight of 1 and a bias of 0. Two channels of 2
    × 2 pixels; each channel has mean 0 over all samples.
    """
    return _normalized("BatchNorm2D", (2,), (4, 2, 2, 2), "(N, C·H·W)")


def layernorm() -> Figure:
    """Rows are samples: before, and after with a weight of 1 and a bias of 0. Each row has mean
    0.
    """
    return _normalized("LayerNorm", (6,), (4, 6), "(N, D)")


def groupnorm() -> Figure:
    """Rows are samples: before, and after with a weight of 1 and a bias of 0. Four channels in
    two groups: each half of a row has mean 0.
    """
    return _normalized("GroupNorm", (2, 4), (4, 4, 2), "(N, C·L)")


def rnn() -> Figure:
    """What an impulse leaves behind, and how much an earlier step matters for the last state."""
    return _recurrent("RNN")


def lstm() -> Figure:
    """What an impulse leaves behind, and how much an earlier step matters for the last state."""
    return _recurrent("LSTM")


def gru() -> Figure:
    """What an impulse leaves behind, and how much an earlier step matters for the last state."""
    return _recurrent("GRU")
