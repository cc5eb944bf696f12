"""The trainings of examples/ reach their figures on a small budget, and are those of PyTorch."""

import runpy

import numpy as np
import pytest

from reference import SGD, Adam, SoftmaxCrossEntropy, fit
from tests import ROOT


@pytest.fixture
def script(monkeypatch):
    """Return what returns what a script defines."""
    monkeypatch.syspath_prepend(ROOT / "examples")  # as Python does for a script
    return lambda name: runpy.run_path(str(ROOT / "examples" / f"{name}.py"))


def test_an_lstm_learns_which_signal_came_first(script, capsys):
    small = ["--sequences", "800", "--length", "12", "--epochs", "8"]
    assert script("temporal_order")["main"](small) > 0.9
    assert "epoch  8: loss 0." in capsys.readouterr().out


def test_a_residual_network_learns_stripes(script, capsys):
    small = ["--images", "384", "--filters", "4", "--epochs", "3"]
    assert script("residual_network")["main"](small) > 0.3  # a tenth is chance
    assert "28 layers, " in capsys.readouterr().out


def test_a_transformer_learns_to_write_words_backwards(script, capsys):
    small = ["--words", "800", "--length", "3", "--blocks", "1", "--epochs", "4"]
    assert script("reversed_words")["main"](small) > 0.9
    assert "epoch 4: loss 0." in capsys.readouterr().out


def test_texts_are_a_word_and_its_reverse_and_only_that_counts(script):
    made = script("reversed_words")
    x, y = made["samples"](50, 4, np.random.default_rng(0))
    assert x.shape == y.shape == (50, 8)
    assert (x[:, 4] == made["COLON"]).all()
    assert (x[:, :4] != made["COLON"]).all()
    np.testing.assert_array_equal(y[:, 4:], x[:, 3::-1])
    assert (y[:, :4] == made["IGNORED"]).all()


def test_sequences_have_two_signals_in_their_places_and_their_class(script):
    x, y = script("temporal_order")["sequences"](200, 12, np.random.default_rng(0))
    assert x.shape == (200, 12, 6)
    assert (x.sum(axis=2) == 1).all()
    signals = x[:, :, 4:].sum(axis=2)
    assert (signals[:, :4].sum(axis=1) == 1).all()
    assert (signals[:, 4:8].sum(axis=1) == 1).all()
    assert (signals[:, 8:] == 0).all()
    first, second = (x[:, part, 5].sum(axis=1) for part in (slice(0, 4), slice(4, 8)))
    np.testing.assert_array_equal(y, 2 * first + second)


def test_the_gradient_of_a_residual_is_that_of_both_ways(script):
    made = script("residual_network")
    rng = np.random.default_rng(1)
    for sizes in ((2, 2, 1), (2, 3, 2)):
        residual, _ = made["block"](*sizes, rng)
        x = rng.normal(size=(4, 2, 6, 6))
        y = residual.forward(x)
        dout = rng.normal(size=y.shape)
        dx = residual.backward(dout)
        assert residual.params.keys() == residual.grads.keys()
        step = np.zeros_like(x)
        step[1, 1, 2, 3] = 1e-5
        slope = ((residual.forward(x + step) - residual.forward(x - step)) * dout).sum() / 2e-5
        assert dx[1, 1, 2, 3] == pytest.approx(slope, rel=1e-4)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("temporal_order", "3"), ("residual_network", "0"), ("reversed_words", "6")],
    ids=["length", "images", "features"],
)
def test_sizes_that_cannot_be_are_refused(script, capsys, name, wrong):
    options = {"temporal_order": "--length", "residual_network": "--images"}
    option = options.get(name, "--features")
    with pytest.raises(SystemExit):
        script(name)["main"]([option, wrong])
    assert f"{option}: expected" in capsys.readouterr().err


def trained_in_torch(torch, theirs, optimizer, x, y, epochs, batch, **options):
    """Train without shuffling; return the loss of each epoch."""
    loss, history = torch.nn.CrossEntropyLoss(**options), []
    x, y = torch.tensor(x), torch.tensor(y)
    for _ in range(epochs):
        total = 0.0
        for start in range(0, len(x), batch):
            part = slice(start, start + batch)
            value = loss(theirs(x[part]), y[part])
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            total += value.item() * len(x[part])
        history.append(total / len(x))
    return history


