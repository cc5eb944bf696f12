"""A picture of what each unit does, drawn from what the clear reference computes.

A picture is a function of one of the modules, called as the unit's files are; its docstring is the
caption.
"""

from __future__ import annotations

from collections.abc import Callable

from matplotlib.figure import Figure

from cnn_conformance.site import svg
from cnn_conformance.site.pictures import curves, grids, training

MODULES = (curves, grids, training)


def picture(stem: str) -> tuple[str, str]:
    """Return the caption of a unit's picture, and the picture as SVG.

    Raises
    ------
    LookupError
        If no module has a function of that name.
    """
    draw: Callable[[], Figure] | None = None
    for module in MODULES:
        draw = getattr(module, stem, draw)
    if draw is None:
        raise LookupError(f"{stem}: no function of that name in a module of {__name__}")
    caption = " ".join((draw.__doc__ or "").split())
    return caption, svg.drawn(draw, caption)
