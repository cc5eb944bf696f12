"""Colours where a terminal shows them and nobody has asked for none.

References
----------
https://no-color.org and https://force-color.org
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TextIO

CODES = {"bold": 1, "red": 31, "green": 32, "yellow": 33}


def has_colours(stream: TextIO) -> bool:
    """Tell whether what is written there may have colours."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def style_for(stream: TextIO) -> Callable[..., str]:
    """Return what marks a text up for a stream: `style(text, bold=True, red=True)`."""
    if not has_colours(stream):
        return lambda text, **_: str(text)

    def style(text: str, **wanted: bool) -> str:
        codes = "".join(f"\x1b[{CODES[name]}m" for name, is_on in wanted.items() if is_on)
        return f"{codes}{text}\x1b[0m" if codes else text

    return style
