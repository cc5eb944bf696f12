"""Laws: what mathematics says of a unit, for any input and without golden data.

Each is tried on the examples of `draws`. Values are small whole numbers where the law is one of
sums, so that it holds exactly.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.checks.draws import Draw, law
from cnn_conformance.findings import Finding
from cnn_conformance.implementation.handles import Layer
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.cases import Case
from cnn_conformance.oracle.comparison import compare
from cnn_conformance.oracle.conversions import divisor, laid_out
from cnn_conformance.outcomes import NotPassed, Outcome, failed

# ---------------------------------------------------------------- convolution and dense


def _layer_with(implementation: Implementation, case: Case, draw: Draw, weight: Array) -> Layer:
    """Return a new convolution or dense layer without a bias, or with one of zero.

    Every forward of a law has a layer of its own: what a layer keeps is not the law's business.
    """
    args = [draw.C, draw.K, *weight.shape[2:3]]
    weight = laid_out(case, "weight", weight)
    try:
        layer = implementation.layer(case.unit, args, {"bias": False})
        layer.set_params({"weight": weight})
    except NotPassed as failure:
        if failure.outcome is not Outcome.UNSUPPORTED:
            raise
        layer = implementation.layer(case.unit, args, {})
        layer.set_params({"weight": weight, "bias": laid_out(case, "bias", np.zeros(draw.K))})
    return layer


def _weight(case: Case, draw: Draw) -> Array:
    sides = _sides(case, draw)
    channels = (draw.C, draw.K) if _is_transposed(case) else (draw.K, draw.C)
    return draw.whole(*channels, *[min(draw.k, draw.H, draw.W)] * len(sides))


def _is_transposed(case: Case) -> bool:
    return units.of(case.unit).family == "transposed convolution"


def _linear_input(case: Case, draw: Draw) -> Array:
    return draw.whole(draw.N, draw.C, *_sides(case, draw))


def _sides(case: Case, draw: Draw) -> tuple[int, ...]:
    """Return the sizes of an image or of a sequence; none of a row."""
    unit = units.of(case.unit)
    return () if unit.window is None else (draw.H, draw.W)[-unit.sides :]


@law
def linear(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that sums and multiples go through forward, in x and in the weight."""
    weight, x = _weight(case, draw), _linear_input(case, draw)
    other, other_weight = x[::-1] * 2 + 1, weight[::-1].copy()

    def forward(weight: Array, x: Array) -> Array:
        return _layer_with(implementation, case, draw, weight).forward(x)

    y = forward(weight, x)
    expected = 3 * y - _shaped(forward(weight, other), y.shape, Finding("y of other values"))
    _same(forward(weight, 3 * x - other), expected, Finding("linear in x"), x)
    expected = 3 * y - _shaped(forward(other_weight, x), y.shape, Finding("y with another weight"))
    _same(forward(3 * weight - other_weight, x), expected, Finding("linear in the weight"), x)


