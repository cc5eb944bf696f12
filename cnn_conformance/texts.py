"""Texts of anybody's: made fit for UTF-8 or a terminal, or taken for what was meant."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

LONE = re.compile("[\ud800-\udfff]")
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
WIDE = "\u2e80-\uffef"
PIECE = re.compile(rf"\s|[（“《]*(?:[{WIDE}]|[^\s{WIDE}“”]+)[，。；：、？）”》]*|.")
"""What stays on one line: a word or a Chinese character, with the punctuation beside it."""


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


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes: two for a Chinese character."""
    if text.isascii():
        return len(text)
    return len(text) + sum(unicodedata.east_asian_width(character) in "WF" for character in text)


def filled(text: str, width: int, indent: str = "", rest: str = "") -> str:
    """Return a text in lines of a width: no word is broken, and Chinese is between characters.

    Parameters
    ----------
    text : str
        The text; its white space counts as spaces between words.
    width : int
        Columns of a terminal.
    indent, rest : str
        What the first line, and what the others begin with.
    """
    if columns(text) == len(text):
        return textwrap.fill(
            text,
            width,
            initial_indent=indent,
            subsequent_indent=rest,
            break_on_hyphens=False,  # nor would a path that is broken be one to copy
            break_long_words=False,
        )
    lines, line = [], indent
    for piece in PIECE.findall(" ".join(text.split())):
        if line not in (indent, rest) and columns(line + piece) > width:
            lines.append(line.rstrip())
            line = rest
        line += "" if piece == " " and line == rest else piece
    return "\n".join([*lines, line.rstrip()])
