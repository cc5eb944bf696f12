"""Networks written as text: ``conv16-pool-conv32-pool-dense64``."""

import re

import numpy as np
from numpy.typing import DTypeLike

from .model import Model

DEFAULT = "conv16-pool-conv32-pool-dense64"

GRAMMAR = """\
words joined by hyphens, from the image to the classes:
  conv8      a 3x3 convolution with 8 filters that keeps the image's size, and a ReLU
  conv8k5    the same with 5x5 filters; the size of a filter is odd
  pool       max pooling of 2x2 windows
  pool3      max pooling of 3x3 windows
  dense64    a dense layer with 64 outputs, and a ReLU; no conv or pool may follow
A dense layer with one output for each class is added at the end."""

_WORD = re.compile(
    r"conv(?P<filters>\d{1,4})(k(?P<size>\d{1,2}))?|(?P<pool>pool)(?P<window>\d{1,2})?"
    r"|dense(?P<units>\d{1,5})"
)


def build(
    text: str,
    image_shape: tuple[int, int, int],
    classes: int,
    rng: np.random.Generator,
    dtype: DTypeLike = np.float64,
) -> Model:
    """Build the network that a text describes.

    Parameters
    ----------
    text : str
        See `GRAMMAR`.
    image_shape : tuple of int
        (C, H, W) of an image.
    classes : int
        The number of outputs.
    rng : numpy.random.Generator
        Source of the initial weights, or a seed for it.
    dtype : dtype
        float32 or float64.

    Raises
    ------
    ValueError
        If the text is not understood, or the network does not fit the images.
    """
    model = Model(image_shape, dtype=dtype, rng=rng)
    flat = False
    try:
        for word in text.split("-"):
            match = _WORD.fullmatch(word)
            if match is None:
                raise ValueError(f"{word!r} is not one of conv8, conv8k5, pool, pool3, dense64")
            if match["units"]:
                if not flat:
                    model.add("Flatten")
                flat = True
                model.add("Dense", int(match["units"]), activation="relu")
            elif flat:
                raise ValueError(f"{word!r} cannot follow a dense layer")
            elif match["pool"]:
                model.add("MaxPool2D", int(match["window"] or 2))
            else:
                size = int(match["size"] or 3)
                if size % 2 == 0:
                    raise ValueError(f"the size of a filter must be odd, got {word!r}")
                filters = int(match["filters"])
                model.add("Conv2D", filters, size, padding=size // 2, activation="relu")
    except ValueError as error:
        raise ValueError(f"architecture {text!r}: {error}") from error
    if not flat:
        model.add("Flatten")
    return model.add("Dense", classes)
