"""Texts of anybody's: made fit to be written as UTF-8, or taken for what was meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

LONE = re.compile("[\ud800-\udfff]")
UNKNOWN = "\N{REPLACEMENT CHARACTER}"


def without_surrogates(value: Any) -> Any:
    """Return a value of JSON with a replacement for each half of a character, in keys too.

    Such halves, lone surrogates, come from names of files that are no UTF-8, and from code that
    makes them. No encoding has them, so that whoever writes them fails.
    """
    if isinstance(value, str):
        return value if value.isascii() else LONE.sub(UNKNOWN, value)
    if isinstance(value, dict):
        return {without_surrogates(k): without_surrogates(item) for k, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_surrogates(item) for item in value]
    return value


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """Return a question that names the known word that is like another, or nothing."""
    close = get_close_matches(word, known, n=1)
    return f": did you mean {close[0]}?" if close else ""
