"""An optimizer with every step a method of its own, so that a mistake changes one."""

from __future__ import annotations

from typing import Any

from cnn_conformance.arrays import Array

Arrays = dict[str, Array]


class Plain:
    """An optimizer, parameter by parameter; a subclass says what is taken away."""

    lr: float
    weight_decay: float

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.t = 0
        self.kept: dict[str, Arrays] = {}

    def step(self, params: Arrays, grads: Arrays) -> None:
        copies = {name: p.copy() for name, p in params.items()}
        super().step(copies, grads)  # type: ignore[misc]  # refuses what is bad
        self.t += 1
        for name, p in params.items():
            way = self.rate() * self.way(self.state(name, p), self.decayed(p, grads[name]))
            p -= way.astype(p.dtype, copy=False)

    def state(self, name: str, p: Array) -> Arrays:
        """Return what is carried over for a parameter."""
        return self.kept.setdefault(name, {})

    def decayed(self, p: Array, g: Array) -> Array:
        """Return the gradient with the decay of the parameter."""
        return g + self.weight_decay * p

    def rate(self) -> float:
        """Return the rate of this step, the first of which has t = 1."""
        return self.lr

    def way(self, state: Arrays, g: Array) -> Array:
        """Return what the rate is multiplied by."""
        raise NotImplementedError
