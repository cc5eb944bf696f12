"""Mistakes that stand in the same code: run together, where none explains everything alone.

Two independent mistakes show together in most cases, so that each contradicts what came there.
What both together give tells.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from cnn_conformance.mistakes import Mistake, together
from cnn_conformance.mistakes.edits import BadEdit

TRIED = 8
"""How many matches, those that explain most, are put together."""
MOST_TOGETHER = 3
"""How many mistakes may be put together."""


@dataclass(frozen=True)
class Match:
    """Mistakes, mostly one, and the failing checks that they explain, and those they contradict.

    `agreement` counts the arrays of these cases that are the same, also those that have passed: a
    backward that fits a wrong forward tells two ways of being wrong apart. `pattern` counts the
    contradicted checks in which nan and the infinities stand where they do in what came.
    """

    mistakes: tuple[Mistake, ...]
    explains: frozenset[str]
    contradicts: frozenset[str]
    agreement: int
    pattern: int = 0

    @cached_property
    def said(self) -> frozenset[str]:
        """What is said of them."""
        return frozenset(each.said for each in self.mistakes)


def combined(
    matches: Sequence[Match],
    failing: frozenset[str],
    run: Callable[[Mistake], Match | None],
) -> list[Match]:
    """Return what explains more together than apart: the best pair, or what it grows to.

    Parameters
    ----------
    matches : sequence of Match
        Mistakes that explain something each.
    failing : frozenset of str
        The checks that are to be explained.
    run : callable
        Returns what comes of a mistake; None where it explains nothing, or is refuted.
    """
    first = sorted(matches, key=_rank, reverse=True)[:TRIED]
    pairs = [(one, two) for one, two in itertools.combinations(first, 2) if _may_meet(one, two)]
    pairs.sort(key=lambda pair: -len(pair[0].explains | pair[1].explains))
    found = [match for pair in pairs if (match := _both(*pair, run)) is not None]
    while found:
        best = max(found, key=_rank)
        if best.explains == failing or len(best.mistakes) == MOST_TOGETHER:
            return [best]
        grown = [_both(best, other, run) for other in first if _may_meet(best, other)]
        found = [match for match in grown if match is not None]
        if not found:
            return [best]
    return []


def _rank(match: Match) -> tuple[int, int, int, int]:
    return len(match.explains), -len(match.contradicts), match.pattern, match.agreement


def _may_meet(one: Match, two: Match) -> bool:
    """Tell whether two are about different things, and contradict something apart."""
    return not one.said & two.said and bool(one.contradicts or two.contradicts)


def _both(one: Match, two: Match, run: Callable[[Mistake], Match | None]) -> Match | None:
    """Return what two explain together, if that is more than each does, and contradicts less."""
    mistakes = one.mistakes + two.mistakes
    try:
        match = run(together(mistakes))
    except BadEdit:  # they change the same lines
        return None
    if match is None or not (one.explains < match.explains and two.explains < match.explains):
        return None
    if match.contradicts and not match.contradicts < one.contradicts | two.contradicts:
        return None
    return Match(mistakes, match.explains, match.contradicts, match.agreement, match.pattern)
