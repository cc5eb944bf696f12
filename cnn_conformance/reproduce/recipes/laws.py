"""Scripts for laws, on the smallest example that was found."""

from __future__ import annotations

import numpy as np

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.checks import laws
from cnn_conformance.checks.draws import Draw
from cnn_conformance.oracle import tolerance
from cnn_conformance.outcomes import NotPassed
from cnn_conformance.reproduce.script import Draft, Recipe, Subject, constructor, setting

PLAIN = Draw(N=2, C=2, K=2, H=3, W=4, k=2, seed=1)
"""The example that is shown where the law holds."""
ROUNDING = tolerance.coarse(1e4)

NUMBER = 'assert np.shape(got) == (), f"expected a number, got {got}"'


def linear(subject: Subject) -> Draft:
    """Show that sums and multiples go through forward."""
    draw, weight, x = _layer(subject)
    data = {"x": x, "weight": weight}
    if subject.says("weight"):
        data["v"] = weight[::-1].copy()
        ends = "forward(3 * weight - v, x)", "3 * forward(weight, x) - forward(v, x)"
    else:
        data["z"] = x[::-1] * 2 + 1
        ends = "forward(weight, 3 * x - z)", "3 * forward(weight, x) - forward(weight, z)"
    return Draft(data, [*_forward(subject, draw, weight), *_ends(*ends)], ROUNDING)


def adjoint(subject: Subject) -> Draft:
    """Show <forward(x), dout> beside <x, dx> or <weight, dweight>."""
    draw, weight, x = _layer(subject)
    in_weight = subject.says("<weight") or subject.says("dweight")
    value, gradient = ("weight", 'layer.grads["weight"]') if in_weight else ("x", "dx")
    lines = [
        *_set(subject, draw, weight),
        "y = layer.forward(x)",
        "dx = layer.backward(dout)",
        f"assert {gradient}.shape == {value}.shape, ({gradient}.shape, {value}.shape)",
        f"got, expected = ({value} * {gradient}).sum(), (y * dout).sum()",
    ]
    k = weight.shape[-1] - 1
    shape = (draw.N, draw.K, *(side - k for side in x.shape[2:]))
    return Draft({"x": x, "weight": weight, "dout": draw.whole(*shape)}, lines, ROUNDING)


def delta(subject: Subject) -> Draft:
    """Show a kernel with a single 1, which cuts an image out."""
    draw, weight, x = _layer(subject)
    kernel, k = np.zeros_like(weight), weight.shape[-1]
    c, i, j = draw.seed % draw.C, draw.seed % k, draw.seed // 7 % k
    kernel[-1, c, i, j] = 1
    rows, columns = draw.H - k + 1, draw.W - k + 1
    lines = [
        *_set(subject, draw, weight),
        "got = layer.forward(x)",
        "expected = np.zeros_like(got)",
        f"expected[:, -1] = x[:, {c}, {i}:{i + rows}, {j}:{j + columns}]",
    ]
    return Draft({"x": x, "weight": kernel}, lines, ROUNDING)


def shift(subject: Subject) -> Draft:
    """Show a shifted image."""
    draw, weight, _ = _layer(subject)
    x = draw.whole(draw.N, draw.C, draw.H + 1, draw.W + 1)
    ends = "forward(weight, x[:, :, 1:, 1:])", "forward(weight, x)[:, :, 1:, 1:]"
    lines = [*_forward(subject, draw, weight), *_ends(*ends)]
    return Draft({"x": x, "weight": weight}, lines, ROUNDING)


def batch(subject: Subject) -> Draft:
    """Show a batch beside its samples one by one."""
    if units.of(subject.case.unit).family == "pooling":
        draw, x = _images(subject)
        layer = _pool(subject, min(draw.k, draw.H, draw.W))
        ends = (
            f"np.concatenate([{layer}.forward(x[n : n + 1]) for n in range(len(x))])",
            f"{layer}.forward(x)",
        )
        return Draft({"x": x}, _ends(*ends), ROUNDING)
    draw, weight, x = _layer(subject)
    ends = (
        "np.concatenate([forward(weight, x[n : n + 1]) for n in range(len(x))])",
        "forward(weight, x)",
    )
    lines = [*_forward(subject, draw, weight), *_ends(*ends)]
    return Draft({"x": x, "weight": weight}, lines, ROUNDING)


