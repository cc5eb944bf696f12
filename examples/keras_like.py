"""A front end in the style of Keras, from the first layer to saving and loading.

`reference.model.Model` builds networks layer by layer, infers the shapes between layers, and
trains, evaluates and saves the networks. This is a tour of it on the 8x8 digits that come with the
reference::

    python examples/keras_like.py --out runs

With the default seed it stops after 17 of 20 epochs, with an accuracy of 97.2 % on unseen
images, and takes a few seconds. Needs matplotlib for the plots: pip install -e '.[plots]'
"""

import argparse
import sys
from pathlib import Path

from arguments import positive, seed

from reference import SGD, Conv2D, Dense, Flatten, MaxPool2D
from reference.datasets import load_digits
from reference.model import Model

try:
    from reference.plots import plot_confusion, plot_history
except ModuleNotFoundError as error:
    sys.exit(f"{error}; keras_like.py needs matplotlib: pip install -e '.[plots]'")


def build(shape, classes, seed):
    """Return a model; each layer knows the layer before it, and refuses one that does not fit."""
    model = Model(shape, dtype="float32", rng=seed)
    model.add(Conv2D, 16, 3, padding=1, activation="relu", init="kaiming_normal")
    model.add(MaxPool2D, 2)
    model.add(Conv2D, 32, 3, padding=1, activation="relu", init="kaiming_normal")
    model.add(MaxPool2D, 2)
    model.add(Flatten)
    model.add(Dense, 64, activation="relu", init="kaiming_uniform")
    model.add(Dense, classes, init="xavier_uniform")
    model.compile(SGD(0.1), "cross_entropy")
    return model


class EarlyStopping:
    """A callback that ends the training when the validation has not improved for some epochs."""

    def __init__(self, patience):
        self.patience, self.best, self.waited = patience, float("inf"), 0

    def __call__(self, model, epoch, logs):
        self.waited = 0 if logs["val_loss"] < self.best else self.waited + 1
        self.best = min(self.best, logs["val_loss"])
        model.stop_training = self.waited >= self.patience


def main(argv=None):
    parser = argparse.ArgumentParser(
        allow_abbrev=False, description="A tour of the Keras-like front end."
    )
    parser.add_argument("--epochs", type=positive, default=20)
    parser.add_argument("--verbose", type=int, choices=(0, 1, 2), default=1)
    parser.add_argument("--seed", type=seed, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs"))
    args = parser.parse_args(argv)
    try:
        args.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"--out {args.out}: no folder can be made there: {error.strerror}")

    data = load_digits(args.seed)
    model = build(data.x_train.shape[1:], data.classes, args.seed)
    print(model.summary())
    try:
        model.add(Conv2D, 8, 3)
    except ValueError as error:
        print(f"\na layer that does not fit is refused: {error}\n")

    history = model.fit(
        data.x_train,
        data.y_train,
        batch_size=32,
        epochs=args.epochs,
        verbose=args.verbose,
        validation_split=0.1,  # the last tenth of the training images; none of the test's
        callbacks=[EarlyStopping(patience=4)],
    )
    measured = model.evaluate(data.x_test, data.y_test)
    print(f"test: loss {measured['loss']:.4f}, accuracy {measured['accuracy']:.2%}")

    model.save(args.out / "model.npz")
    again = Model.load(args.out / "model.npz")
    predicted = again.predict_classes(data.x_test)
    same = (predicted == model.predict_classes(data.x_test)).all()
    print(f"saved and loaded: {'the same predictions' if same else 'other predictions'}")

    plot_history(args.out / "history.png", history)
    plot_confusion(args.out / "confusion.png", data.y_test, predicted, data.classes)
    print(f"plots: {args.out / 'history.png'}, {args.out / 'confusion.png'}")
    return measured["accuracy"]


if __name__ == "__main__":
    main()
