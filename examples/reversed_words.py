"""A small transformer learns to write words backwards, character by character.

A text is a word of random letters, a colon, and the word from its end: `xkcdeo:oedckx`. The network
is given the text and says, for every character, which one comes next; only those after the colon
can be known, and only they count. New words are then written backwards one character after another,
each one chosen by what the network says of the text so far::

    python examples/reversed_words.py

With the default seed, all of 500 new words are written without a mistake after 3 epochs, in 6 s of
CPU time.

The network is a decoder as in Vaswani et al.: Attention is all you need, 2017,
https://arxiv.org/abs/1706.03762, with the normalization before each branch and learned places, as
in GPT-2: an embedding, blocks of causal attention and of two dense layers, and a dense layer.
"""

import argparse

import numpy as np
from arguments import positive, seed

from reference import (
    GELU,
    Adam,
    Dense,
    Embedding,
    Layer,
    LayerNorm,
    MultiHeadAttention,
    Residual,
    Sequential,
    SoftmaxCrossEntropy,
    fit,
    predict,
)

CHARACTERS = "abcdefghijklmnopqrstuvwxyz:"
COLON = CHARACTERS.index(":")
IGNORED = -1


def texts(count, length, rng):
    """Return texts (count, 2 * length + 1) as indices of characters."""
    words = rng.integers(0, COLON, (count, length))
    return np.hstack([words, np.full((count, 1), COLON), words[:, ::-1]])


def samples(count, length, rng):
    """Return texts without their last character, and for each the next one, or that none counts."""
    made = texts(count, length, rng)
    following = made[:, 1:].copy()
    following[:, :length] = IGNORED
    return made[:, :-1], following


class Places(Layer):
    """Adds to each step of (N, T, D) what has been learned of its place."""

    def __init__(self, steps, features, rng):
        super().__init__()
        self.params = {"weight": rng.normal(size=(steps, features))}

    def forward(self, x):
        self.steps = x.shape[1]
        return x + self.params["weight"][: self.steps]

    def backward(self, dout):
        self.grads = {"weight": np.zeros_like(self.params["weight"])}
        self.grads["weight"][: self.steps] = dout.sum(axis=0)
        return dout


def network(length, features, heads, blocks, rng):
    """Return a transformer that gives a score to every character, for each step (N, T)."""
    layers = [
        Embedding(len(CHARACTERS), features, rng=rng),
        Places(2 * length, features, rng),
    ]
    for _ in range(blocks):
        attention = MultiHeadAttention(features, heads, causal=True, rng=rng)
        hidden = Dense(features, 4 * features, rng=rng)
        back = Dense(4 * features, features, rng=rng)
        layers.append(Residual(Sequential([LayerNorm(features), attention])))
        layers.append(Residual(Sequential([LayerNorm(features), hidden, GELU(), back])))
    return Sequential([*layers, LayerNorm(features), Dense(features, len(CHARACTERS), rng=rng)])


def written(model, words):
    """Return words (N, length) as the network writes them after a colon, one by one."""
    text = np.hstack([words, np.full((len(words), 1), COLON)])
    for _ in range(words.shape[1]):
        latest = predict(model, text)[:, -1].argmax(axis=1)
        text = np.hstack([text, latest[:, None]])
    return text[:, words.shape[1] + 1 :]


def spelled(indices):
    return "".join(CHARACTERS[each] for each in indices)


def main(argv=None):
    parser = argparse.ArgumentParser(allow_abbrev=False, description="Words, written backwards.")
    parser.add_argument("--words", type=positive, default=2000)
    parser.add_argument("--length", type=positive, default=6)
    parser.add_argument("--features", type=positive, default=32)
    parser.add_argument("--heads", type=positive, default=4)
    parser.add_argument("--blocks", type=positive, default=2)
    parser.add_argument("--epochs", type=positive, default=3)
    parser.add_argument("--rate", type=float, default=0.003)
    parser.add_argument("--seed", type=seed, default=0)
    args = parser.parse_args(argv)
    if args.features % args.heads:
        parser.error("--features: expected a multiple of --heads")

    rng = np.random.default_rng(args.seed)
    x, y = samples(args.words, args.length, rng)
    new = texts(500, args.length, rng)[:, : args.length]
    model = network(args.length, args.features, args.heads, args.blocks, rng)
    loss, optimizer = SoftmaxCrossEntropy(ignore_index=IGNORED), Adam(args.rate)
    print(f"{sum(p.size for p in model.params.values())} parameters")
    for epoch in range(1, args.epochs + 1):
        history = fit(model, loss, optimizer, x, y, batch_size=32, rng=rng)
        answers = written(model, new)
        right = float((answers == new[:, ::-1]).all(axis=1).mean())
        print(f"epoch {epoch}: loss {history['loss'][0]:.4f}, {right:.1%} of new words right")
    print(f"{spelled(new[0])}:{spelled(answers[0])}")
    return right


if __name__ == "__main__":
    main()
