"""Flatten, Dense and ReLU."""

import numpy as np
import pytest

from reference import Dense, Flatten, ReLU


def test_flatten_goes_in_row_major_order_whatever_the_memory(rng):
    x = rng.normal(size=(2, 3, 4, 5))
    batch_last = np.ascontiguousarray(x.transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
    for array in (x, batch_last, np.asfortranarray(x)):
        layer = Flatten()
        np.testing.assert_array_equal(layer.forward(array), x.reshape(2, 60))
        np.testing.assert_array_equal(layer.backward(layer.forward(array)), x)


def test_flatten_leaves_vectors_as_they_are(rng):
    x = rng.normal(size=(2, 3))
    np.testing.assert_array_equal(Flatten().forward(x), x)


def test_flatten_needs_two_dimensions():
    with pytest.raises(ValueError, match=r"Flatten: expected 2 dimensions or more, got shape \(3,"):
        Flatten().forward(np.zeros(3))


def test_dense_is_a_product_with_the_transposed_weight():
    layer = Dense(2, 3)
    layer.params["weight"] = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    layer.params["bias"] = np.array([0.5, 0.0, -0.5])
    assert layer.forward(np.array([[1.0, 10.0]])).tolist() == [[21.5, 43.0, 64.5]]


def test_dense_without_bias_has_no_bias(rng):
    layer = Dense(2, 3, bias=False)
    layer.backward(layer.forward(rng.normal(size=(4, 2))))
    assert layer.params.keys() == layer.grads.keys() == {"weight"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 1), "Dense: in_features must be >= 1, got 0"),
        ((1, 0), "Dense: out_features must be >= 1, got 0"),
        ((1, 2.0), "Dense: out_features must be an int, got 2.0"),
    ],
)
def test_dense_names_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        Dense(*arguments)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((2, 4), r"Dense: expected 3 input features, got 4 \(input of shape \(2, 4\)\)"),
        ((3,), r"Dense: expected 2 dimensions \(N, D\) or more, got shape \(3,\)"),
        ((2, 3, 1, 1), r"Dense: expected 3 input features, got 1 \(input of shape \(2, 3, 1, 1\)"),
    ],
)
def test_dense_names_bad_inputs(shape, message):
    with pytest.raises(ValueError, match=message):
        Dense(3, 2).forward(np.zeros(shape))


def test_relu_has_derivative_zero_at_zero():
    layer = ReLU()
    assert layer.forward(np.array([-2.0, -0.0, 0.0, 3.0])).tolist() == [0, 0, 0, 3]
    assert layer.backward(np.array([5.0, 6.0, 7.0, 8.0])).tolist() == [0, 0, 0, 8]
