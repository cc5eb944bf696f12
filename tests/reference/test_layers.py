"""What every layer owes its caller, whatever it computes."""

import numpy as np
import pytest

from reference import Conv2D, Dense, Flatten, MaxPool2D, ReLU, Sequential

LAYERS = {
    "Conv2D": (lambda: Conv2D(3, 4, (2, 3), (1, 2), (1, 0), rng=0), (5, 3, 6, 7)),
    "Conv2D-unpadded": (lambda: Conv2D(3, 4, 1, rng=0), (5, 3, 6, 7)),
    "MaxPool2D": (lambda: MaxPool2D((2, 3), (1, 2), (1, 0)), (5, 3, 6, 7)),
    "MaxPool2D-unpadded": (lambda: MaxPool2D(2), (5, 3, 6, 7)),
    "Flatten": (Flatten, (5, 3, 6, 7)),
    "Dense": (lambda: Dense(7, 4, rng=0), (5, 7)),
    "ReLU": (ReLU, (5, 3, 6, 7)),
    "Sequential": (lambda: Sequential([Dense(7, 4, rng=0), ReLU(), Dense(4, 2, rng=1)]), (5, 7)),
}


@pytest.fixture(params=LAYERS)
def make(request):
    return LAYERS[request.param][0]


@pytest.fixture
def x(request, make, rng):
    shape = next(shape for factory, shape in LAYERS.values() if factory is make)
    return rng.normal(size=shape)


def test_float32_stays_float32(make, x):
    layer = make()
    for name, value in layer.params.items():
        layer.params[name] = value.astype(np.float32)
    y = layer.forward(x.astype(np.float32))
    dx = layer.backward(y)
    assert {a.dtype for a in (y, dx, *layer.grads.values())} == {np.dtype(np.float32)}


def test_float64_stays_float64(make, x):
    layer = make()
    y = layer.forward(x)
    dx = layer.backward(y)
    assert {a.dtype for a in (y, dx, *layer.grads.values())} == {np.dtype(np.float64)}


def test_parameters_start_as_float64_and_differ_between_units(make):
    for value in make().params.values():
        assert value.dtype == np.float64
        if value.ndim > 1:
            assert len(np.unique(value, axis=0)) == len(value)


def test_views_give_the_same_result(make, x, rng):
    plain, strided = make(), make()
    dout = rng.normal(size=plain.forward(x).shape)
    big = np.zeros((*x.shape[:-1], 2 * x.shape[-1]))
    big[..., ::2] = x
    y = strided.forward(big[..., ::2])
    np.testing.assert_allclose(y, plain.forward(x), rtol=1e-13, atol=1e-13)
    dx = strided.backward(np.asfortranarray(dout))
    np.testing.assert_allclose(dx, plain.backward(dout), rtol=1e-13, atol=1e-13)
    for name, grad in plain.grads.items():
        np.testing.assert_allclose(strided.grads[name], grad, rtol=1e-13, atol=1e-13)


def test_arguments_may_be_read_only_and_stay_unchanged(make, x, rng):
    layer = make()
    dout = rng.normal(size=layer.forward(x).shape)
    params = {name: p.copy() for name, p in layer.params.items()}
    x_before, dout_before = x.copy(), dout.copy()
    for array in (x, dout, *layer.params.values()):
        array.flags.writeable = False
    layer.forward(x)
    layer.backward(dout)
    np.testing.assert_array_equal(x, x_before)
    np.testing.assert_array_equal(dout, dout_before)
    for name, p in params.items():
        np.testing.assert_array_equal(layer.params[name], p)


def test_what_was_handed_out_never_changes(make, x, rng):
    layer = make()
    y = layer.forward(x)
    dx = layer.backward(rng.normal(size=y.shape))
    handed_out = [y, dx, *layer.grads.values()]
    copies = [a.copy() for a in handed_out]
    layer.forward(x[::-1] + 1)
    layer.backward(rng.normal(size=y.shape))
    for a, copy in zip(handed_out, copies, strict=True):
        np.testing.assert_array_equal(a, copy)


def test_backward_may_be_repeated_and_does_not_accumulate(make, x, rng):
    layer = make()
    dout = rng.normal(size=layer.forward(x).shape)
    dx = layer.backward(dout)
    grads = dict(layer.grads)
    layer.backward(dout + 1)
    np.testing.assert_array_equal(layer.backward(dout), dx)
    for name, grad in grads.items():
        np.testing.assert_array_equal(layer.grads[name], grad)


def test_the_batch_size_may_change(make, x, rng):
    layer = make()
    whole = layer.forward(x)
    np.testing.assert_allclose(layer.forward(x[:1]), whole[:1], rtol=1e-13, atol=1e-13)
    assert layer.backward(np.ones_like(whole[:1])).shape == x[:1].shape


def test_instances_share_nothing(make, x):
    one, other = make(), make()
    y = one.forward(x)
    other.forward(x[:2] * 3)
    assert one.backward(y).shape == x.shape
    for name, p in one.params.items():
        assert not np.shares_memory(p, other.params[name])


def test_gradients_fit_forward(make, x, rng, numeric_gradient):
    layer = make()
    dout = rng.normal(size=layer.forward(x[:2]).shape)
    expected = numeric_gradient(lambda v: float((layer.forward(v) * dout).sum()), x[:2])
    layer.forward(x[:2])
    np.testing.assert_allclose(layer.backward(dout), expected, atol=1e-7)


def test_backward_before_forward_is_an_error(make, x):
    with pytest.raises(RuntimeError, match="backward was called before forward"):
        make().backward(x)


def test_dout_of_another_shape_is_an_error(make, x):
    layer = make()
    y = layer.forward(x)
    with pytest.raises(ValueError, match=r"expected dout of the output's shape \(5, .*got shape"):
        layer.backward(y[:1])


def test_text_is_not_an_array_of_numbers(make, x):
    with pytest.raises(ValueError, match="expected an array of real numbers, got dtype <U"):
        make().forward(np.full(x.shape, "a"))


def test_integers_are_taken_as_float64(make, x):
    layer = make()
    y = layer.forward(x.astype(int))
    np.testing.assert_array_equal(y, layer.forward(x.astype(int).astype(float)))
    assert y.dtype == np.float64
