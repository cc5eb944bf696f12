"""Known mistakes, each the clear reference with one thing changed: rows of the `.toml` files here.

One catalogue, two uses: each mistake is run as an implementation and must lose exactly the
requirements that it declares (`cnn-conformance matrix`); and the diagnosis tells a student what a
mistake seems to be, what the specification asks, and where to look. It never prints the answer. No
other part of the kit but the template reads `reference`, and no verdict depends on it.
"""

from cnn_conformance.mistakes.catalogue import (
    Constant,
    Mistake,
    catalogue,
    control,
    units_of,
)
from cnn_conformance.mistakes.together import together

__all__ = ["Constant", "Mistake", "catalogue", "control", "together", "units_of"]
