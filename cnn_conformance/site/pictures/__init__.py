"""A picture of what each unit does, drawn from what the clear reference computes.

A picture is a function of one of the modules, called as the unit's files are; its docstring is the
caption. A unit without one has the arrays of its first case instead.
"""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.figure import Figure

from cnn_conformance.arrays import Array
from cnn_conformance.locations import GOLDEN
from cnn_conformance.oracle.cases import fixtures
from cnn_conformance.site import svg
from cnn_conformance.site.pictures import curves, drawing, grids, training

MODULES = (curves, grids, training)
MOST_ARRAYS = 6


def picture(stem: str) -> tuple[str, str]:
    """Return the caption of a unit's picture, and the picture as SVG.

    Raises
    ------
    LookupError
        If no module has a function of that name, and the unit's first case has no arrays.
    """
    draw: Callable[[], Figure] | None = None
    for module in MODULES:
        draw = getattr(module, stem, draw)
    if draw is None:
        return example(stem)
    caption = " ".join((draw.__doc__ or "").split())
    return caption, svg.drawn(draw, caption)


def example(stem: str) -> tuple[str, str]:
    """Return the caption and the picture of a unit's first case: what its first sample is."""
    case = next(iter(fixtures(GOLDEN).unit(stem).cases.values()))
    caption = f"The first sample of a case that is graded. {case.why}"
    arrays = [(n, a) for n, a in case.arrays.items() if a.ndim and not n.endswith(".bound")]
    if not arrays:
        raise LookupError(f"{stem}: no function of that name in a module of {__name__}")
    shown = [_matrix(name, array) for name, array in arrays[:MOST_ARRAYS]]
    return caption, svg.drawn(lambda: drawing.grids(shown), caption)


def _matrix(name: str, array: Array) -> tuple[str, Array]:
    """Return the last two axes of an array where the others begin, and what that is called."""
    others = (0,) * (array.ndim - 2)
    return (f"{name}{list(others)}" if others else name), array[others]
