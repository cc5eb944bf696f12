"""A small network for folders of photos: one folder per class, such as cats and dogs.

Images of any size and kind are read when a batch needs them, resized to 64x64 and scaled to 0..1,
so that no more than one batch is in memory. The network: conv 3->4 3x3 "same_lower", ReLU, max pool
2, flatten, dense 256, ReLU, dense 2; trained with the cross-entropy of one-hot rows, summed over
a batch, or with the squared error::

    python examples/image_folder_cnn.py FOLDER            # FOLDER/cat/1.jpg, FOLDER/dog/1.png ...
    python examples/image_folder_cnn.py FOLDER --loss mse
    python examples/image_folder_cnn.py                   # draws bright and dark spots

Files that cannot be read are named and skipped; grey, transparent and rotated images are
converted.

Measured on 300 drawn images, 60 of them for testing, with seeds 0 to 4: an accuracy of 100 %
with the cross-entropy, 98.3 to 100 % with the squared error.

Needs Pillow, and matplotlib for the plot: pip install -e '.[data,plots]'
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from arguments import positive, seed

from reference import MSE, SGD, Conv2D, Dense, Flatten, MaxPool2D, SoftmaxCrossEntropy
from reference.datasets import load_image_folder
from reference.model import Model

try:
    from PIL import Image

    from reference.plots import plot_history
except ModuleNotFoundError as error:
    needed = "Pillow and matplotlib: pip install -e '.[data,plots]'"
    sys.exit(f"{error}; image_folder_cnn.py needs {needed}")

# Losses that are summed over a batch of 16 have gradients 16 times as large: the rate is smaller.
LOSSES = {"cross_entropy": (SoftmaxCrossEntropy("sum"), 0.001), "mse": (MSE("sum"), 0.0005)}


def build(classes, loss, seed):
    model = Model((3, 64, 64), dtype="float32", rng=seed)
    model.add(Conv2D, 4, 3, padding="same_lower", activation="relu")
    model.add(MaxPool2D, 2)
    model.add(Flatten)
    model.add(Dense, 256, activation="relu")
    model.add(Dense, classes)
    criterion, rate = LOSSES[loss]
    model.compile(SGD(rate), criterion)
    return model


def draw_spots(folder, count, seed):
    """Draw bright spots on dark grounds and dark spots on bright ones, of any colour and size."""
    rng = np.random.default_rng(seed)
    for name in ("blots", "lamps"):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            side = int(rng.integers(48, 97))
            row, column = rng.uniform(0.3, 0.7, 2) * side
            rows, columns = np.indices((side, side))
            spot = np.hypot(rows - row, columns - column) < rng.uniform(0.15, 0.35) * side
            dark, bright = rng.integers((0, 100), (140, 256), (3, 2)).T
            bright = np.maximum(dark + 40, bright)
            pixels = np.where((spot == (name == "lamps"))[..., None], bright, dark)
            image = Image.fromarray(pixels.astype(np.uint8))
            image.save(folder / name / f"{number:04}.{'png' if number % 2 else 'jpg'}")


def train(folder, loss, epochs, seed):
    """Train on four fifths; return loss and accuracy of the rest, and the training's history."""
    data = load_image_folder(folder, size=(64, 64), dtype="float32")
    print(f"{len(data.images)} images of {len(data.classes)} classes: {', '.join(data.classes)}")
    for path, why in data.skipped.items():
        print(f"skipped: {path.relative_to(folder)}: {why}")
    if data.skipped:
        print(f"skipped: {len(data.skipped)} in all")
    learn, test = data.split(seed)
    model = build(len(data.classes), loss, seed)
    print(model.summary())
    # In a new order each epoch; the last batch has the images that remain.
    history = model.fit(learn.images, learn.one_hot(), batch_size=16, epochs=epochs, verbose=2)
    measured = model.evaluate(test.images, test.one_hot())  # which changes nothing
    print(f"test: loss {measured['loss']:.4f}, accuracy {measured['accuracy']:.2%}")
    return measured, history


def main(argv=None):
    parser = argparse.ArgumentParser(
        allow_abbrev=False, description="A small network for folders of images."
    )
    parser.add_argument("folder", type=Path, nargs="?", help="one folder a class in it")
    parser.add_argument("--loss", choices=LOSSES, default="cross_entropy")
    parser.add_argument("--epochs", type=positive, default=10)
    parser.add_argument("--count", type=positive, default=150, help="images a class to draw")
    parser.add_argument("--seed", type=seed, default=0)
    parser.add_argument("--plot", type=Path, help="where the picture of the loss goes")
    args = parser.parse_args(argv)
    if args.plot and not args.plot.parent.is_dir():
        parser.error(f"--plot: there is no folder {args.plot.parent}")
    with tempfile.TemporaryDirectory() as made:
        folder = args.folder
        if folder is None:
            folder = Path(made)
            draw_spots(folder, args.count, args.seed)
        try:
            measured, history = train(folder, args.loss, args.epochs, args.seed)
        except ValueError as error:
            parser.error(str(error))
    if args.plot:
        plot_history(args.plot, history)
    return measured


if __name__ == "__main__":
    main()
