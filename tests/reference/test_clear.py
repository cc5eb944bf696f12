"""The clear units and the fast ones compute the same."""

import numpy as np
import pytest

from reference import clear, fast
from reference.fast import windows

CONVOLUTIONS = {
    "plain": ((2, 3, 3), {}),
    "one pixel": ((3, 2, 1), {}),
    "pairs": ((2, 3, (3, 2)), {"stride": (2, 1), "padding": (1, 2)}),
    "left over": ((1, 2, 3), {"stride": 2}),
    "apart": ((2, 2, 2), {"stride": 3}),
    "dilated": ((2, 2, (2, 3)), {"dilation": (3, 2), "padding": 2}),
    "in groups": ((4, 6, 3), {"groups": 2, "bias": False}),
    "everything": ((4, 2, 2), {"groups": 2, "dilation": 2, "stride": 2, "padding": "same_lower"}),
}
POOLINGS = {
    "plain": ((2,), {}),
    "overlapping": ((3,), {"stride": 1, "padding": 1}),
    "pairs": (((3, 2),), {"stride": (2, 3), "padding": (1, 0)}),
    "apart": ((2,), {"stride": 3}),
}
UNITS = [
    *(("Conv2D", name, *call) for name, call in CONVOLUTIONS.items()),
    *(
        (unit, name, *call)
        for unit in ("MaxPool2D", "AvgPool2D")
        for name, call in POOLINGS.items()
    ),
    ("ReLU", "plain", (), {}),
    ("AvgPool2D", "image only", (3,), {"padding": 1, "count_include_pad": False}),
]


def both_ways(layer, x, dout_of):
    y = layer.forward(x)
    dx = layer.backward(dout_of(y.shape))
    return {"y": y, "dx": dx, **layer.grads}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("unit", "args", "options"),
    [pytest.param(unit, args, options, id=f"{unit}-{name}") for unit, name, args, options in UNITS],
)
def test_clear_and_fast_agree(rng, unit, args, options, dtype):
    x = rng.normal(size=(3, args[0] if unit == "Conv2D" else 2, 8, 7)).round(1).astype(dtype)
    dout = rng.normal(size=(10, 10, 10, 10)).astype(dtype)
    results = []
    for voice in (clear, fast):
        layer = getattr(voice, unit)(*args, **options, **({"rng": 0} if unit == "Conv2D" else {}))
        layer.params |= {name: array.astype(dtype) for name, array in layer.params.items()}
        results.append(both_ways(layer, x, lambda s: dout[tuple(slice(n) for n in s)]))
    ours, theirs = results
    tolerance = 1e-12 if dtype == "float64" else 1e-4
    assert ours.keys() == theirs.keys()
    for name, array in ours.items():
        assert array.dtype == dtype, name
        np.testing.assert_allclose(array, theirs[name], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("cache", [100, 400, 1000], ids="cache of {} bytes".format)
@pytest.mark.parametrize("call", POOLINGS.values(), ids=POOLINGS)
@pytest.mark.parametrize("unit", ["MaxPool2D", "AvgPool2D"])
def test_poolings_agree_whatever_fits_into_the_cache(rng, unit, call, cache, monkeypatch):
    """A large image is pooled in pieces of its rows."""
    monkeypatch.setattr(windows, "cache_size", lambda: cache)
    args, options = call
    x = rng.normal(size=(3, 2, 9, 7)).round(1)
    dout = rng.normal(size=(10, 10, 10, 10))
    ours, theirs = (
        both_ways(getattr(voice, unit)(*args, **options), x, lambda s: dout[tuple(map(slice, s))])
        for voice in (clear, fast)
    )
    for name, array in ours.items():
        np.testing.assert_allclose(array, theirs[name], rtol=1e-12, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("N", "T"), [(3, 5), (1, 4), (2, 1)])
def test_clear_and_fast_lstm_agree(rng, dtype, N, T):
    x, dout = rng.normal(size=(N, T, 3)).astype(dtype), rng.normal(size=(N, T, 4)).astype(dtype)
    results = []
    for voice in (clear, fast):
        layer = voice.LSTM(3, 4, rng=0)
        layer.params = {name: array.astype(dtype) for name, array in layer.params.items()}
        results.append(both_ways(layer, x, lambda _: dout))
    ours, theirs = results
    tolerance = 1e-13 if dtype == "float64" else 1e-5
    for name, array in ours.items():
        assert theirs[name].dtype == dtype, name
        np.testing.assert_allclose(array, theirs[name], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("voice", [clear, fast], ids=["clear", "fast"])
def test_a_window_of_minus_infinities_gives_its_gradient_to_a_pixel_of_the_image(voice):
    layer = voice.MaxPool2D(2, padding=1)
    layer.forward(np.full((1, 1, 2, 2), -np.inf))
    assert (layer.backward(np.ones((1, 1, 2, 2))) == 1).all()


def test_the_fast_units_are_the_ones_that_are_exported():
    import reference

    assert all(getattr(reference, name) is getattr(fast, name) for name in fast.__all__)
    assert set(clear.__all__) == set(reference.__all__) - {"clear"}
