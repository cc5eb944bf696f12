"""`python -m reference train`: train a small network on handwritten digits."""

import argparse
import math
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np
from tqdm import tqdm

from . import architectures
from .datasets import Dataset, load
from .interfaces import Array
from .sequential import Sequential
from .sgd import SGD
from .softmaxcrossentropy import SoftmaxCrossEntropy
from .training import evaluate, fit, predict
from .weights import save_weights


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
        data = load(args.data, args.seed, args.dtype)
        model = architectures.build(args.architecture, data.x_train.shape[1:], data.classes, rng)
        optimizer = SGD(args.lr)
    except (ValueError, ImportError) as error:
        raise UsageError(str(error)) from error
    except MemoryError as error:
        raise UsageError(f"not enough memory: {error}") from error
    _check_writable(args.out)
    for name, value in model.params.items():
        model.params[name] = value.astype(args.dtype)
    print(
        f"{len(data.x_train)} images to train on, {len(data.x_test)} to test with; "
        f"{args.architecture} with {sum(p.size for p in model.params.values())} parameters"
    )
    history = _run_epochs(model, optimizer, data, args, rng)
    print(f"test accuracy {history['test accuracy'][-1]:.2%}")
    try:
        save_weights(args.out / "model.npz", model)
        print(f"saved {args.out / 'model.npz'}")
        _plot(args.out, history, data, predict(model, data.x_test).argmax(axis=1))
    except OSError as error:
        raise UsageError(f"{args.out}: cannot be written to: {error.strerror}") from error


def _run_epochs(
    model: Sequential,
    optimizer: SGD,
    data: Dataset,
    args: argparse.Namespace,
    rng: np.random.Generator,
) -> dict[str, list[float]]:
    """Train epoch by epoch, with a line for each, and return the history of training and test."""
    loss = SoftmaxCrossEntropy()
    history: dict[str, list[float]] = {}
    steps = math.ceil(len(data.x_train) / args.batch_size)
    for epoch in range(1, args.epochs + 1):
        start = time.perf_counter()
        bar = tqdm(total=steps, desc=f"epoch {epoch}", unit="step", leave=False, disable=None)
        with bar, np.errstate(over="ignore", invalid="ignore"):
            ticking = _TickingOptimizer(optimizer, bar.update)
            x, y = data.x_train, data.y_train
            result = fit(model, loss, ticking, x, y, batch_size=args.batch_size, rng=rng)
        if not math.isfinite(result["loss"][0]):
            raise UsageError(f"the loss has grown beyond all numbers; try --lr below {args.lr:g}")
        test = evaluate(model, loss, data.x_test, data.y_test)
        for name, value in test.items():
            history.setdefault(name, []).extend(result[name])
            history.setdefault(f"test {name}", []).append(value)
        print(
            f"epoch {epoch:2}/{args.epochs}  "
            f"loss {history['loss'][-1]:.4f}  accuracy {history['accuracy'][-1]:7.2%}  "
            f"test loss {test['loss']:.4f}  test accuracy {test['accuracy']:7.2%}  "
            f"{time.perf_counter() - start:.1f} s"
        )
    return history


class _TickingOptimizer:
    """An optimizer that reports each step, so that a progress bar can follow `fit`."""

    def __init__(self, optimizer: SGD, tick: Callable[[], object]) -> None:
        self.optimizer = optimizer
        self.tick = tick

    def step(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        self.optimizer.step(params, grads)
        self.tick()


def _plot(out: Path, history: dict[str, list[float]], data: Dataset, predictions: Array) -> None:
    try:
        from .plots import plot_confusion, plot_history
    except ImportError:
        print("no plots without matplotlib: pip install 'cnn-conformance[plots]'")
        return
    plot_history(out / "history.png", history)
    plot_confusion(out / "confusion.png", data.y_test, predictions, data.classes)
    print(f"saved {out / 'history.png'} and {out / 'confusion.png'}")


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


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m reference", description="The reference CNN in numpy.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="train")
    train = commands.add_parser(
        "train",
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
        help="digits, mnist (downloaded once), a folder of IDX files (plain or .gz), or a .npz, "
        ".pkl.gz or .mat file; default: %(default)s",
    )
    add(
        "--architecture", default=architectures.DEFAULT, metavar="TEXT", help="default: %(default)s"
    )
    add("--epochs", type=_int_from(1), default=30, metavar="N", help="default: %(default)s")
    add("--batch-size", type=_int_from(1), default=32, metavar="N", help="default: %(default)s")
    add("--lr", type=float, default=0.1, metavar="RATE", help="learning rate, default: %(default)s")
    add("--seed", type=_int_from(0), default=0, metavar="N", help="default: %(default)s")
    add("--dtype", choices=("float32", "float64"), default="float32", help="default: %(default)s")
    add("--out", type=Path, default=Path("runs"), metavar="DIR", help="default: %(default)s")
    return parser


if __name__ == "__main__":
    sys.exit(main())
