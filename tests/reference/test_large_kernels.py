"""scipy judges convolutions independently, with small kernels and with those left to the FFT."""

import numpy as np
import pytest
from scipy.signal import convolve2d, correlate2d

from reference import Conv2D, clear
from reference.fast import by_fft

SHAPES = {  # the image, the kernel, the padding, and whether the transform is faster
    "small": ((2, 3, 9, 8), (3, 3), 0, False),
    "one row": ((1, 2, 5, 9), (1, 4), (0, 2), False),
    "large": ((2, 3, 50, 61), (17, 19), 0, True),
    "large and padded": ((2, 2, 41, 40), (21, 18), (9, 4), True),
    "large, even, same": ((1, 2, 48, 48), (22, 22), "same", True),
    "as large as the image": ((2, 2, 30, 30), (30, 30), 0, False),
}
CASES = [pytest.param(*case, id=name) for name, case in SHAPES.items()]


def layer_of(x, kernel, padding, dtype=np.float64, voice=Conv2D):
    layer = voice(x.shape[1], 3, kernel, padding=padding, rng=0)
    layer.params = {name: array.astype(dtype) for name, array in layer.params.items()}
    layer.params["bias"] += np.array([1, -2, 3], dtype)
    return layer


def padded(x, layer):
    around = zip(layer.padding, layer.after, strict=True)
    return np.pad(x, ((0, 0), (0, 0), *around))


def summed(function, mode, a, b, equation):
    """Return what scipy makes of two dimensions of a and b, summed over one of the other axes.

    The equation names these, as for einsum: "nc,kc->nk".
    """
    inputs, out = equation.split("->")
    first, second = inputs.split(",")
    size = {axis: n for t, array in ((first, a), (second, b)) for axis, n in zip(t, array.shape)}  # noqa: B905
    (axis,) = set(first) & set(second)
    found = None
    for place in np.ndindex(*(size[name] for name in out)):
        at = dict(zip(out, place, strict=True))
        parts = []
        for number in range(size[axis]):
            at[axis] = number
            one, other = a[tuple(at[n] for n in first)], b[tuple(at[n] for n in second)]
            parts.append(function(one, other, mode))
        if found is None:
            found = np.zeros((*(size[name] for name in out), *parts[0].shape))
        found[place] = sum(parts)
    return found


@pytest.mark.parametrize(("shape", "kernel", "padding", "transforms"), CASES)
def test_forward_is_that_of_scipy(rng, shape, kernel, padding, transforms):
    x = rng.normal(size=shape)
    layer = layer_of(x, kernel, padding)
    y = layer.forward(x)
    assert (layer._transformed is not None) == transforms
    weight, bias = layer.params.values()
    expected = summed(correlate2d, "valid", padded(x, layer), weight, "nc,kc->nk")
    np.testing.assert_allclose(y, expected + bias[:, None, None], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(("shape", "kernel", "padding", "transforms"), CASES)
def test_the_gradients_are_convolutions_of_scipy(rng, shape, kernel, padding, transforms):
    del transforms
    x = rng.normal(size=shape)
    layer = layer_of(x, kernel, padding)
    dout = rng.normal(size=layer.forward(x).shape)
    full = summed(convolve2d, "full", dout, layer.params["weight"], "nk,kc->nc")
    (PH, PW), (QH, QW) = layer.padding, layer.after
    cropped = full[:, :, PH : full.shape[2] - QH, PW : full.shape[3] - QW]
    np.testing.assert_allclose(layer.backward(dout), cropped, rtol=1e-9, atol=1e-9)
    dweight = summed(correlate2d, "valid", padded(x, layer), dout, "nc,nk->kc")
    np.testing.assert_allclose(layer.grads["weight"], dweight, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("shape", "kernel", "padding", "transforms"), CASES)
def test_it_agrees_with_the_clear_layer(rng, dtype, shape, kernel, padding, transforms):
    del transforms
    x = rng.normal(size=shape).astype(dtype)
    ours, theirs = (layer_of(x, kernel, padding, dtype, v) for v in (Conv2D, clear.Conv2D))
    y, expected = ours.forward(x), theirs.forward(x)
    dout = rng.normal(size=y.shape).astype(dtype)
    pairs = {"y": (y, expected), "dx": (ours.backward(dout), theirs.backward(dout))}
    pairs |= {name: (ours.grads[name], theirs.grads[name]) for name in theirs.grads}
    for name, (actual, right) in pairs.items():
        assert actual.dtype == dtype, name
        tolerance = abs(right).max() * (2e-6 if dtype == np.float32 else 1e-13) * 10
        np.testing.assert_allclose(actual, right, rtol=0, atol=tolerance, err_msg=name)


def test_the_transform_is_for_large_kernels_that_move_pixel_by_pixel(rng):
    x = rng.normal(size=(1, 2, 60, 60))
    for options, expected in (
        ({}, True),
        ({"stride": 2}, False),
        ({"dilation": 2, "padding": 20}, False),
        ({"groups": 2}, False),
    ):
        layer = Conv2D(2, 2, 20, **options, rng=0)
        layer.forward(x)
        assert (layer._transformed is not None) == expected, options


def test_an_infinity_stays_in_its_windows(rng):
    x = rng.normal(size=(1, 1, 60, 60))
    x[0, 0, 0, 0] = np.inf
    y = Conv2D(1, 1, 20, rng=0).forward(x)
    assert np.isinf(y[0, 0, 0, 0])
    assert np.isfinite(y.ravel()[1:]).all()


def test_a_small_forward_after_a_large_one_has_its_own_backward(rng):
    layer = Conv2D(1, 1, 20, rng=0)
    layer.forward(rng.normal(size=(1, 1, 60, 60)))
    small = rng.normal(size=(3, 1, 21, 21))
    assert layer.backward(layer.forward(small)).shape == small.shape


def test_sizes_that_are_transformed_fast_are_products_of_2_3_and_5():
    assert [by_fft._quick(n) for n in (1, 7, 11, 64, 97, 121)] == [1, 8, 12, 64, 100, 125]
