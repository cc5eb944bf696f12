"""Files that hold whole arrays: `.npz`, `mnist.pkl.gz`, MATLAB's `.mat`."""

import gzip
import pickle
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import DTypeLike

from .. import npz
from ..interfaces import Array
from .dataset import Dataset, enough, samples

IN_PARTS = (
    ("x_train", "y_train", "x_test", "y_test"),
    ("train_x", "train_y", "test_x", "test_y"),
    ("train_images", "train_labels", "test_images", "test_labels"),
    ("training_images", "training_labels", "test_images", "test_labels"),
    ("train_img", "train_label", "test_img", "test_label"),
)
WHOLE = (
    ("x", "y"),
    ("images", "labels"),
    ("data", "labels"),
    ("data", "label"),
    ("data", "target"),
)
MOST_BYTES = 4 << 30
MOST_NAMES = 10  # in an error


def load_npz(
    path: npz.StrPath,
    seed: int = 0,
    dtype: DTypeLike = np.float64,
    *,
    names: Sequence[str] = (),
    zero: int | None = None,
) -> Dataset:
    """Load an `.npz` file such as Keras's `mnist.npz`.

    Parameters
    ----------
    path : str or Path
        Has `x_train`, `y_train`, `x_test` and `y_test`, or `images` and `labels`, or `x` and `y`,
        or a common variant of these names, in upper or lower case. The images may be (N, H·W),
        (N, H, W), (N, H, W, C) or (N, C, H, W).
    seed : int
        Chooses the fifth for testing, if the file does not say.
    dtype : dtype
        The dtype of the images: float32 or float64.
    names : sequence of str
        What the arrays are called here, if otherwise: images and labels for training, or these and
        images and labels for testing.
    zero : int, optional
        The label that stands for class 0, as 10 does in the files of SVHN.

    Raises
    ------
    ValueError
        If it cannot be read, holds anything but plain arrays, or lacks these.
    """
    return _from_zero(_named(path, npz.read(path), seed, dtype, names), zero)


def load_mat(
    path: npz.StrPath,
    seed: int = 0,
    dtype: DTypeLike = np.float64,
    *,
    names: Sequence[str] = (),
    order: Literal["C", "F"] = "C",
    zero: int | None = None,
) -> Dataset:
    """Load a MATLAB file of version 7 or older; needs scipy.

    Parameters
    ----------
    path : str or Path
        Has arrays with the names that `load_npz` knows. N may be the last axis, as in (H, W, C, N);
        one-hot labels may be columns.
    seed : int
        Chooses the fifth for testing, if the file does not say.
    dtype : dtype
        The dtype of the images: float32 or float64.
    names : sequence of str
        As for `load_npz`: for example ("D_Train", "L_Train", "D_Test", "L_Test").
    order : {"C", "F"}
        How an image that is stored as one row was unrolled: "C" row by row, "F" column by column,
        as MATLAB's ``X(:)`` does.
    zero : int, optional
        The label that stands for class 0: MATLAB counts from 1, and some files have 10 for the
        digit 0, as those of SVHN.

    Raises
    ------
    ValueError
        If it cannot be read, or lacks these arrays.
    ImportError
        If scipy is not installed.
    """
    try:
        from scipy.io import loadmat
        from scipy.io.matlab import MatReadError
    except ImportError as error:
        raise ImportError(f"{path}: .mat files need scipy: {HOW_TO_INSTALL}") from error
    try:
        arrays = loadmat(path)
    except NotImplementedError as error:
        raise ValueError(
            f"{path}: a MATLAB file of version 7.3, which is HDF5; save it with -v7"
        ) from error
    except (OSError, EOFError, ValueError, TypeError, KeyError, MatReadError, zlib.error) as error:
        raise ValueError(f"{path}: not a readable MATLAB file: {error}") from error
    arrays = {name: a for name, a in arrays.items() if not name.startswith("__")}
    data = _from_zero(_named(path, arrays, seed, dtype, names), zero)
    if order == "F":
        x_train, x_test = data.x_train.swapaxes(2, 3), data.x_test.swapaxes(2, 3)
        return Dataset(x_train, data.y_train, x_test, data.y_test)
    return data


