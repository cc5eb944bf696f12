"""MNIST-style folders: files in the IDX format."""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike

from ..interfaces import Array
from ..npz import StrPath
from .dataset import Dataset, scaled, split


def load_idx_folder(folder: StrPath, seed: int = 0, dtype: DTypeLike = np.float64) -> Dataset:
    """Load a folder of MNIST-style files, plain or compressed with gzip.

    Parameters
    ----------
    folder : str or Path
        Has `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, or the same with `t10k`, or
        both; each name may end in `.gz`. With both, `t10k` is for testing; with one, a fifth of it.
        As Kaggle has them, the names may be `train-images.idx3-ubyte`, and a file may be in a
        folder that is called like it; as torchvision has them, the files may be in `raw`, or in
        `MNIST/raw` or the like below the folder.
    seed : int
        Chooses that fifth.
    dtype : dtype
        The dtype of the images: float32 or float64.

    Raises
    ------
    ValueError
        If the folder or a file is missing, or a file is not what its name says.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder")
    parts = [_load_idx_part(folder, name, dtype) for name in ("train", "t10k")]
    found = [part for part in parts if part is not None]
    inner = [place for pattern in ("raw", "*/raw") for place in sorted(folder.glob(pattern))]
    if not found and len(inner) == 1:
        return load_idx_folder(inner[0], seed, dtype)
    if not found and inner:
        raise ValueError(f"{folder}: name one of {', '.join(map(str, inner))}")
    if not found:
        raise ValueError(
            f"{folder}: expected train-images-idx3-ubyte or t10k-images-idx3-ubyte, "
            "plain or .gz, found neither"
        )
    if len(found) == 1:
        return split(*found[0], seed)
    train, test = found
    if train[0].shape[1:] != test[0].shape[1:]:
        raise ValueError(
            f"{folder}: expected images of one size, got {train[0].shape[2:]} for training "
            f"and {test[0].shape[2:]} for testing"
        )
    return Dataset(*train, *test)


def _load_idx_part(folder: Path, name: str, dtype: DTypeLike) -> tuple[Array, Array] | None:
    images_file = _found(folder, f"{name}-images-idx3-ubyte")
    if images_file is None:
        return None
    labels_file = _found(folder, f"{name}-labels-idx1-ubyte")
    if labels_file is None:
        raise ValueError(f"{images_file}: there is no {name}-labels-idx1-ubyte beside it")
    images, labels = read_idx(images_file, 3), read_idx(labels_file, 1)
    if len(images) != len(labels):
        raise ValueError(
            f"{images_file}: {len(images)} images, but {len(labels)} labels in {labels_file.name}"
        )
    if len(images) < 5:
        raise ValueError(f"{images_file}: expected at least 5 images, got {len(images)}")
    return scaled(images[:, None], dtype), labels.astype(np.int64)


def _found(folder: Path, name: str) -> Path | None:
    """Return a file, plain or compressed, also with a dot in its name or in a folder of its name.

    Kaggle's archives have the same file twice, once in such a folder.
    """
    names = [name, name.replace("-idx", ".idx")]
    places = [folder / n for n in names] + [folder / n / n for n in names]
    candidates = [p for place in places for p in (place, place.with_name(f"{place.name}.gz"))]
    return next((p for p in candidates if p.is_file()), None)


def read_idx(path: StrPath, dimensions: int) -> Array:
    """Read an IDX file of unsigned bytes, compressed if its name ends in `.gz`.

    Parameters
    ----------
    path : str or Path
    dimensions : int
        How many dimensions the array must have: 3 for images, 1 for labels.

    Returns
    -------
    ndarray of uint8

    Raises
    ------
    ValueError
        If the file cannot be read, has the wrong magic number, or is too short or too long.

    References
    ----------
    http://yann.lecun.com/exdb/mnist/ (below: "the IDX file format")
    """
    path = Path(path)
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path}: cannot be read: {error}") from error
    magic, header = struct.pack(">HBB", 0, 8, dimensions), 4 + 4 * dimensions  # 8: unsigned byte
    if content[:4] != magic:
        raise ValueError(
            f"{path}: expected an IDX file that starts with {magic.hex(' ')}, "
            f"got {content[:4].hex(' ') or 'an empty file'}"
        )
    if len(content) < header:
        raise ValueError(f"{path}: truncated in the header, after {len(content)} bytes")
    shape = struct.unpack(f">{dimensions}I", content[4:header])
    expected = header + math.prod(shape)
    if len(content) != expected:
        raise ValueError(
            f"{path}: expected {expected} bytes for an array of shape {shape}, got {len(content)}"
        )
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)
