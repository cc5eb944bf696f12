"""Regression with one hidden layer: learn a curve from samples, one at a time.

A sigmoid hidden layer, a linear output (which can be any number), the squared error, and a step
after every single sample, as the first neural networks were trained::

    python examples/regression.py

With the default seed, the mean squared error on new points is 0.006, of which 0.0025 is noise,
after 100 epochs in 1 s; always predicting the mean of y would give 0.55.
"""

import argparse

import numpy as np
from arguments import positive, seed

from reference import MSE, SGD, Dense, Sigmoid
from reference.model import Model


def curve(count, rng, noise=0.05):
    """Draw points (x, y) of a curve: x from -1 to 1, y as measured with some noise."""
    x = rng.uniform(-1, 1, (count, 1))
    return x, np.sin(3 * x) + 0.5 * x**2 + rng.normal(0, noise, x.shape)


def main(argv=None):
    parser = argparse.ArgumentParser(
        allow_abbrev=False, description="A curve, learned one sample at a time."
    )
    parser.add_argument("--samples", type=positive, default=200)
    parser.add_argument("--epochs", type=positive, default=100)
    parser.add_argument("--hidden", type=positive, default=10)
    parser.add_argument("--rate", type=float, default=0.1)
    parser.add_argument("--seed", type=seed, default=0)
    args = parser.parse_args(argv)

    rng = np.random.default_rng(args.seed)
    x, y = curve(args.samples, rng)
    x_test, y_test = curve(1000, rng)

    model = Model((1,), rng=rng)
    model.add(Dense, args.hidden, init="xavier_normal").add(Sigmoid)
    model.add(Dense, 1, init="xavier_normal")
    model.compile(SGD(args.rate), MSE())
    history = model.fit(x, y, batch_size=1, epochs=args.epochs, verbose=0)

    error = model.evaluate(x_test, y_test)["loss"]
    print(f"mean squared error while training: {history['loss'][0]:.4f} in the first epoch, ")
    print(f"{history['loss'][-1]:.4f} in the last; on new points {error:.4f}")
    print(f"the mean of all y would have {np.var(y_test):.4f}, the curve itself 0.0025")
    print("\n     x   curve  network")
    for at in np.linspace(-1, 1, 9):
        value = model.predict(np.array([[at]]))[0, 0]
        print(f"{at:6.2f}  {np.sin(3 * at) + 0.5 * at**2:6.3f}   {value:6.3f}")
    return error


if __name__ == "__main__":
    main()
