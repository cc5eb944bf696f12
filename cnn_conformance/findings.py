"""What a check or the diagnosis has seen, as data. `phrases` alone makes a sentence of it.

A finding has a *kind*, the key of its phrase, and *facts*, the numbers, names and shapes that the
phrase mentions. A fact may be a finding itself: when something was seen, what was compared, what
kept it from being judged. Nothing reads the sentence: whoever wants to know something of a finding
asks for a fact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cnn_conformance.arrays import Array


@dataclass(frozen=True, eq=False)
class Compared:
    """The two arrays of a comparison that failed.

    Parameters
    ----------
    got, expected : ndarray
        What came and what should have come, as they came: of any shapes and dtypes.
    allowed : float
        How far an element may be off.
    """

    got: Array
    expected: Array
    allowed: float


class Finding:
    """Something that was seen.

    Parameters
    ----------
    kind : str
        The key of its phrase.
    compared : Compared, optional
        The arrays behind it. They belong to no sentence, and two findings that differ only there
        are equal.
    **facts
        What the phrase mentions: strings, numbers, shapes, findings, and tuples of these.

    Examples
    --------
    >>> Finding("shape", tensor="dx", got=(2, 3), expected=(3, 2)).tensor
    'dx'
    """

    __slots__ = ("compared", "facts", "kind", "shown")

    def __init__(self, kind: str, compared: Compared | None = None, /, **facts: Any) -> None:
        self.kind = kind
        self.compared = compared
        self.facts = facts
        self.shown: tuple[str, dict[str, Any]] | None = None
        """What a script has to look at to show the same, as `reproduce.assertions` reads it."""

    def __getattr__(self, name: str) -> Any:
        """Return a fact; None for one that it has not."""
        if name.startswith("_"):
            raise AttributeError(name)
        return self.facts.get(name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Finding) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        facts = "".join(f", {name}={value!r}" for name, value in self.facts.items())
        return f"Finding({self.kind!r}{facts})"

    def _key(self) -> tuple[Any, ...]:
        return self.kind, tuple(sorted(self.facts.items(), key=lambda item: item[0]))

    def with_facts(self, **facts: Any) -> Finding:
        """Return a finding of the same kind with some facts more, or others."""
        made = Finding(self.kind, self.compared, **{**self.facts, **facts})
        made.shown = self.shown
        return made

    def root(self) -> Finding:
        """Return the finding that this one passes on: what a cause has as its cause, and so on."""
        cause = self.cause
        return cause.root() if isinstance(cause, Finding) else self
