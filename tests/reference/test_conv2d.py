import numpy as np
import pytest

from reference import Conv2D
from reference.fast import by_rows, conv2d, row_im2col


def test_one_pixel_filter_scales_and_shifts(rng):
    layer = Conv2D(1, 1, 1)
    layer.params["weight"][...] = 3
    layer.params["bias"][...] = -2
    x = rng.normal(size=(2, 1, 4, 5))
    np.testing.assert_allclose(layer.forward(x), 3 * x - 2)


def test_the_filter_is_not_flipped():
    layer = Conv2D(1, 1, (1, 2), bias=False)
    layer.params["weight"] = np.array([[[[1.0, 10.0]]]])
    y = layer.forward(np.array([[[[1.0, 2.0, 3.0]]]]))
    assert y.tolist() == [[[[21.0, 32.0]]]]


def test_pixels_that_the_stride_does_not_reach_have_no_gradient(rng):
    layer = Conv2D(2, 3, (1, 2), stride=(3, 4))
    y = layer.forward(rng.normal(size=(2, 2, 6, 7)))
    dx = layer.backward(rng.uniform(1, 2, size=y.shape))
    reached = np.zeros((6, 7), bool)
    reached[::3, 0:2] = reached[::3, 4:6] = True
    assert (dx[..., ~reached] == 0).all()
    assert (dx[..., reached] != 0).all()


def both_ways(layer, x, dout):
    return [layer.forward(x), layer.backward(dout), *layer.grads.values()]


@pytest.mark.parametrize("channels", [2, 5])  # one is too few for gradients by pixels
@pytest.mark.parametrize("stride", [1, 2, 3, 4])
def test_small_blocks_give_the_same_result(rng, monkeypatch, channels, stride):
    layer = Conv2D(channels, 3, 3, (stride, 1), padding=1, rng=0)
    x = rng.normal(size=(2, channels, 29, 8))
    dout = rng.normal(size=layer.forward(x).shape)
    expected = both_ways(layer, x, dout)
    strip = channels * 3 * 8 * 2 * x.itemsize
    for module in (row_im2col, by_rows):
        monkeypatch.setattr(module, "cache_size", lambda: 8 * strip)  # four strips: two rows
    for actual, array in zip(both_ways(layer, x, dout), expected, strict=True):
        np.testing.assert_allclose(actual, array, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("kernel", "padding", "dilation", "groups"),
    [
        (3, 1, 1, 1),
        (3, 0, 1, 2),
        ((2, 4), "same", 1, 1),
        ((4, 2), "same_lower", 1, 2),
        (3, "full", 1, 1),
        ((3, 2), (2, 1), (2, 3), 1),
        (1, 0, 1, 1),
        ((1, 5), (0, 4), 1, 1),
    ],
)
def test_gradients_by_pixels_are_those_by_columns(
    rng, monkeypatch, kernel, padding, dilation, groups
):
    layer = Conv2D(8, 10, kernel, 1, padding, dilation=dilation, groups=groups, rng=0)
    x = rng.normal(size=(3, 8, 11, 9))
    dout = rng.normal(size=layer.forward(x).shape)
    assert layer._suits_pixels()
    by_pixels = both_ways(layer, x, dout)
    monkeypatch.setattr(conv2d, "CHANNELS", 100)
    for actual, array in zip(both_ways(layer, x, dout), by_pixels, strict=True):
        np.testing.assert_allclose(actual, array, rtol=1e-12, atol=1e-12)


def test_gradients_where_some_windows_are_all_padding(rng):
    layer = Conv2D(4, 4, 1, padding=1, rng=0)
    y = layer.forward(rng.normal(size=(2, 4, 3, 3)))
    dx = layer.backward(np.ones_like(y))
    expected = layer.params["weight"].sum(axis=0)[:, 0, 0][:, None, None]
    np.testing.assert_allclose(dx, np.broadcast_to(expected, dx.shape))