def load_pickle(
    path: npz.StrPath,
    seed: int = 0,
    dtype: DTypeLike = np.float64,
    *,
    names: Sequence[str] = (),
    zero: int | None = None,
) -> Dataset:
    """Load `mnist.pkl.gz`: pairs of images and labels for training, validation and testing.

    Parameters
    ----------
    path : str or Path
        A pickle, compressed if its name ends in `.gz`, of three pairs or of two (no validation), or
        of a dict of arrays with the names that `load_npz` knows. The validation images are added to
        the training images.
    seed : int
        Chooses the fifth for testing, if the file does not say.
    dtype : dtype
        The dtype of the images: float32 or float64.
    names : sequence of str
        As for `load_npz`, for a dict.
    zero : int, optional
        The label that stands for class 0.

    Raises
    ------
    ValueError
        If it cannot be read, or holds anything but arrays in tuples, lists and dicts.

    Notes
    -----
    A pickle can run any code. This unpickler can make arrays and nothing else.

    References
    ----------
    https://docs.python.org/3/library/pickle.html#restricting-globals
    """
    content = read_pickle(path)
    if isinstance(content, dict):
        arrays = {str(name): np.asarray(array) for name, array in content.items()}
        return _from_zero(_named(path, arrays, seed, dtype, names), zero)
    if not isinstance(content, (tuple, list)) or len(content) not in (2, 3):
        raise ValueError(
            f"{path}: expected two or three pairs of images and labels, or a dict of arrays, "
            f"got {type(content).__name__}"
        )
    parts = []
    for part in content:
        if not isinstance(part, (tuple, list)) or len(part) != 2:
            raise ValueError(f"{path}: expected pairs of images and labels")
        parts.append(samples(str(path), np.asarray(part[0]), np.asarray(part[1]), dtype))
    (*training, (x_test, y_test)) = parts
    sizes = {x.shape[1:] for x, _ in parts}
    if len(sizes) > 1:
        raise ValueError(f"{path}: expected images of one size, got {sorted(sizes)}")
    x_train = np.concatenate([x for x, _ in training])
    data = Dataset(x_train, np.concatenate([y for _, y in training]), x_test, y_test)
    return _from_zero(data, zero)


def read_pickle(path: npz.StrPath) -> Any:
    """Return what a pickle has: arrays, numbers and text in tuples, lists and dicts.

    Raises
    ------
    ValueError
        If it cannot be read, or holds anything else.
    """
    try:
        with gzip.open(path) if Path(path).suffix == ".gz" else open(path, "rb") as file:
            return _ArraysOnly(_Bounded(file), encoding="latin1").load()
    except pickle.UnpicklingError as error:
        raise ValueError(f"{path}: {error}") from error
    except Exception as error:  # a damaged pickle raises anything
        raise ValueError(f"{path}: not a readable pickle of arrays: {error}") from error


HOW_TO_INSTALL = "pip install Pillow pooch scipy"
"""What all readers of data need that is not installed with the kit."""
_MODULES = ("numpy.core.multiarray", "numpy._core.multiarray", "numpy.core.numeric")
_ARRAY_PARTS = {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("_codecs", "encode"),  # bytes in pickles of Python 2
    *((module, "_reconstruct") for module in _MODULES),
    *((module, "scalar") for module in _MODULES),
    ("numpy._core.numeric", "_frombuffer"),
    ("numpy.core.numeric", "_frombuffer"),
}


class _ArraysOnly(pickle.Unpickler):
    """Makes arrays and Python's containers, and refuses to look up anything else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ARRAY_PARTS:
            raise pickle.UnpicklingError(
                f"a pickle that asks for {module}.{name}: expected nothing but arrays"
            )
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


class _Bounded:
    """A file of which at most `MOST_BYTES` are read: a small archive can unpack to terabytes."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._left = MOST_BYTES

    def read(self, count: int = -1) -> bytes:
        if count < 0 or count > self._left:
            raise pickle.UnpicklingError(f"it unpacks to more than {MOST_BYTES} bytes")
        self._left -= count
        return bytes(self._file.read(count))

    def readline(self) -> bytes:
        line = bytes(self._file.readline(self._left))
        self._left -= len(line)
        return line


def _from_zero(data: Dataset, zero: int | None) -> Dataset:
    """Return a data set in which a label stands for class 0."""
    if zero is None:
        return data
    y_train, y_test = (np.where(y == zero, 0, y) for y in (data.y_train, data.y_test))
    return Dataset(data.x_train, y_train, data.x_test, y_test)


def _named(
    path: npz.StrPath,
    arrays: Mapping[str, Array],
    seed: int,
    dtype: DTypeLike,
    names: Sequence[str] = (),
) -> Dataset:
    """Return the data set from arrays by name."""
    if isinstance(names, str) or len(names) not in (0, 2, 4):
        raise ValueError(
            f"{path}: names must be those of images and labels, once or for training and testing, "
            f"got {names!r}"
        )
    lower = {name.lower(): array for name, array in arrays.items()}
    given = [tuple(name.lower() for name in names)] if names else []
    for four in [each for each in given if len(each) == 4] if names else IN_PARTS:
        if set(four) <= set(lower):
            x, y, x_test, y_test = (lower[name] for name in four)
            train = samples(f"{path}: {four[0]}", x, y, dtype)
            test = samples(f"{path}: {four[2]}", x_test, y_test, dtype)
            if train[0].shape[1:] != test[0].shape[1:]:
                raise ValueError(
                    f"{path}: expected images of one size, got {train[0].shape[1:]} for training "
                    f"and {test[0].shape[1:]} for testing"
                )
            return Dataset(*train, *test)
    for x_name, y_name in [each for each in given if len(each) == 2] if names else WHOLE:
        if {x_name, y_name} <= set(lower):
            where = f"{path}: {x_name}"
            return enough(where, *samples(where, lower[x_name], lower[y_name], dtype), seed)
    known = "; ".join(", ".join(each) for each in ([names] if names else (*IN_PARTS, *WHOLE)))
    got = ", ".join(list(arrays)[:MOST_NAMES]) or "none"
    more = f" and {len(arrays) - MOST_NAMES} more" if len(arrays) > MOST_NAMES else ""
    raise ValueError(f"{path}: expected arrays named {known}; got {got}{more}")
