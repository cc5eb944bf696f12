"""Which of the mistakes that explain something are said: not all of them can be so."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cnn_conformance.checks.registry import manifest
from cnn_conformance.diagnosis.combinations import Match, combined
from cnn_conformance.findings import Finding
from cnn_conformance.mistakes import Mistake
from cnn_conformance.oracle import specification
from cnn_conformance.phrases import say

MOST_PARTS = 3
EXPLAINED_FOR_EACH_CONTRADICTED = 5
"""How many checks have to be explained for each that is contradicted, in a part."""


@dataclass(frozen=True)
class Explanation:
    """The mistakes that explain a unit's failures, and the failing checks they explain.

    `of` has the requirements of these checks for each mistake, by its words.
    """

    known: tuple[Mistake, ...]
    explained: frozenset[str]
    whole: bool
    of: Mapping[str, frozenset[str]]

    def explains(self, mistake: Mistake, requirement: str) -> bool:
        """Tell whether a mistake explains something of what a requirement has lost."""
        return requirement in self.of[mistake.said]


def choose(
    matches: list[Match],
    tensors: Mapping[str, str | None],
    run: Callable[[Mistake], Match | None] | None = None,
) -> Explanation:
    """Return what explains a unit: one mistake, a pair, or parts.

    The one that explains everything comes first; then two that do; then what several in the same
    code give; then a few that explain a part each.

    Parameters
    ----------
    matches : list of Match
        Mistakes that explain something each.
    tensors : dict
        The failing checks, and the array that each has compared; None for none.
    run : callable, optional
        Returns what comes of several mistakes in the same code.

    Notes
    -----
    Of several, one is chosen, since not all of them can be so: the one that contradicts least, then
    the one that agrees most in what has passed too, then the one that loses least.
    """
    failing = frozenset(tensors)
    clean = [match for match in matches if not match.contradicts]
    if whole := [match for match in clean if match.explains == failing]:
        return _explanation([(max(whole, key=_rank), whole)], failing)
    pairs = [
        (one, two)
        for one, two in itertools.combinations(matches, 2)
        if one.explains | two.explains == failing
        and not one.said & two.said
        and not _split(one, two)
    ]
    if pairs:
        best = max(pairs, key=lambda pair: np.add(_rank(pair[0]), _rank(pair[1])).tolist())
        return _explanation([(match, ()) for match in best], failing)
    if run is not None:
        both = combined(matches, failing, run)
        matches = [
            *(each for each in both if not _is_lesser(each, each.explains, tensors)),
            *matches,
        ]
    known = frozenset().union(*(each.explains for each in clean))
    fair = [match for match in matches if _is_fair(match, known, failing)]
    return _parts([match for match in fair if not _is_silenced(match, matches)], tensors)


def _explanation(
    chosen: Sequence[tuple[Match, Sequence[Match]]], failing: frozenset[str]
) -> Explanation:
    """Return what is said of matches, each with those among which it was chosen."""
    checks = manifest()
    of: dict[str, frozenset[str]] = {}
    known: list[Mistake] = []
    for match, others in chosen:
        for mistake in _named(match, others):
            known.append(mistake)
            ids = {checks[key].requirement for key in match.explains}
            of[mistake.said] = of.get(mistake.said, frozenset()) | ids
    explained = frozenset().union(*(match.explains for match, _ in chosen))
    return Explanation(tuple(known), explained, bool(known) and explained == failing, of)


def _named(best: Match, others: Sequence[Match]) -> tuple[Mistake, ...]:
    """Return the mistakes of a match, with the sentence of one that fits alike beside its own."""
    for other in others:
        alike = other.explains == best.explains and _rank(other)[:3] == _rank(best)[:3]
        if alike and other.said != best.said and len(best.mistakes) == len(other.mistakes) == 1:
            (mine,), (theirs,) = best.mistakes, other.mistakes
            either = Finding("either", one=mine.title, two=theirs.title)
            return (replace(mine, said=say(either), either=(mine.title, theirs.title)),)
    return best.mistakes


def _rank(match: Match) -> tuple[int, int, int, int]:
    """Return what makes one of two explanations of the same the better one."""
    lost = sum(len(each.loses) for each in match.mistakes)
    return -len(match.contradicts), match.pattern, match.agreement, -lost


def _is_fair(match: Match, known: frozenset[str], failing: frozenset[str]) -> bool:
    """Tell whether a mistake explains what is apart from what it contradicts.

    A forward that it explains may have another mistake in its backward; and what it explains of
    several requirements may show another one in few cases, or in those that are `known` to, since
    one that contradicts nothing explains them, if it explains half of the others.
    """
    requirements, checks = specification.requirements(), manifest()
    explains_half = 2 * len(match.explains - known) >= len(failing - known)
    left = match.contradicts - known if explains_half else match.contradicts
    left -= _of_another_forward(match, failing)
    explained, contradicted = (
        {checks[key].requirement for key in keys} for keys in (match.explains, left)
    )
    aspects, others = (
        {requirements[id_].aspect for id_ in ids} for ids in (explained, contradicted)
    )
    few = len(left) * EXPLAINED_FOR_EACH_CONTRADICTED <= len(match.explains)
    return not aspects & others or (few and not explained <= contradicted)


def _of_another_forward(match: Match, failing: frozenset[str]) -> frozenset[str]:
    """Return the checks of backward whose case fails forward, which such mistakes leave right.

    What is computed there is another function, and so is its gradient.
    """
    requirements, checks = specification.requirements(), manifest()

    def is_forward(id_: str) -> bool:
        return requirements[id_].aspect == "forward"

    if any(is_forward(id_) for mistake in match.mistakes for id_ in mistake.loses):
        return frozenset()
    wrong = {checks[key].case for key in failing if is_forward(checks[key].requirement)}
    return frozenset(key for key in match.contradicts if checks[key].case in wrong)


def _is_silenced(match: Match, others: list[Match]) -> bool:
    """Tell whether another mistake explains all that it explains, and fits better otherwise.

    That is to say that it contradicts nothing else, and explains more or has nan and the infinities
    where they came; or that it explains more, contradicts no more checks, and agrees as much.
    """
    return any(
        match.explains <= other.explains
        and not match.said <= other.said
        and (
            (
                other.contradicts <= match.contradicts
                and (match.explains < other.explains or match.pattern < other.pattern)
            )
            or (
                match.explains < other.explains
                and len(other.contradicts) <= len(match.contradicts)
                and match.agreement <= other.agreement
            )
        )
        for other in others
    )


def _split(one: Match, two: Match) -> bool:
    """Tell whether two contradict each other: neither explains a requirement, but both together."""
    checks = manifest()
    where = [
        {checks[key].requirement for key in mine.explains & other.contradicts}
        for mine, other in ((one, two), (two, one))
    ]
    return bool(where[0] & where[1])


def _parts(clean: list[Match], tensors: Mapping[str, str | None]) -> Explanation:
    """Return a few that explain a part each, the largest first.

    A part is whole requirements: a mistake that explains some cases of one and not the others is
    more likely to be another mistake. Two that contradict what the other explains are not both so.
    """
    checks = manifest()
    chosen: list[Match] = []
    left = failing = frozenset(tensors)
    ranked = sorted(clean, key=lambda match: (len(match.explains), *_rank(match)), reverse=True)
    for match in ranked:
        whole = {checks[key].requirement for key in match.explains}
        whole -= {checks[key].requirement for key in failing - match.explains}
        fits = not any(
            each.said & match.said
            or (each.contradicts & match.explains and match.contradicts & each.explains)
            for each in chosen
        )
        is_needed = any(checks[key].requirement in whole for key in match.explains & left)
        if fits and is_needed and len(chosen) < MOST_PARTS:
            chosen.append(match)
            left -= match.explains
    known = failing - left
    chosen = [each for each in chosen if not _is_lesser(each, known, tensors)]
    return _explanation([(match, clean) for match in chosen], failing)


def _is_lesser(match: Match, known: frozenset[str], tensors: Mapping[str, str | None]) -> bool:
    """Tell whether more is open of an array that a mistake explains than it explains of it.

    Another mistake, which nobody knows, is likely to have made what it explains, too. A convention
    is about few inputs, and holds beside anything. `known` are the checks that are explained.
    """
    if all(mistake.is_a_convention for mistake in match.mistakes):
        return False
    explained = Counter(tensors[key] for key in match.explains)
    open_ = Counter(tensors[key] for key in tensors.keys() - known)
    lesser = [open_[name] > count for name, count in explained.items() if name is not None]
    return any(lesser) if len(match.mistakes) > 1 else bool(lesser) and all(lesser)
