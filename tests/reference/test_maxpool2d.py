import numpy as np
import pytest

from reference import AvgPool2D, MaxPool2D
from reference.fast import windows


def pool(x, dout, *arguments):
    """Pool one image with one channel, forward and backward."""
    layer = MaxPool2D(*arguments)
    y = layer.forward(np.array(x, float)[None, None])
    return y[0, 0].tolist(), layer.backward(np.array(dout, float)[None, None])[0, 0].tolist()


def test_the_maximum_takes_the_gradient():
    y, dx = pool([[1, 2], [4, 3]], [[5]], 2)
    assert y == [[4]]
    assert dx == [[0, 0], [5, 0]]


def test_on_a_tie_the_first_in_row_major_order_takes_the_gradient():
    _, dx = pool([[1, 7], [7, 7]], [[5]], 2)
    assert dx == [[0, 5], [0, 0]]


def test_overlapping_windows_add_up():
    y, dx = pool([[1, 9, 1]], [[5, 6]], (1, 2), 1)
    assert y == [[9, 9]]
    assert dx == [[0, 11, 0]]


def test_padding_never_wins_over_negative_values():
    y, dx = pool([[-1, -2], [-3, -4]], [[1, 2], [3, 4]], 2, 2, 1)
    assert y == [[-1, -2], [-3, -4]]
    assert dx == [[1, 2], [3, 4]]


def test_padding_does_not_take_the_gradient_of_minus_infinity():
    inf = np.inf
    y, dx = pool([[-inf, -inf], [-inf, -inf]], [[1, 2], [3, 4]], 2, 2, 1)
    assert y == [[-inf, -inf], [-inf, -inf]]
    assert dx == [[1, 2], [3, 4]]


def test_infinity_is_the_maximum_and_ties_with_itself():
    inf = np.inf
    y, dx = pool([[0, inf], [inf, -inf]], [[5]], 2)
    assert y == [[inf]]
    assert dx == [[0, 5], [0, 0]]


def test_pixels_outside_all_windows_have_no_gradient():
    y, dx = pool(np.arange(25).reshape(5, 5), [[1, 2], [3, 4]], 1, 3)
    assert y == [[0, 3], [15, 18]]
    assert dx[0] == [1, 0, 0, 2, 0]
    assert dx[1] == dx[2] == dx[4] == [0] * 5


def test_windows_of_more_than_256_pixels(rng):
    x = rng.normal(size=(2, 1, 20, 20))
    layer = MaxPool2D(20)
    y = layer.forward(x)
    np.testing.assert_array_equal(y.ravel(), x.max(axis=(1, 2, 3)))
    dx = layer.backward(np.ones_like(y))
    assert dx.sum() == 2
    np.testing.assert_array_equal(x[dx == 1], y.ravel())


def test_the_stride_is_the_kernel_size_by_default():
    assert MaxPool2D((2, 3)).stride == (2, 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0,), "MaxPool2D: kernel_size must be >= 1, got 0"),
        ((2, 0), "MaxPool2D: stride must be >= 1, got 0"),
        ((2, (1, 1.5)), r"MaxPool2D: stride must be an int or a pair of ints, got \(1, 1.5\)"),
        ((2, 1, -1), "MaxPool2D: padding must be >= 0, got -1"),
        (
            ((4, 3), 1, 2),
            r"MaxPool2D: padding must be at most half of kernel_size \(4, 3\), got \(2, 2\)",
        ),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        MaxPool2D(*arguments)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((4, 4), r"MaxPool2D: expected 4 dimensions \(N, C, H, W\), got shape \(4, 4\)"),
        ((1, 1, 4, 2), r"MaxPool2D: expected a padded input of at least .* got \(4, 2\)"),
    ],
)
def test_bad_inputs_are_named(shape, message):
    with pytest.raises(ValueError, match=message):
        MaxPool2D(3).forward(np.zeros(shape))


@pytest.mark.parametrize("Pool", [MaxPool2D, AvgPool2D])
@pytest.mark.parametrize("arguments", [(2,), (3, 2, 1), (2, 1), ((3, 1), (1, 4)), (1, 3)])
@pytest.mark.parametrize("last", [False, True], ids=["batch-first", "batch-last"])
def test_pieces_of_any_size_give_the_same_result(Pool, arguments, last, rng, monkeypatch):
    x = rng.normal(size=(20, 3, 50, 51)).astype(np.float32)
    if last:
        x = np.ascontiguousarray(x.transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
    large, small = Pool(*arguments), Pool(*arguments)
    y = large.forward(x)
    dx = large.backward(y)
    monkeypatch.setattr(windows, "cache_size", lambda: 3000)
    np.testing.assert_array_equal(small.forward(x), y)
    np.testing.assert_allclose(small.backward(y), dx, rtol=1e-6, atol=1e-6)
    one_by_one = [Pool(*arguments).forward(image[None]) for image in x]
    np.testing.assert_array_equal(np.concatenate(one_by_one), y)


@pytest.mark.parametrize("Pool", [MaxPool2D, AvgPool2D])
def test_the_memory_layout_of_the_images_is_kept(Pool, rng):
    first = rng.normal(size=(4, 3, 6, 6))
    last = np.ascontiguousarray(first.transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
    for x in (first, last):
        layer = Pool(2)
        y = layer.forward(x)
        dx = layer.backward(y)
        for pooled in (y, dx):
            assert np.argsort(pooled.strides).tolist() == np.argsort(x.strides).tolist()
    np.testing.assert_array_equal(
        Pool(2).forward(first[::-1, ::-1]), Pool(2).forward(last)[::-1, ::-1]
    )


def test_an_infinite_gradient_stays_at_its_pixel():
    _, dx = pool([[1, 2], [4, 3]], [[np.inf]], 2)
    assert dx == [[0, 0], [np.inf, 0]]
