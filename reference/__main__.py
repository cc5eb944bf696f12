"""`python -m reference train`: train a small network on handwritten digits."""

import argparse
import math
import sys
import tempfile
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from . import architectures
from .datasets import Dataset, load
from .interfaces import Array
from .model import Model
from .sgd import SGD

RUNS, MODEL = Path("runs"), "model.npz"
INTERRUPTED = 130


class UsageError(Exception):
    """Something that the user asked for cannot be done; the text is for the user."""


def main(argv: Sequence[str] | None = None, prog: str = "python -m reference") -> int:
    """Run the command line; return 0, 2 for bad values and files, or 130 if it was interrupted."""
    try:
        args = _parser(prog, "--help-all" in (sys.argv if argv is None else argv)).parse_args(argv)
        return _train(args)
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED


def _train(args: argparse.Namespace) -> int:
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
    out = _folder(args.out, args.overwrite)
    _check_writable(out)
    apart = "" if validation is None else f"{len(validation[0])} to validate with, "
    print(
        f"{len(x)} images to train on, {apart}{len(data.x_test)} to test with; "
        f"{args.architecture} with {sum(p.size for p in model.network.params.values())} parameters"
    )
    epochs: list[dict[str, float]] = []
    status = 0
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            model.fit(
                x,
                y,
                epochs=args.epochs,
                batch_size=args.batch_size,
                validation_data=validation,
                validation_every=args.validation_every,
                callbacks=[_stop_at_infinity, lambda _model, _epoch, logs: epochs.append(logs)],
            )
    except KeyboardInterrupt:
        status = INTERRUPTED
        print(
            f"interrupted after {len(epochs)} of {args.epochs} epochs: what was learned is kept",
            file=sys.stderr,
        )
    if model.stop_training:
        raise UsageError(f"the loss diverged (nan or inf); try --lr below {args.lr:g}")
    print(f"test accuracy {model.evaluate(data.x_test, data.y_test)['accuracy']:.2%}")
    try:
        model.save(out / MODEL)
        print(f"saved {out / MODEL}")
        _plot(out, _history(epochs), data, model.predict_classes(data.x_test))
    except OSError as error:
        raise UsageError(f"{out}: cannot be written to: {error.strerror}") from error
    return status


def _history(epochs: list[dict[str, float]]) -> dict[str, list[float]]:
    """Return what was measured in each epoch, nan where nothing was."""
    names = dict.fromkeys(name for logs in epochs for name in logs)
    return {name: [logs.get(name, math.nan) for logs in epochs] for name in names}


def _folder(asked: Path | None, may_overwrite: bool) -> Path:
    """Return where to write: a new folder in `runs`, or what was asked for if it has no model."""
    if asked is None:
        return next(folder for n in count(1) if not (folder := RUNS / str(n)).exists())
    if (asked / MODEL).exists() and not may_overwrite:
        raise UsageError(
            f"{asked / MODEL} is there already: expected another folder as --out, or --overwrite"
        )
    return asked


def _kept_apart(
    data: Dataset, share: float, rng: np.random.Generator
) -> tuple[Array, Array, tuple[Array, Array] | None]:
    """Return what to train on, and what to validate with, which is never what tests it."""
    if not share:
        return data.x_train, data.y_train, None
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
        print("no plots without matplotlib: pip install matplotlib")
        return
    if history:  # none, where it was interrupted before the end of an epoch
        plot_history(out / "history.png", history)
    plot_confusion(out / "confusion.png", data.y_test, predictions, data.classes)
    plot_predictions(out / "predictions.png", data.x_test, data.y_test, predictions)
    print(f"saved pictures in {out}")


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


def _parser(prog: str, everything: bool) -> argparse.ArgumentParser:
    """Return what reads the command line; its help is of one screen where not everything is asked.

    Parameters
    ----------
    prog : str
        What is called.
    everything : bool
        Whether the help has all options, and what an architecture is.
    """
    parser = _Parser(
        prog=prog,
        description="The reference CNN in numpy.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="train")
    train = commands.add_parser(
        "train",
        allow_abbrev=False,
        help="train a small network on handwritten digits",
        usage=None if everything else "%(prog)s [options]",
        description="Train a small network, test it, save its weights and draw its history.\n"
        "Ctrl-C ends the training and keeps what was learned so far.",
        epilog=(f"An architecture is {architectures.GRAMMAR}\n\n" if everything else "")
        + f"examples:\n  {prog} train --epochs 5\n"
        f"  {prog} train --data mnist --architecture conv8-pool-dense64",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = train.add_argument
    add("--help-all", action="help", help="show all options, and what an architecture is")
    add(
        "--data",
        default="digits",
        metavar="NAME",
        help="digits, mnist (downloaded once), a folder of IDX files (plain or .gz) or of "
        "CIFAR-10, or a .npz, .pkl.gz or .mat file; default: %(default)s",
    )
    add(
        "--architecture", default=architectures.DEFAULT, metavar="TEXT", help="default: %(default)s"
    )
    add("--epochs", type=_int_from(1), default=30, metavar="N", help="default: %(default)s")
    add("--batch-size", type=_int_from(1), default=32, metavar="N", help="default: %(default)s")
    add("--lr", type=float, default=0.1, metavar="RATE", help="learning rate, default: %(default)s")
    add("--seed", type=_int_from(0), default=0, metavar="N", help="default: %(default)s")
    add("--out", type=Path, metavar="DIR", help=f"default: a new folder, {RUNS / '1'} and so on")

    def rarely(name: str, help: str, **more: Any) -> None:
        add(name, help=help if everything else argparse.SUPPRESS, **more)

    rarely(
        "--names",
        metavar="X,Y,X_TEST,Y_TEST",
        help="what the arrays of a file are called, if otherwise: D_Train,L_Train,D_Test,L_Test",
    )
    rarely(
        "--zero", type=int, metavar="LABEL", help="the label that stands for class 0, as SVHN's 10"
    )
    rarely(
        "--validation",
        type=_share,
        default=0.1,
        metavar="SHARE",
        help="the share of the images to train on that is kept for validation, which is measured "
        "after each epoch; the images for testing are measured once, in the end; "
        "default: %(default)s",
    )
    rarely(
        "--validation-every",
        type=_int_from(1),
        default=1,
        metavar="K",
        help="measure after every K epochs, default: %(default)s",
    )
    rarely(
        "--dtype", choices=("float32", "float64"), default="float32", help="default: %(default)s"
    )
    rarely("--overwrite", action="store_true", help="write over a model in --out")
    return parser


if __name__ == "__main__":
    sys.exit(main())
