import numpy as np
import pytest

from reference import SGD


def test_the_arrays_themselves_change():
    weight, bias = np.array([1.0, 2.0]), np.array([3.0])
    params = {"weight": weight, "bias": bias}
    grads = {"bias": np.array([-10.0]), "weight": np.array([10.0, 20.0])}
    SGD(0.1).step(params, grads)
    assert params["weight"] is weight
    assert weight.tolist() == [0.0, 0.0]
    assert bias.tolist() == [4.0]
    assert grads["weight"].tolist() == [10.0, 20.0]


def test_float32_parameters_stay_float32():
    params = {"w": np.ones(2, np.float32)}
    SGD(np.float64(0.5)).step(params, {"w": np.ones(2, np.float32)})
    assert params["w"].dtype == np.float32


@pytest.mark.parametrize("lr", [-0.1, np.nan, np.inf])
def test_bad_rates_are_named(lr):
    with pytest.raises(ValueError, match=f"SGD: lr must be finite and >= 0, got {lr}"):
        SGD(lr)


@pytest.mark.parametrize(
    ("grads", "message"),
    [
        ({"a": np.ones(2)}, r"SGD: expected gradients for .*\['a', 'b'\], got .*\['a'\]"),
        (
            {"a": np.ones(2), "b": np.ones(3), "c": np.ones(1)},
            r"SGD: expected gradients for .*\['a', 'b'\], got .*\['a', 'b', 'c'\]",
        ),
        (
            {"a": np.ones(2), "b": np.ones(1)},
            r"SGD: expected a gradient of shape \(3,\) for 'b', got shape \(1,\)",
        ),
    ],
)
def test_gradients_that_do_not_fit_change_nothing(grads, message):
    params = {"a": np.zeros(2), "b": np.zeros(3)}
    with pytest.raises(ValueError, match=message):
        SGD(1.0).step(params, grads)
    assert not any(p.any() for p in params.values())
