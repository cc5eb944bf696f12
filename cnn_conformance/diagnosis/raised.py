"""What errors of Python and NumPy say of their cause, where that is always the same."""

from __future__ import annotations

import re

from cnn_conformance.findings import Finding

HINTS = (
    (
        "'float' object cannot be interpreted as an integer|slice indices must be integers",
        Finding("float for a whole number"),
    ),
    ("only 0-dimensional arrays can be converted to", Finding("array for a number")),
    ("Use \\(\\) not None as shape", Finding("None for a shape")),
    ("truth value of an array with more than one element", Finding("array for a truth")),
    ("arg(max|min) of an empty sequence|zero-size array to reduction", Finding("empty window")),
)
"""Texts of Python's and NumPy's own errors, and what is said of them."""


def hint(root: Finding) -> Finding | None:
    """Return what an error says of its cause; None where it may have several.

    Parameters
    ----------
    root : Finding
        That something was raised.
    """
    found = (said for pattern, said in HINTS if re.search(pattern, str(root.text or "")))
    return next(found, None)