def agree(torch, ours, theirs, make, make_theirs, x, y, epochs=4, batch=16, **options):
    """Copy our first weights, train both, and compare the losses and what was learned."""
    with torch.no_grad():
        for parameter, array in zip(theirs.parameters(), ours.params.values(), strict=True):
            assert parameter.shape == array.shape
            parameter.copy_(torch.tensor(array))
    expected = trained_in_torch(
        torch, theirs, make_theirs(theirs.parameters()), x, y, epochs, batch, **options
    )
    loss = SoftmaxCrossEntropy(**options)
    history = fit(ours, loss, make(), x, y, epochs=epochs, batch_size=batch, shuffle=False)
    np.testing.assert_allclose(history["loss"], expected, rtol=1e-7)
    for parameter, array in zip(theirs.parameters(), ours.params.values(), strict=True):
        np.testing.assert_allclose(array, parameter.detach().numpy(), rtol=1e-5, atol=1e-8)
    assert history["loss"][-1] < history["loss"][0]


@pytest.mark.torch
def test_the_lstm_trains_as_in_pytorch(script):
    import torch

    made, rng = script("temporal_order"), np.random.default_rng(0)
    x, y = made["sequences"](80, 12, rng)
    ours = made["network"](6, rng)

    class Theirs(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = torch.nn.LSTM(6, 6, batch_first=True, dtype=torch.float64)
            self.dense = torch.nn.Linear(6, 4, dtype=torch.float64)

        def forward(self, x):
            return self.dense(self.lstm(x)[0][:, -1])

    agree(
        torch,
        ours,
        Theirs(),
        lambda: Adam(0.01),
        lambda parameters: torch.optim.Adam(parameters, 0.01),
        x,
        y,
    )


@pytest.mark.torch
def test_the_residual_network_trains_as_in_pytorch(script):
    import torch
    from torch import nn

    made, rng = script("residual_network"), np.random.default_rng(0)
    x, y = made["stripes"](48, rng)
    x = x.astype(np.float64)
    ours = made["network"](2, rng, np.float64)

    class Residual(nn.Module):
        def __init__(self, branch, way):
            super().__init__()
            self.branch, self.way = branch, way

        def forward(self, x):
            return self.branch(x) + self.way(x)

    def conv(inputs, outputs, size, stride=1):
        return nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False)

    def block(inputs, outputs, stride):
        branch = nn.Sequential(
            conv(inputs, outputs, 3, stride),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            conv(outputs, outputs, 3),
            nn.BatchNorm2d(outputs),
        )
        way = nn.Sequential(conv(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))
        return [Residual(branch, nn.Identity() if inputs == outputs else way), nn.ReLU()]

    theirs = nn.Sequential(
        *(conv(3, 2, 3), nn.BatchNorm2d(2), nn.ReLU()),
        *(*block(2, 2, 1), *block(2, 4, 2), *block(4, 8, 2)),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10)),
    ).double()
    agree(
        torch,
        ours,
        theirs,
        lambda: SGD(0.05, momentum=0.9, weight_decay=1e-4),
        lambda p: torch.optim.SGD(p, 0.05, momentum=0.9, weight_decay=1e-4),
        x,
        y,
    )


@pytest.mark.torch
def test_the_transformer_trains_as_in_pytorch(script):
    import torch
    from torch import nn

    made, rng = script("reversed_words"), np.random.default_rng(0)
    x, y = made["samples"](48, 4, rng)
    ours = made["network"](4, 8, 2, 2, rng)
    features, characters = 8, len(made["CHARACTERS"])

    class Places(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(8, features))

        def forward(self, x):
            return x + self.weight

    class Attention(nn.MultiheadAttention):
        def forward(self, x):
            later = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
            return super().forward(x, x, x, attn_mask=later, need_weights=False)[0]

    class Residual(nn.Sequential):
        def forward(self, x):
            return x + super().forward(x)

    def block():
        return (
            Residual(nn.LayerNorm(features), Attention(features, 2, batch_first=True)),
            Residual(
                *(nn.LayerNorm(features), nn.Linear(features, 4 * features)),
                *(nn.GELU(), nn.Linear(4 * features, features)),
            ),
        )

    class Theirs(nn.Sequential):
        def forward(self, x):
            return super().forward(x).swapaxes(1, 2)  # classes are the second axis there

    theirs = Theirs(
        *(nn.Embedding(characters, features), Places(), *block(), *block()),
        *(nn.LayerNorm(features), nn.Linear(features, characters)),
    ).double()
    agree(
        torch,
        ours,
        theirs,
        lambda: Adam(0.003),
        lambda parameters: torch.optim.Adam(parameters, 0.003),
        x,
        y,
        ignore_index=made["IGNORED"],
    )
