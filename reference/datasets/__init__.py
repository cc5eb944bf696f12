"""Data to train on: the digits that come with this package, MNIST by name, and files of all kinds.

Every loader returns arrays of shape (N, C, H, W), or objects that behave like one.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike

from .archives import load_mat, load_npz, load_pickle
from .cifar import batches, load_cifar10
from .dataset import Dataset
from .digits import load_digits
from .idx import load_idx_folder, read_idx
from .image_folder import ImageFolder, LazyImages, load_image_folder
from .mnist import download_mnist

__all__ = [
    "Dataset",
    "ImageFolder",
    "LazyImages",
    "download_mnist",
    "load",
    "load_cifar10",
    "load_digits",
    "load_idx_folder",
    "load_image_folder",
    "load_mat",
    "load_npz",
    "load_pickle",
    "read_idx",
]

LOADERS: dict[str, Callable[..., Dataset]] = {
    ".npz": load_npz,
    ".pkl": load_pickle,
    ".mat": load_mat,
}


def load(
    name: str,
    seed: int = 0,
    dtype: DTypeLike = np.float64,
    *,
    names: Sequence[str] = (),
    zero: int | None = None,
) -> Dataset:
    """Load a data set by its name, or by the path of its file or folder.

    Parameters
    ----------
    name : str
        "digits", "mnist" (downloaded the first time), a folder of IDX files or of CIFAR-10's, or a
        file that ends in `.npz`, `.pkl`, `.pkl.gz` or `.mat`. For images in folders there is
        `load_image_folder`.
    seed : int
        Chooses the samples for testing, if the data do not say.
    dtype : dtype
        The dtype of the images: float32 or float64.
    names, zero
        As for `load_npz`, where it is such a file.

    Raises
    ------
    ValueError
        If it does not exist or cannot be read, or these are given and it is no such file.
    """
    path = download_mnist() if name == "mnist" else Path(name)
    if name == "digits" or path.is_dir():
        if names or zero is not None:
            raise ValueError(f"{name}: names and zero are for a file of arrays")
        if name == "digits":
            return load_digits(seed, dtype)
        return (load_cifar10 if batches(path) else load_idx_folder)(path, seed, dtype)
    loader = LOADERS.get(Path(path.name.removesuffix(".gz")).suffix)
    if loader is None or not path.is_file():
        found = "that does not exist" if loader else "of an unknown kind"
        raise ValueError(
            f"{name}: expected digits, mnist, a folder of IDX files or of CIFAR-10, or a file that "
            f"ends in {', '.join(LOADERS)} or .pkl.gz, got a path {found}"
            if path.exists() or loader
            else f"{name}: no file, folder or data set of that name"
        )
    return loader(path, seed=seed, dtype=dtype, names=names, zero=zero)
