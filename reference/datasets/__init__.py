"""Data to train on: the digits that come with this package, MNIST by name, and files of all kinds.

Every loader returns arrays of shape (N, C, H, W), or objects that behave like one.
"""

from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike

from .archives import load_mat, load_npz, load_pickle
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
    "load_digits",
    "load_idx_folder",
    "load_image_folder",
    "load_mat",
    "load_npz",
    "load_pickle",
    "read_idx",
]

LOADERS = {".npz": load_npz, ".pkl": load_pickle, ".mat": load_mat}


def load(name: str, seed: int = 0, dtype: DTypeLike = np.float64) -> Dataset:
    """Load a data set by its name, or by the path of its file or folder.

    Parameters
    ----------
    name : str
        "digits", "mnist" (downloaded the first time), a folder of IDX files, or a file that ends in
        `.npz`, `.pkl`, `.pkl.gz` or `.mat`. For images in folders there is `load_image_folder`.
    seed : int
        Chooses the samples for testing, if the data do not say.
    dtype : dtype
        The dtype of the images: float32 or float64.

    Raises
    ------
    ValueError
        If it does not exist or cannot be read.
    """
    if name == "digits":
        return load_digits(seed, dtype)
    path = download_mnist() if name == "mnist" else Path(name)
    if path.is_dir():
        return load_idx_folder(path, seed, dtype)
    loader = LOADERS.get(Path(path.name.removesuffix(".gz")).suffix)
    if loader is None or not path.is_file():
        found = "that does not exist" if loader else "of an unknown kind"
        raise ValueError(
            f"{name}: expected digits, mnist, a folder of IDX files, or a file that ends in "
            f"{', '.join(LOADERS)} or .pkl.gz, got a path {found}"
            if path.exists() or loader
            else f"{name}: no file, folder or data set of that name"
        )
    return loader(path, seed=seed, dtype=dtype)
