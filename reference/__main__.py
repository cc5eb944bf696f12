"""`python -m reference train`: train a small network on handwritten digits."""

import argparse
import math
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np

from . import architectures
from .datasets import Dataset, load
from .interfaces import Array
from .model import Model
from .sgd import SGD


class UsageError(Exception):
    """Something that the user asked for cannot be done; the text is for the user."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status: 0, or 2 for bad values and files."""
    try:
        args = _parser().parse_args(argv)
        _train(args)
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return 0


def _train(args: argparse.Namespace) -> None:
    rng = np.random.default_rng(args.seed)
    try:
        names = args.names.split(",") if args.names else ()
        data = load(args.data, args.seed, args.dtype, names=names, zero=args.zero)
        shape = data.x_train.shape[1:]
        model = architectures.build(args.architecture, shape, data.classes, rng, args.dtype)
        model.compile(SGD(args.lr), "cross_entropy")
    except (ValueError, ImportError) as error:
        raise UsageError(str(error)) from error
    except MemoryError as error:
        raise UsageError(f"not enough memory: {error}") from error
    x, y, validation = _kept_apart(data, args.validation, rng)
    _check_writable(args.out)
    apart = f"{len(validation[0])} to validate with, " if args.validation else ""
    print(
        f"{len(x)} images to train on, {apart}{len(data.x_test)} to test with; "
        f"{args.architecture} with {sum(p.size for p in model.network.params.values())} parameters"
    )
    with np.errstate(over="ignore", invalid="ignore"):
        history = model.fit(
            x,
            y,
            epochs=args.epochs,
            batch_size=args.batch_size,
            validation_data=validation,
            validation_every=args.validation_every,
            callbacks=[_stop_at_infinity],
        )
    if model.stop_training:
        raise UsageError(f"the loss diverged (nan or inf); try --lr below {args.lr:g}")
    print(f"test accuracy {model.evaluate(data.x_test, data.y_test)['accuracy']:.2%}")
    try:
        model.save(args.out / "model.npz")
        print(f"saved {args.out / 'model.npz'}")
        _plot(args.out, history, data, model.predict_classes(data.x_test))
    except OSError as error:
        raise UsageError(f"{args.out}: cannot be written to: {error.strerror}") from error


def _kept_apart(
    data: Dataset, share: float, rng: np.random.Generator
) -> tuple[Array, Array, tuple[Array, Array]]:
    """Return what to train on, and what to validate with: the images for testing if share is 0."""
    if not share:
        return data.x_train, data.y_train, (data.x_test, data.y_test)
    order = rng.permutation(len(data.x_train))
    apart, rest = np.split(order, [math.ceil(len(order) * share)])
    if not len(rest):
        raise UsageError(f"--validation: {share:g} of {len(order)} images leaves none to train on")
    return data.x_train[rest], data.y_train[rest], (data.x_train[apart], data.y_train[apart])


def _stop_at_infinity(model: Model, epoch: int, logs: dict[str, float]) -> None:
    """Stop a training whose loss has become nan or inf."""
    del epoch
    model.stop_training = not math.isfinite(logs["loss"])


def _plot(out: Path, history: dict[str, list[float]], data: Dataset, predictions: Array) -> None:
    try:
        from .plots import plot_confusion, plot_history, plot_predictions
    except ImportError:
        print("no plots without matplotlib: pip install 'cnn-conformance[plots]'")
        return
    plot_history(out / "history.png", history)
    plot_confusion(out / "confusion.png", data.y_test, predictions, data.classes)
    plot_predictions(out / "predictions.png", data.x_test, data.y_test, predictions)
    print(f"saved history.png, confusion.png and predictions.png in {out}")


def _check_writable(folder: Path) -> None:
    """Make the folder; fail now rather than after the training if nothing can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written to: {error.strerror}") from error


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"error: {message}; see {self.prog} --help\n")


def _int_from(minimum: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"expected an integer, got {text!r}") from None
        if value < minimum:
            raise argparse.ArgumentTypeError(f"must be >= {minimum}, got {value}")
        return value

    return convert


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to below 1, got {text!r}")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m reference",
        description="The reference CNN in numpy.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="train")
    train = commands.add_parser(
        "train",
        allow_abbrev=False,
        help="train a small network on handwritten digits",
        description="Train a small network, test it, save its weights and draw its history. "
        "The data are 1,797 handwritten digits that come with this package, MNIST, or files of "
        "your own.",
        epilog="An architecture is " + architectures.GRAMMAR,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = train.add_argument
    add(
        "--data",
        default="digits",
        metavar="NAME",
        help="digits, mnist (downloaded once), a folder of IDX files (plain or .gz) or of "
        "CIFAR-10, or a .npz, .pkl.gz or .mat file; default: %(default)s",
    )
    add(
        "--names",
        metavar="X,Y,X_TEST,Y_TEST",
        help="what the arrays of a file are called, if otherwise: D_Train,L_Train,D_Test,L_Test",
    )
    add("--zero", type=int, metavar="LABEL", help="the label that stands for class 0, as SVHN's 10")
    add(
        "--architecture", default=architectures.DEFAULT, metavar="TEXT", help="default: %(default)s"
    )
    add("--epochs", type=_int_from(1), default=30, metavar="N", help="default: %(default)s")
    add("--batch-size", type=_int_from(1), default=32, metavar="N", help="default: %(default)s")
    add(
        "--validation",
        type=_share,
        default=0.0,
        metavar="SHARE",
        help="the share of the images to train on that is kept for validation, such as 0.1; "
        "default: none, the images for testing are measured after each epoch",
    )
    add(
        "--validation-every",
        type=_int_from(1),
        default=1,
        metavar="K",
        help="measure after every K epochs, default: %(default)s",
    )
    add("--lr", type=float, default=0.1, metavar="RATE", help="learning rate, default: %(default)s")
    add("--seed", type=_int_from(0), default=0, metavar="N", help="default: %(default)s")
    add("--dtype", choices=("float32", "float64"), default="float32", help="default: %(default)s")
    add("--out", type=Path, default=Path("runs"), metavar="DIR", help="default: %(default)s")
    return parser


if __name__ == "__main__":
    sys.exit(main())
