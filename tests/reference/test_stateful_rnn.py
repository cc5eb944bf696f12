"""A recurrent layer whose state is carried over batches."""

import numpy as np
import pytest

from reference import MSE, RNN, SGD, fit
from reference.stateful_rnn import StatefulRNN

N, T, D, H = 3, 8, 2, 4


def pair(nonlinearity="tanh", dtype=np.float64):
    layers = StatefulRNN(D, H, nonlinearity, rng=0), RNN(D, H, nonlinearity, rng=0)
    for layer in layers:
        layer.params = {name: array.astype(dtype) for name, array in layer.params.items()}
    return layers


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_pieces_of_a_sequence_give_what_the_whole_gives(rng, nonlinearity):
    stateful, plain = pair(nonlinearity)
    x = rng.normal(size=(N, T, D))
    pieces = np.concatenate([stateful.forward(x[:, :3]), stateful.forward(x[:, 3:])], axis=1)
    np.testing.assert_allclose(pieces, plain.forward(x), rtol=1e-12)
    stateful.reset_state()
    np.testing.assert_allclose(stateful.forward(x), plain.forward(x), rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gradients_are_those_of_the_whole_from_where_the_batch_begins(rng, dtype):
    stateful, plain = pair(dtype=dtype)
    x = rng.normal(size=(N, T, D)).astype(dtype)
    dout = rng.normal(size=(N, T, H)).astype(dtype)
    stateful.forward(x[:, :3])
    stateful.forward(x[:, 3:])
    dx = stateful.backward(dout[:, 3:])
    h0 = plain.forward(x[:, :3])[:, -1]

    def loss(name, place, step):
        params = {n: p.astype(np.float64).copy() for n, p in stateful.params.items()}
        inputs = x[:, 3:].astype(np.float64).copy()
        (inputs if name == "x" else params[name])[place] += step
        h, total = h0.astype(np.float64), 0.0
        for t in range(T - 3):
            z = inputs[:, t] @ params["weight_ih_l0"].T + h @ params["weight_hh_l0"].T
            h = np.tanh(z + params["bias_ih_l0"] + params["bias_hh_l0"])
            total += float((h * dout[:, 3 + t]).sum())
        return total

    for name, grad in {"x": dx, **stateful.grads}.items():
        assert grad.dtype == dtype
        for place in [tuple(0 for _ in grad.shape), tuple(n - 1 for n in grad.shape)]:
            slope = (loss(name, place, 1e-5) - loss(name, place, -1e-5)) / 2e-5
            assert grad[place] == pytest.approx(slope, rel=1e-3, abs=1e-4), (name, place)


def test_a_batch_of_another_size_is_refused_until_the_state_is_reset(rng):
    stateful, _ = pair()
    stateful.forward(rng.normal(size=(3, 2, D)))
    with pytest.raises(ValueError, match="expected 3 samples as in the batch before, got 2; call"):
        stateful.forward(rng.normal(size=(2, 2, D)))
    stateful.reset_state()
    assert stateful.forward(rng.normal(size=(2, 2, D))).shape == (2, 2, H)
    with pytest.raises(ValueError, match=r"expected \(N, T, 2\), got shape \(2, 3\)"):
        stateful.forward(np.ones((2, 3)))


def test_what_a_caller_does_to_the_output_does_not_reach_the_state(rng):
    stateful, plain = pair()
    x = rng.normal(size=(N, T, D))
    stateful.forward(x[:, :3])[...] = 7
    np.testing.assert_allclose(stateful.forward(x[:, 3:]), plain.forward(x)[:, 3:], rtol=1e-12)


def test_training_on_pieces_carries_the_state(rng):
    """The target of all steps is the first input, which the later pieces do not have."""
    first = rng.choice([-1.0, 1.0], size=(64, 1, 1))
    x = np.concatenate([first, np.zeros((64, 39, 1))], axis=1)
    losses = {}
    for layer in (StatefulRNN(1, 1, rng=1), RNN(1, 1, rng=1)):
        layer.params = {"weight_ih_l0": [[0.5]], "weight_hh_l0": [[1.5]]}
        layer.params |= {"bias_ih_l0": [0.0], "bias_hh_l0": [0.0]}
        layer.params = {name: np.array(value) for name, value in layer.params.items()}
        pieces = [x[:, t : t + 4] for t in range(0, 40, 4)]
        target = np.repeat(first, 4, axis=1)
        losses[type(layer)] = [
            fit(layer, MSE(), SGD(0.0), p, target, batch_size=64, shuffle=False)["loss"][0]
            for p in pieces
        ]
    assert losses[StatefulRNN][-1] < 0.2
    assert losses[RNN][-1] == pytest.approx(1)