@law
def adjoint(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that <forward(x), dout> = <x, dx> = <weight, dweight>."""
    weight, x = _weight(case, draw), _linear_input(case, draw)
    layer = _layer_with(implementation, case, draw, weight)
    y = layer.forward(x)
    dout = draw.whole(*y.shape)
    dx = layer.backward(dout)
    dweight = layer.arrays("grads").get("weight", np.zeros(()))
    weight = laid_out(case, "weight", weight)
    dweight = dweight * divisor(case, case.unit, draw.N)
    expected = (y * dout).sum()
    for name, value, gradient in (("x", x, dx), ("weight", weight, dweight)):
        if gradient.shape != value.shape:
            raise failed(
                "shape", tensor=f"d{name}", got=gradient.shape, expected=value.shape
            ).showing("shape", got=gradient, expected=value.shape, key=name)
        product = Finding("inner product", name=name)
        _same((value * gradient).sum(), expected, product, x, "<y, dout>")


@law
def delta(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that a kernel with a single 1 cuts a piece out of one channel, or puts it in."""
    x, kernel = _linear_input(case, draw), np.zeros_like(_weight(case, draw))
    k, sides = kernel.shape[-1], _sides(case, draw)
    c, at = draw.seed % draw.C, (draw.seed % k, draw.seed // 7 % k)[-len(sides) :]
    kernel[(c, -1, *at) if _is_transposed(case) else (-1, c, *at)] = 1
    layer = _layer_with(implementation, case, draw, kernel)
    grown = k - 1 if _is_transposed(case) else 1 - k
    expected = np.zeros((draw.N, draw.K, *(size + grown for size in sides)))
    smaller = x.shape[2:] if _is_transposed(case) else expected.shape[2:]
    part = (slice(None), *(slice(i, i + n) for i, n in zip(at, smaller, strict=True)))
    if _is_transposed(case):
        expected[:, -1][part] = x[:, c]
    else:
        expected[:, -1] = x[:, c][part]
    _same(layer.forward(x), expected, Finding("delta", place=(c, *at)), x)


@law
def shift(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that a shifted image or sequence gives a shifted output."""
    weight, sides = _weight(case, draw), _sides(case, draw)
    x = draw.whole(draw.N, draw.C, *(size + 1 for size in sides))
    y = _axes(_layer_with(implementation, case, draw, weight).forward(x), x.ndim)
    shifted = _layer_with(implementation, case, draw, weight)
    rest = (slice(None), slice(None), *[slice(1, None)] * len(sides))
    what = Finding("shifted" if len(sides) > 1 else "shifted sequence")
    _same(shifted.forward(x[rest]), y[rest], what, x)


@law
def batch(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that a batch gives what its samples give one by one."""
    pools = units.of(case.unit).family in ("pooling", "upsampling")
    x = _tiled(draw) if pools else _linear_input(case, draw)

    def layer() -> Layer:
        if pools:
            return _pool(implementation, case, draw)[0]
        return _layer_with(implementation, case, draw, _weight(case, draw))

    y = _axes(layer().forward(x), x.ndim)
    for n in range(draw.N):
        alone = Finding("of one sample", sample=n)
        _same(layer().forward(x[n : n + 1]), y[n : n + 1], "y", x, when=alone)


# ---------------------------------------------------------------- pooling and upsampling


@law
def adjoint_without_weight(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that <forward(x), dout> = <x, dx> for a layer of images that is linear."""
    layer = implementation.layer(case.unit, [draw.k], case.options)
    x = draw.whole(draw.N, draw.C, draw.H, draw.W)
    y = layer.forward(x)
    dout = draw.whole(*y.shape)
    dx = _shaped(layer.backward(dout), x.shape, "dx")
    _same((x * dx).sum(), (y * dout).sum(), Finding("inner product", name="x"), x, "<y, dout>")


def _pool(implementation: Implementation, case: Case, draw: Draw) -> tuple[Layer, Array]:
    """Return a layer with a window, or with blocks, and images that they tile."""
    return implementation.layer(case.unit, [draw.k], case.options), _tiled(draw)


def _tiled(draw: Draw) -> Array:
    """Return images that windows of the drawn size tile."""
    return draw.distinct(draw.N, draw.C, draw.k * draw.H, draw.k * draw.W)


@law
def pool_plus_constant(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that pooling x + c is pooling x, plus c."""
    layer, x = _pool(implementation, case, draw)
    constant = 2.0 * x.size + 8
    y = layer.forward(x)
    for c in (constant, -constant):
        layer, _ = _pool(implementation, case, draw)
        _same(layer.forward(x + c), y + c, Finding("plus a constant", constant=c), x)


@law
def pool_permuted(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that the order inside a window does not matter."""
    layer, x = _pool(implementation, case, draw)
    N, C, k = draw.N, draw.C, draw.k
    windows = x.reshape(N, C, draw.H, k, draw.W, k)[:, :, :, ::-1, :, ::-1]
    other, _ = _pool(implementation, case, draw)
    turned = other.forward(windows.reshape(x.shape))
    _same(turned, layer.forward(x), Finding("turned windows"), x)


@law
def pool_keeps_dout(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that all of dout arrives in dx, channel by channel."""
    layer, x = _pool(implementation, case, draw)
    dout = draw.whole(*_axes(layer.forward(x), 4).shape)
    dx = layer.backward(dout)
    if dx.shape != x.shape:
        raise failed("shape", tensor="dx", got=dx.shape, expected=x.shape).showing(
            "shape", got=dx, expected=x.shape
        )
    _same(dx.sum(axis=(2, 3)), dout.sum(axis=(2, 3)), Finding("sum", tensor="dx"), x, "Σ dout")


# ---------------------------------------------------------------- softmax


@law
def softmax_rows_sum_to_one(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that the shares of every row add up to 1."""
    x = draw.real(draw.N, draw.W)
    y = _shaped(implementation.layer(case.unit, [], {}).forward(x), x.shape, "y")
    _same(y.sum(axis=-1), np.ones(len(x)), _total("y"), x, "1", 50.0)


@law
def softmax_row_constant(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that a constant added to a row changes nothing."""
    x = draw.real(draw.N, draw.W)
    y = implementation.layer(case.unit, [], {}).forward(x)
    shifted = implementation.layer(case.unit, [], {}).forward(x + draw.whole(draw.N, 1))
    _same(shifted, y, Finding("row constant", tensor="y"), x, scale=50.0)


@law
def dx_sums_to_zero(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that every row of the gradient adds up to 0."""
    x = draw.real(draw.N, draw.W)
    sizes = {"normalized_shape": draw.W, "num_groups": 1, "num_channels": draw.W}
    args = [sizes[name] for name in units.of(case.unit).arguments if name in sizes]
    layer = implementation.layer(case.unit, args, {})
    dout = draw.whole(*layer.forward(x).shape)
    dx = _shaped(layer.backward(dout), x.shape, "dx")
    _same(dx.sum(axis=-1), np.zeros(len(x)), _total("dx"), x, "0", 500.0)


# ---------------------------------------------------------------- batch normalization


@law
def normalized(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that what is added to a channel changes nothing, and a factor the sign at most."""
    x = 1024 * draw.whole(draw.N, draw.C, draw.H, draw.W)  # beside this, eps is nothing

    def forward(x: Array) -> Array:
        layer = implementation.layer(case.unit, [draw.C], {})
        layer.set_params({"weight": np.ones(draw.C), "bias": np.zeros(draw.C)})
        layer.set_later("training", True)
        return _shaped(layer.forward(x), x.shape, "y")

    y = forward(x)
    plus = x + 4096 * draw.whole(draw.C, 1, 1)
    _same(forward(plus), y, Finding("plus a number for each channel"), x, scale=50.0)
    for factor in (1024.0, -1.0):
        _same(
            forward(factor * x),
            np.sign(factor) * y,
            Finding("of x times a factor", factor=factor),
            x,
        )


# ---------------------------------------------------------------- flatten, losses


@law
def round_trip(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that backward undoes forward."""
    layer = implementation.layer(case.unit, [], {})
    x = draw.whole(draw.N, draw.C, draw.H, draw.W)
    y = layer.forward(x)
    shape = (draw.N, draw.C * draw.H * draw.W)
    flat = x.reshape(shape, order=case.dialect.get("Flatten.order", "C"))
    _same(_shaped(y, shape, "y"), flat, "y", x, "x")
    _same(layer.backward(y), x, Finding("round trip"), x, "x")


@law
def row_constant(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that a constant added to a row of logits changes nothing."""
    loss, logits, target = _classes(implementation, case, draw)
    value = loss.loss(logits, target)
    loss, *_ = _classes(implementation, case, draw)
    shifted = logits + draw.whole(len(logits), 1)
    got = loss.loss(shifted, target)
    _same(got, value, Finding("row constant", tensor="the loss"), logits, scale=50.0)


@law
def rows_sum_to_zero(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that every row of the gradient adds up to zero."""
    loss, logits, target = _classes(implementation, case, draw)
    loss.loss(logits, target)
    gradient = loss.backward()
    if gradient.shape != logits.shape:
        raise failed("shape", tensor="dlogits", got=gradient.shape, expected=logits.shape).showing(
            "shape", got=gradient, expected=logits.shape
        )
    rows = Finding("sum of the rows", tensor="dlogits")
    _same(gradient.sum(axis=1), np.zeros(len(logits)), rows, logits, "zero", 50.0)


def _classes(implementation: Implementation, case: Case, draw: Draw) -> tuple[Layer, Array, Array]:
    loss = implementation.layer(case.unit, [], {})
    K = draw.K + 1
    labels = np.arange(draw.N) * draw.seed % K
    target: Array = np.eye(K)[labels] if case.table["target"] == "onehot" else labels
    return loss, draw.real(draw.N, K), target


@law
def symmetric(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that pred and target may change places, and that equal ones give 0."""
    a, b = draw.whole(draw.N, draw.C), draw.whole(draw.N, draw.C)[::-1] + 1
    there, back, nothing = (
        implementation.layer(case.unit, [], {}).loss(*pair) for pair in ((a, b), (b, a), (a, a))
    )
    _same(there, back, Finding("loss of", a="a", b="b"), a, "that of (b, a)")
    _same(nothing, 0.0, Finding("loss of", a="a", b="a"), a, "0")


@law
def antisymmetric(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that the gradient changes its sign when pred and target change places."""
    a, b = draw.whole(draw.N, draw.C), draw.whole(draw.N, draw.C)[::-1] + 1
    gradients = []
    for pred, target in ((a, b), (b, a)):
        loss = implementation.layer(case.unit, [], {})
        loss.loss(pred, target)
        gradients.append(loss.backward())
    there, back = gradients
    _same(there, -1.0 * back, Finding("gradient of", a="a", b="b"), a, "minus that of (b, a)")


@law
def complement(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that the answers no have the loss of the same answers yes."""
    pairs = _complements(case, draw)
    there, back = (implementation.layer(case.unit, [], {}).loss(*pair) for pair in pairs)
    _same(there, back, Finding("loss of", a="a", b="b"), pairs[0][0], _turned(case), 50.0)


@law
def gradient_of_complement(implementation: Implementation, case: Case, draw: Draw) -> None:
    """Check that the gradient changes its sign with the answers."""
    pairs, gradients = _complements(case, draw), []
    for pair in pairs:
        loss = implementation.layer(case.unit, [], {})
        loss.loss(*pair)
        gradients.append(loss.backward())
    there, back = gradients
    against = f"minus {_turned(case)}"
    _same(there, -1.0 * back, Finding("gradient of", a="a", b="b"), pairs[0][0], against, 500.0)


def _complements(case: Case, draw: Draw) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Return predictions and targets, and the same with the answers yes and no exchanged."""
    logits = draw.real(draw.N, draw.C)
    target = np.arange(logits.size).reshape(logits.shape) % 4 / 4  # 0, 1/4, 1/2, 3/4
    if case.table["pred"] == "logits":
        return (logits, target), (-logits, 1 - target)
    shares = 1 / (1 + np.exp(-logits))
    return (shares, target), (1 - shares, 1 - target)


def _turned(case: Case) -> str:
    return "that of (-a, 1 - b)" if case.table["pred"] == "logits" else "that of (1 - a, 1 - b)"


def _axes(y: Array, count: int) -> Array:
    """Demand that an output has as many axes as it takes to ask the law."""
    if y.ndim != count:
        raise failed("axes", tensor="y", got=y.shape, count=count).showing(
            "axes", got=y, expected=count
        )
    return y


def _shaped(y: Array, shape: tuple[int, ...], what: str | Finding) -> Array:
    if y.shape != shape:
        raise failed("shape", tensor=what, got=y.shape, expected=shape).showing(
            "shape", got=y, expected=shape
        )
    return y


def _total(tensor: str) -> Finding:
    return Finding("sum along the last axis", tensor=tensor)


def _same(
    got: Any,
    expected: Any,
    what: str | Finding,
    x: Array,
    against: str = "the law",
    scale: float = 1e4,
    when: Finding | None = None,
) -> None:
    """Demand equality but for the rounding of float32, which is all that matters here.

    `scale` is what the sums of an example can reach: at most 27 products of numbers below 5, three
    times over, or for a loss the size of its logits.
    """
    law = Finding("by law", against=against, x=x.shape)
    compare(got, expected, tolerance.coarse(scale), what, when, law)
