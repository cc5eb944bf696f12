"""Every unit against PyTorch, over many random configurations."""

import numpy as np
import pytest

from reference import (
    MSE,
    SGD,
    Conv2D,
    Dense,
    Flatten,
    MaxPool2D,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
)

pytestmark = pytest.mark.torch

both_dtypes = pytest.mark.parametrize("dtype", ["float32", "float64"])
many_seeds = pytest.mark.parametrize("seed", range(60))


def eps(dtype):
    return float(np.finfo(dtype).eps)


def assert_close(actual, expected, terms):
    """Compare with a bound for sums of `terms` products of numbers of size about 1."""
    expected = expected.detach().numpy()
    assert actual.shape == expected.shape
    assert actual.dtype == expected.dtype
    bound = 4 * eps(expected.dtype) * max(terms, 4)
    np.testing.assert_allclose(actual, expected, rtol=bound, atol=bound * 4)


def random_window(rng):
    """Sizes of a window problem: everything different, the stride may exceed the kernel."""
    kernel = tuple(int(k) for k in rng.integers(1, 5, 2))
    stride = tuple(int(s) for s in rng.integers(1, 6, 2))
    padding = tuple(int(rng.integers(0, k // 2 + 1)) for k in kernel)
    image = tuple(int(k + rng.integers(0, 9)) for k in kernel)
    return kernel, stride, padding, image


def leaf(torch, array):
    return torch.tensor(array, requires_grad=True)


@both_dtypes
@many_seeds
def test_conv2d(torch, set_params, dtype, seed):
    rng = np.random.default_rng(seed)
    kernel, stride, padding, image = random_window(rng)
    padding = tuple(int(p + rng.integers(0, 3)) for p in padding)  # Conv2D may pad more
    N, C, K = (int(n) for n in rng.integers(1, 6, 3))
    layer = Conv2D(C, K, kernel, stride, padding, bias=bool(rng.integers(2)))
    set_params(layer, rng, dtype)
    x = rng.normal(size=(N, C, *image)).astype(dtype)
    y = layer.forward(x)
    dout = rng.normal(size=y.shape).astype(dtype)
    dx = layer.backward(dout)

    tx, tp = leaf(torch, x), {name: leaf(torch, p) for name, p in layer.params.items()}
    ty = torch.nn.functional.conv2d(tx, tp["weight"], tp.get("bias"), stride, padding)
    ty.backward(torch.tensor(dout))
    assert_close(y, ty, C * np.prod(kernel))
    assert_close(dx, tx.grad, K * np.prod(kernel))
    assert layer.grads.keys() == tp.keys()
    for name, p in tp.items():
        assert_close(layer.grads[name], p.grad, dout[:, 0].size)


@both_dtypes
@many_seeds
def test_maxpool2d(torch, dtype, seed):
    rng = np.random.default_rng(seed)
    kernel, stride, padding, image = random_window(rng)
    shape = (*(int(n) for n in rng.integers(1, 6, 2)), *image)
    x = rng.integers(-3, 2, size=shape).astype(dtype)  # small integers: many ties
    if seed % 3 == 0:
        x[x == 1], x[x == -3] = np.inf, -np.inf
    layer = MaxPool2D(kernel, stride, padding)
    y = layer.forward(x)
    dout = rng.normal(size=y.shape).astype(dtype)

    tx = leaf(torch, x)
    ty = torch.nn.functional.max_pool2d(tx, kernel, stride, padding)
    ty.backward(torch.tensor(dout))
    assert_close(y, ty, 1)
    assert_close(layer.backward(dout), tx.grad, int(np.prod(kernel)))


@both_dtypes
@pytest.mark.parametrize("seed", range(10))
def test_dense(torch, set_params, dtype, seed):
    rng = np.random.default_rng(seed)
    N, D, M = (int(n) for n in rng.integers(1, 9, 3))
    layer = Dense(D, M, bias=bool(rng.integers(2)))
    set_params(layer, rng, dtype)
    x, dout = rng.normal(size=(N, D)).astype(dtype), rng.normal(size=(N, M)).astype(dtype)
    y, dx = layer.forward(x), layer.backward(dout)

    tx, tp = leaf(torch, x), {name: leaf(torch, p) for name, p in layer.params.items()}
    ty = torch.nn.functional.linear(tx, tp["weight"], tp.get("bias"))
    ty.backward(torch.tensor(dout))
    assert_close(y, ty, D)
    assert_close(dx, tx.grad, M)
    for name, p in tp.items():
        assert_close(layer.grads[name], p.grad, N)


@both_dtypes
@pytest.mark.parametrize("shape", [(7,), (3, 4), (2, 3, 4, 5)])
def test_relu(torch, rng, dtype, shape):
    x, dout = rng.integers(-2, 3, shape).astype(dtype), rng.normal(size=shape).astype(dtype)
    layer, tx = ReLU(), leaf(torch, x)
    y = layer.forward(x)
    ty = torch.relu(tx)
    ty.backward(torch.tensor(dout))
    assert_close(y, ty, 1)
    assert_close(layer.backward(dout), tx.grad, 1)


@both_dtypes
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("kind", ["labels", "probabilities", "one-hot"])
@pytest.mark.parametrize("scale", [1, 100, 10_000])
def test_softmaxcrossentropy(torch, rng, dtype, reduction, kind, scale):
    logits = (scale * rng.normal(size=(6, 5))).astype(dtype)
    labels = rng.integers(0, 5, 6)
    target = {
        "labels": labels,
        "probabilities": rng.dirichlet(np.ones(5), 6).astype(dtype),
        "one-hot": np.eye(5, dtype=int)[labels],
    }[kind]
    loss = SoftmaxCrossEntropy(reduction)
    value = loss.forward(logits, target)

    tz = leaf(torch, logits)
    tt = torch.tensor(target if kind != "one-hot" else target.astype(dtype))
    expected = torch.nn.functional.cross_entropy(tz, tt, reduction=reduction)
    expected.backward()
    assert isinstance(value, float)
    assert value == pytest.approx(expected.item(), rel=8 * eps(dtype))
    # p = exp(log p) carries the rounding of a log p as large as the logits.
    bound = 8 * eps(dtype) * max(1.0, float(np.abs(logits).max()))
    assert loss.backward().dtype == dtype
    np.testing.assert_allclose(loss.backward(), tz.grad.numpy(), rtol=0, atol=bound)


@both_dtypes
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_mse(torch, rng, dtype, reduction):
    pred, target = (rng.normal(size=(3, 4, 5)).astype(dtype) for _ in range(2))
    loss, tp = MSE(reduction), leaf(torch, pred)
    value = loss.forward(pred, target)
    expected = torch.nn.functional.mse_loss(tp, torch.tensor(target), reduction=reduction)
    expected.backward()
    assert value == pytest.approx(expected.item(), rel=60 * eps(dtype))
    assert_close(loss.backward(), tp.grad, 1)


def small_networks(torch):
    """The same network twice."""
    nn = torch.nn
    ours = Sequential(
        [
            Conv2D(2, 3, 3, padding=1, rng=1),
            ReLU(),
            MaxPool2D(2),
            Flatten(),
            Dense(27, 4, rng=2),
            ReLU(),
            Dense(4, 3, bias=False, rng=3),
        ]
    )
    theirs = nn.Sequential(
        nn.Conv2d(2, 3, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(27, 4),
        nn.ReLU(),
        nn.Linear(4, 3, bias=False),
    ).double()
    return ours, theirs


def test_weights_load_into_torch_by_name(torch, rng):
    ours, theirs = small_networks(torch)
    theirs.load_state_dict({name: torch.tensor(p) for name, p in ours.params.items()})
    x = rng.normal(size=(5, 2, 7, 6))
    assert_close(ours.forward(x), theirs(torch.tensor(x)), 27)


def test_weights_load_from_torch_by_name(torch, rng):
    ours, theirs = small_networks(torch)
    state = theirs.state_dict()
    assert ours.params.keys() == state.keys()
    ours.params.update({name: p.numpy() for name, p in state.items()})
    x = rng.normal(size=(5, 2, 7, 6))
    assert_close(ours.forward(x), theirs(torch.tensor(x)), 27)


def test_ten_training_steps_agree(torch, rng):
    ours, theirs = small_networks(torch)
    theirs.load_state_dict({name: torch.tensor(p) for name, p in ours.params.items()})
    x, labels = rng.normal(size=(8, 2, 7, 6)), rng.integers(0, 3, 8)
    loss, optimizer = SoftmaxCrossEntropy(), SGD(0.1)
    their_optimizer = torch.optim.SGD(theirs.parameters(), 0.1)
    for _ in range(10):
        value = loss.forward(ours.forward(x), labels)
        ours.backward(loss.backward())
        optimizer.step(ours.params, ours.grads)

        their_optimizer.zero_grad()
        expected = torch.nn.functional.cross_entropy(theirs(torch.tensor(x)), torch.tensor(labels))
        expected.backward()
        their_optimizer.step()
        assert value == pytest.approx(expected.item(), rel=1e-9)  # differences grow by step
