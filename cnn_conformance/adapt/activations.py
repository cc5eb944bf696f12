"""Activations over other code."""

from __future__ import annotations

from typing import Any

from cnn_conformance.adapt.base import Unit


class Elementwise(Unit):
    """A layer without arguments over other code; x may have any shape."""

    axes = ("NCHW", "NCHW")

    def refuse(self) -> None:
        """Refuse what the code has no argument for."""
        for name in self.given:
            if name not in self.takes:
                raise NotImplementedError(f"unsupported: {name}")

    def if_given(self, **theirs: str) -> dict[str, Any]:
        """Return the arguments that the specification's constructor was given, in their names."""
        return {name: self.given[ours] for name, ours in theirs.items() if ours in self.given}


class LeakyReLU(Elementwise):
    """A leaky ReLU over other code."""

    def __init__(self, negative_slope: float | None = None) -> None:
        super().__init__(**_chosen(negative_slope=negative_slope))


class ELU(Elementwise):
    """An ELU over other code."""

    def __init__(self, alpha: float | None = None) -> None:
        super().__init__(**_chosen(alpha=alpha))


def _chosen(**given: Any) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


class Softmax(Elementwise):
    """A softmax over other code."""

    axes = ("NI", "NI")


class LogSoftmax(Softmax):
    """The logarithm of a softmax over other code."""