def plus_constant(subject: Subject) -> Draft:
    """Show pooling of x + c."""
    draw, x = _images(subject)
    c = 2.0 * x.size + 8
    c = -c if subject.says("y of x -") else c
    forward = f"{_pool(subject, draw.k)}.forward"
    return Draft({"x": x}, _ends(f"{forward}(x + {c})", f"{forward}(x) + {c}"), ROUNDING)


def permuted(subject: Subject) -> Draft:
    """Show pooling of windows that were turned."""
    draw, x = _images(subject)
    N, C, k = draw.N, draw.C, draw.k
    windows = x.reshape(N, C, draw.H, k, draw.W, k)[:, :, :, ::-1, :, ::-1]
    layer = _pool(subject, k)
    data = {"x": x, "turned": np.ascontiguousarray(windows.reshape(x.shape))}
    return Draft(data, _ends(f"{layer}.forward(turned)", f"{layer}.forward(x)"), ROUNDING)


def keeps_dout(subject: Subject) -> Draft:
    """Show the sums of dout and dx."""
    draw, x = _images(subject)
    lines = [
        f"layer = {_pool(subject, draw.k)}",
        "y = layer.forward(x)",
        "dx = layer.backward(dout)",
        "assert dx.shape == x.shape, (dx.shape, x.shape)",
        "got, expected = dx.sum(axis=(2, 3)), dout.sum(axis=(2, 3))",
    ]
    dout = draw.whole(draw.N, draw.C, draw.H, draw.W)
    return Draft({"x": x, "dout": dout}, lines, ROUNDING)


def softmax_rows_sum_to_one(subject: Subject) -> Draft:
    """Show the sums of the shares."""
    draw = example(subject)
    lines = [
        "y = Softmax().forward(x)",
        "assert y.shape == x.shape, (y.shape, x.shape)",
        "got, expected = y.sum(axis=-1), np.ones(x.shape[:-1])",
    ]
    return Draft({"x": draw.real(draw.N, draw.H, draw.W)}, lines, tolerance.coarse(50.0))


def softmax_row_constant(subject: Subject) -> Draft:
    """Show the shares with and without a constant in every row."""
    draw = example(subject)
    data = {"x": draw.real(draw.N, draw.W), "c": draw.whole(draw.N, 1)}
    ends = _ends("Softmax().forward(x + c)", "Softmax().forward(x)")
    return Draft(data, ends, tolerance.coarse(50.0))


def softmax_dx_sums_to_zero(subject: Subject) -> Draft:
    """Show the sums of the rows of the gradient."""
    draw = example(subject)
    lines = [
        "layer = Softmax()",
        "y = layer.forward(x)",
        "dx = layer.backward(dout)",
        "assert dx.shape == x.shape, (dx.shape, x.shape)",
        "got, expected = dx.sum(axis=-1), np.zeros(len(x))",
    ]
    data = {"x": draw.real(draw.N, draw.W), "dout": draw.whole(draw.N, draw.W)}
    return Draft(data, lines, tolerance.coarse(500.0))


def round_trip(subject: Subject) -> Draft:
    """Show that backward undoes forward."""
    draw = example(subject)
    lines = [
        "layer = Flatten()",
        "y = layer.forward(x)",
        "np.testing.assert_array_equal(y, x.reshape(len(x), -1))",
        "got, expected = layer.backward(y), x",
    ]
    return Draft({"x": draw.whole(draw.N, draw.C, draw.H, draw.W)}, lines, ROUNDING)


def row_constant(subject: Subject) -> Draft:
    """Show the loss with and without a constant in every row."""
    data = _classes(subject)
    data["c"] = example(subject).whole(len(data["logits"]), 1)
    loss = f"{subject.case.unit}().forward"
    ends = f"{loss}(logits + c, target)", f"{loss}(logits, target)"
    return Draft(data, [*_ends(*ends), NUMBER], tolerance.coarse(50.0))


