"""Which checks `-k` selects: words that stand in their names, with `and`, `or`, `not` and brackets.

The meaning is that of pytest's option of the same name.

References
----------
https://docs.pytest.org/en/stable/how-to/usage.html#specifying-which-tests-to-run
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import NoReturn

from cnn_conformance import units

TOKEN = re.compile(r"\s*(?:(?P<bracket>[()])|(?P<word>(?:\w|:|\+|-|\.|\[|\]|\\|/)+))")
Matcher = Callable[[str], bool]


class BadSelection(ValueError):
    """Nothing is selected by an expression, or it is none; the text is for the user."""


def select(expression: str, keys: Iterable[str]) -> list[str]:
    """Return the keys of the checks whose names fit an expression.

    Raises
    ------
    BadSelection
        If there are none.
    """
    wanted = _Reader(expression).whole()
    found = [key for key in keys if wanted(key.lower())]
    if not found:
        stems = [row.stem for row in units.ROWS]
        close = get_close_matches(expression.lower(), stems, n=1)
        guess = f"; did you mean {close[0]}?" if close else ""
        raise BadSelection(f"-k: no check is called {expression!r}{guess}")
    return found


class _Reader:
    """Reads an expression from left to right."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._tokens: list[str] = []
        place = 0
        text = expression.rstrip()
        while place < len(text):
            match = TOKEN.match(text, place)
            if match is None:
                self._fail(f"{text[place:].strip()[0]!r} has no meaning there")
            self._tokens.append(match["bracket"] or match["word"])
            place = match.end()
        self._tokens.reverse()

    def whole(self) -> Matcher:
        """Return what tells whether a name fits."""
        found = self._either()
        if self._tokens:
            self._fail(f"{self._tokens[-1]!r} is not expected there")
        return found

    def _either(self) -> Matcher:
        options = [self._all()]
        while self._takes("or"):
            options.append(self._all())
        return lambda name: any(fits(name) for fits in options)

    def _all(self) -> Matcher:
        parts = [self._one()]
        while self._takes("and"):
            parts.append(self._one())
        return lambda name: all(fits(name) for fits in parts)

    def _one(self) -> Matcher:
        if self._takes("not"):
            inner = self._one()
            return lambda name: not inner(name)
        if self._takes("("):
            inner = self._either()
            if not self._takes(")"):
                self._fail("a bracket is not closed")
            return inner
        if not self._tokens or self._tokens[-1] in ("and", "or", ")"):
            self._fail("a word is missing")
        word = self._tokens.pop().lower()
        return lambda name: word in name

    def _takes(self, token: str) -> bool:
        if self._tokens and self._tokens[-1] == token:
            self._tokens.pop()
            return True
        return False

    def _fail(self, why: str) -> NoReturn:
        raise BadSelection(
            f"-k: {why}: expected words with and, or, not and brackets, got {self._expression!r}"
        )
