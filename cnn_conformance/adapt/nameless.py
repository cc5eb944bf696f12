"""Layers whose names tell nothing: their source and the shape of their output say what they are."""

from __future__ import annotations

import re

from cnn_conformance.adapt.candidates import fits
from cnn_conformance.adapt.source import Definition, vocabulary

SAYS = {
    "MaxPool2D": (r"\b\w*max\(", r"exp\("),
    "AvgPool2D": (r"\b(mean|average)\(", r"sqrt\("),
    "GlobalAvgPool2D": (r"\b(mean|average)\(", r"sqrt\("),
    "Flatten": (r"\.(reshape|ravel|flatten)\(", r"@|dot\(|exp\(|max|mean\("),
}
"""For units that a shape tells, what their source has, and what it has not."""


def of(unit: str, found: list[Definition]) -> list[Definition]:
    """Return the classes that may be a unit though no name says so: layers by the code's own loops.

    What becomes of them rests on the shape of their output, so that all of it has to work.
    """
    if unit not in SAYS:
        return []
    yes, no = SAYS[unit]
    known = list(vocabulary()["units"])
    return [
        each
        for each in found
        if each.is_class
        and each.protocol
        and not any(fits(name, each) for name in known)
        and re.search(yes, each.text)
        and not re.search(no, each.text)
    ]