def rows_sum_to_zero(subject: Subject) -> Draft:
    """Show the sums of the rows of the gradient."""
    lines = [
        f"loss = {subject.case.unit}()",
        "loss.forward(logits, target)",
        "gradient = loss.backward()",
        "assert gradient.shape == logits.shape, gradient.shape",
        "got, expected = gradient.sum(axis=1), np.zeros(len(logits))",
    ]
    return Draft(_classes(subject), lines, tolerance.coarse(50.0))


def symmetric(subject: Subject) -> Draft:
    """Show the loss with its arguments in both orders."""
    loss = f"{subject.case.unit}().forward"
    ends = f"{loss}(a, b)", f"{loss}(b, a)"
    if subject.says("(a, a)"):
        ends = f"{loss}(a, a)", "0.0"
    return Draft(_pair(subject), [*_ends(*ends), NUMBER], ROUNDING)


def antisymmetric(subject: Subject) -> Draft:
    """Show the gradient with the arguments in both orders."""
    lines = [
        f"there, back = {subject.case.unit}(), {subject.case.unit}()",
        "there.forward(a, b)",
        "back.forward(b, a)",
        "got, expected = there.backward(), -1.0 * back.backward()",
    ]
    return Draft(_pair(subject), lines, ROUNDING)


def example(subject: Subject) -> Draw:
    """Return the smallest example that was found."""
    draw = getattr(subject.result.finding, "draw", None) or PLAIN
    return draw if isinstance(draw, Draw) else PLAIN


def _layer(subject: Subject) -> tuple[Draw, Array, Array]:
    draw = example(subject)
    return draw, laws._weight(subject.case, draw), laws._linear_input(subject.case, draw)


def _images(subject: Subject) -> tuple[Draw, Array]:
    draw = example(subject)
    return draw, draw.distinct(draw.N, draw.C, draw.k * draw.H, draw.k * draw.W)


def _pool(subject: Subject, size: int) -> str:
    return constructor(subject.case.unit, (size,), subject.case.options)


def _classes(subject: Subject) -> dict[str, Array]:
    draw = example(subject)
    K = draw.K + 1
    labels = np.arange(draw.N) * draw.seed % K
    onehot = subject.case.table["target"] == "onehot"
    return {"logits": draw.real(draw.N, K), "target": np.eye(K)[labels] if onehot else labels}


def _pair(subject: Subject) -> dict[str, Array]:
    draw = example(subject)
    return {"a": draw.whole(draw.N, draw.C), "b": draw.whole(draw.N, draw.C)[::-1] + 1}


def _set(subject: Subject, draw: Draw, weight: Array) -> list[str]:
    """Return the lines that make a layer with a weight, without a bias or with one of zero."""
    args = ", ".join(map(str, [draw.C, draw.K, *weight.shape[3:]]))
    try:
        subject.implementation.begin(subject.case.unit)
        subject.implementation.layer(subject.case.unit, [1, 1, *weight.shape[3:]], {"bias": False})
    except NotPassed:
        made = [f"layer = {subject.case.unit}({args})", 'layer.params["bias"][...] = 0']
    else:
        made = [f"layer = {subject.case.unit}({args}, bias=False)"]
    return [*made, *setting(["weight"])]


def _forward(subject: Subject, draw: Draw, weight: Array) -> list[str]:
    return [
        "def forward(weight, x):",
        *(f"    {line}" for line in _set(subject, draw, weight)),
        "    return layer.forward(x)",
    ]


def _ends(got: str, expected: str) -> list[str]:
    return [f"got = {got}", f"expected = {expected}"]


RECIPES: dict[object, Recipe] = {
    laws.linear: linear,
    laws.adjoint: adjoint,
    laws.delta: delta,
    laws.shift: shift,
    laws.batch: batch,
    laws.pool_plus_constant: plus_constant,
    laws.pool_permuted: permuted,
    laws.pool_keeps_dout: keeps_dout,
    laws.softmax_rows_sum_to_one: softmax_rows_sum_to_one,
    laws.softmax_row_constant: softmax_row_constant,
    laws.softmax_dx_sums_to_zero: softmax_dx_sums_to_zero,
    laws.round_trip: round_trip,
    laws.row_constant: row_constant,
    laws.rows_sum_to_zero: rows_sum_to_zero,
    laws.symmetric: symmetric,
    laws.antisymmetric: antisymmetric,
}