def test_each_image_of_a_large_batch_is_convolved_by_itself(rng):
    layer = Conv2D(2, 3, 3, padding=1, rng=0)
    x = rng.normal(size=(40, 2, 5, 6))
    one_by_one = np.concatenate([layer.forward(image[None]) for image in x])
    np.testing.assert_allclose(layer.forward(x), one_by_one, rtol=1e-13, atol=1e-13)


def test_parameters_in_place_and_replaced_are_used(rng):
    layer = Conv2D(1, 2, 2)
    x = rng.normal(size=(1, 1, 3, 3))
    layer.params["weight"][...] = 0
    layer.params["bias"] = np.array([5.0, 6.0])
    assert (layer.forward(x) == np.array([5.0, 6.0]).reshape(1, 2, 1, 1)).all()


def test_without_bias_there_is_no_bias(rng):
    layer = Conv2D(1, 2, 2, bias=False)
    layer.backward(layer.forward(rng.normal(size=(1, 1, 3, 3))))
    assert layer.params.keys() == layer.grads.keys() == {"weight"}


def test_the_same_seed_gives_the_same_weights():
    one, same, other = (Conv2D(2, 3, 3, rng=seed).params["weight"] for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).all()


def test_weights_start_with_the_variance_of_he():
    weight = Conv2D(8, 500, 3, rng=0).params["weight"]
    assert weight.var() == pytest.approx(2 / (8 * 3 * 3), rel=0.03)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 1, 3), "Conv2D: in_channels must be >= 1, got 0"),
        ((1, -1, 3), "Conv2D: out_channels must be >= 1, got -1"),
        ((1.0, 1, 3), "Conv2D: in_channels must be an int, got 1.0"),
        ((True, 1, 3), "Conv2D: in_channels must be an int, got True"),
        ((1, 1, 0), "Conv2D: kernel_size must be >= 1, got 0"),
        ((1, 1, (3, 0)), r"Conv2D: kernel_size must be >= 1, got \(3, 0\)"),
        ((1, 1, 2.5), "Conv2D: kernel_size must be an int or a pair of ints, got 2.5"),
        ((1, 1, (1, 2, 3)), "Conv2D: kernel_size must be an int or a pair of ints, got"),
        ((1, 1, (1, "2")), "Conv2D: kernel_size must be an int or a pair of ints, got"),
        ((1, 1, 3, 0), "Conv2D: stride must be >= 1, got 0"),
        ((1, 1, 3, 1, -1), "Conv2D: padding must be >= 0, got -1"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        Conv2D(*arguments)


def test_numpy_integers_and_lists_are_integers_and_pairs():
    assert Conv2D(np.int64(1), 2, [np.int32(3), 4]).kernel_size == (3, 4)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((2, 3, 8), r"Conv2D: expected 4 dimensions \(N, C, H, W\), got shape \(2, 3, 8\)"),
        (
            (2, 4, 8, 8),
            r"Conv2D: expected 3 input channels, got 4 \(input of shape \(2, 4, 8, 8\)\)",
        ),
        (
            (2, 3, 8, 2),
            r"Conv2D: expected a padded input of at least the kernel's size \(5, 5\), "
            r"got \(10, 4\) \(input of shape \(2, 3, 8, 2\), padding \(1, 1\)\)",
        ),
    ],
)
def test_bad_inputs_are_named(shape, message):
    with pytest.raises(ValueError, match=message):
        Conv2D(3, 2, 5, padding=1).forward(np.zeros(shape))


def test_the_input_may_change_after_forward(rng):
    for shape in ((2, 3, 8, 8), (1, 3, 8, 8)):
        x = np.ascontiguousarray(rng.normal(size=shape).transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
        layer = Conv2D(3, 4, 3, padding=1, rng=0)
        y = layer.forward(x)
        layer.backward(y)
        expected = layer.grads["weight"]
        x[...] = 0
        layer.backward(y)
        np.testing.assert_array_equal(layer.grads["weight"], expected)
