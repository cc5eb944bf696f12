"""The order of an array's axes, in letters: "NHWC", "K1", "K(CHW)", "DN".

A letter is an axis, `1` an axis of length 1, and letters in parentheses are axes that are joined
into one. An axis that a layout has and the specification's array has not is filled with copies, and
summed on the way back; so is a bias that has a value for each place of the output.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cnn_conformance.arrays import Array

GROUP = re.compile(r"\(([A-Z]+)\)|([A-Z1])")


@dataclass(frozen=True)
class Layout:
    """How the other code orders the axes of an array that the specification orders as `ours`.

    Parameters
    ----------
    theirs : str
        Its axes in the other code.
    ours : str
        Its axes in the specification.
    """

    theirs: str
    ours: str

    @cached_property
    def groups(self) -> list[str]:
        """The axes of the other code, each with the letters that it is made of."""
        return [joined or single for joined, single in GROUP.findall(self.theirs)]

    @cached_property
    def letters(self) -> str:
        """All letters of the other code's axes in order."""
        return "".join(self.groups).replace("1", "")

    @property
    def is_by_sample(self) -> bool:
        """Whether the other code gets one sample at a time."""
        return bool(self.theirs) and "N" in self.ours and "N" not in self.letters

    def without_samples(self) -> Layout:
        """Return the layout of a single sample."""
        return Layout(self.theirs, self.ours.replace("N", ""))

    def to_theirs(self, array: Array, sizes: dict[str, int] | None = None) -> Array:
        """Return an array as the other code takes it, as a view where that can be.

        An array with another number of axes is handed on as it is: the other code has to see it.

        Parameters
        ----------
        array : ndarray
            The specification's array.
        sizes : dict, optional
            The lengths of axes that the other code has in addition.
        """
        if np.ndim(array) != len(self.ours):
            return array
        lengths = {**(sizes or {}), **dict(zip(self.ours, array.shape, strict=True))}
        kept = [letter for letter in self.letters if letter in self.ours]
        dropped = [letter for letter in self.ours if letter not in self.letters]
        order = [self.ours.index(letter) for letter in (*kept, *dropped)]
        turned = array.transpose(order)
        if dropped:  # axes of length 1
            turned = turned.reshape(turned.shape[: len(kept)])
        if len(kept) < len(self.letters):
            own = [slice(None) if letter in kept else None for letter in self.letters]
            full = [lengths[letter] for letter in self.letters]
            turned = np.broadcast_to(turned[tuple(own)], full).copy()
        shape = [int(np.prod([lengths[c] for c in g if c != "1"])) for g in self.groups]
        return turned if turned.shape == tuple(shape) else turned.reshape(shape)

    def to_ours(self, array: Array, lengths: dict[str, int]) -> Array:
        """Return an array of the other code as the specification has it.

        One that does not have the shape of this layout is handed on as it is.

        Parameters
        ----------
        array : ndarray
            The other code's array.
        lengths : dict
            The lengths of the axes in joined ones.
        """
        if not isinstance(array, np.ndarray) or array.ndim != len(self.groups):
            return array
        if any(group == "1" and n != 1 for group, n in zip(self.groups, array.shape, strict=True)):
            return array
        shape: list[int] = []
        for group, n in zip(self.groups, array.shape, strict=True):
            inner = [lengths.get(c, -1) for c in group] if len(group) > 1 else [n] * (group != "1")
            if len(group) > 1 and int(np.prod(inner)) != n:
                return array
            shape += inner
        split = array.reshape(shape)
        extra = tuple(i for i, letter in enumerate(self.letters) if letter not in self.ours)
        if extra:
            split = split.sum(axis=extra)
        kept = [letter for letter in self.letters if letter in self.ours]
        turned = split.transpose([kept.index(c) for c in self.ours if c in kept])
        missing = tuple(i for i, letter in enumerate(self.ours) if letter not in kept)
        return np.expand_dims(turned, missing) if missing else turned


def of_shape(shape: tuple[int, ...], sizes: dict[str, int]) -> str | None:
    """Return the letters of a shape by its lengths, None if they do not tell.

    Letters whose lengths are alike are taken in the order in which `sizes` has them.
    """
    left = dict(sizes)
    found = ""
    for n in shape:
        letter = next((c for c, size in left.items() if size == n), None)
        if letter is None and n != 1:
            return None
        found += letter or "1"
        if letter:
            del left[letter]
    return found if all(size == 1 for size in left.values()) else None


def of_joined(shape: tuple[int, ...], expected: dict[str, int]) -> str | None:
    """Return the letters of a shape whose samples and channels are one axis."""
    if not {"N", "K"} <= set(expected):
        return None
    letters = of_shape(
        shape, {"J": expected["N"] * expected["K"], "H": expected["H"], "W": expected["W"]}
    )
    return letters and letters.replace("J", "(NK)")
