"""The handwritten digits that come with this package."""

from importlib.resources import as_file, files

import numpy as np
from numpy.typing import DTypeLike

from .dataset import Dataset, scaled, split


def load_digits(seed: int = 0, dtype: DTypeLike = np.float64) -> Dataset:
    """Load the 1,797 handwritten digits of 8×8 pixels, a fifth of them for testing.

    Parameters
    ----------
    seed : int
        Chooses the fifth for testing.
    dtype : dtype
        The dtype of the images: float32 or float64.

    References
    ----------
    E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning
    Repository, 1998, https://doi.org/10.24432/C50P49, CC BY 4.0.
    """
    with as_file(files(__package__) / "digits.npz") as path, np.load(path) as data:
        images = scaled(data["images"][:, None], dtype, 16)  # (N, 1, 8, 8)
        return split(images, data["labels"].astype(np.int64), seed)
