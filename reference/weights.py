"""Saving and loading the parameters of a model: an .npz file, one array for each name."""

import zipfile
import zlib
from pathlib import Path

import numpy as np

from .interfaces import Module


def save_weights(path: Path, model: Module) -> None:
    """Write the parameters of `model` to an .npz file.

    Parameters
    ----------
    path : Path
        Where to; a file that is there is replaced.
    model : Module
        Its `params` become the arrays of the file, under the same names.
    """
    with path.open("wb") as file:
        np.savez(file, **model.params)  # type: ignore[arg-type]  # names are never "allow_pickle"


def load_weights(path: Path, model: Module) -> None:
    """Replace the parameters of `model` by those of an .npz file.

    Parameters
    ----------
    path : Path
        A file with exactly the names and the shapes of `model.params`.
    model : Module
        Changed only if the whole file is right; takes the dtypes of the file.

    Raises
    ------
    ValueError
        If the file cannot be read, is no .npz file of numbers, or belongs to another model.
    """
    try:
        with zipfile.ZipFile(path), np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path}: not a readable .npz file of arrays: {error}") from error
    params = model.params
    if arrays.keys() != params.keys():
        raise ValueError(f"{path}: expected the parameters {sorted(params)}, got {sorted(arrays)}")
    for name, array in arrays.items():
        if array.shape != params[name].shape:
            raise ValueError(
                f"{path}: expected {name} of shape {params[name].shape}, got shape {array.shape}"
            )
        if not np.issubdtype(array.dtype, np.floating):
            raise ValueError(f"{path}: expected {name} to be floats, got dtype {array.dtype}")
    params.update(arrays)
