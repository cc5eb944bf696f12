"""Optimizers that are functions of dicts with W1, b1, dW1 and db1, as in Coursera's assignments."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.implementation.styles import _units
from cnn_conformance.implementation.styles._units import Function

GIVEN = {"lr": "learning_rate", "betas": ("beta1", "beta2"), "eps": "epsilon"}
PLAIN = ("update_parameters_with_gd", "update_parameters")


class Counted:
    """A function that updates all parameters: every two of ours are a W and a b there.

    Parameters
    ----------
    update : callable
        Takes both dicts, and what is remembered.
    begin : callable, optional
        Returns what is remembered at first.
    counts : bool
        Whether it takes the number of the step, too.
    **settings : Any
        What else it is given.
    """

    def __init__(
        self, update: Function, begin: Function | None = None, counts: bool = False, **settings: Any
    ) -> None:
        self.update, self.begin, self.counts, self.settings = update, begin, counts, settings
        self.state: tuple[Any, ...] | None = None
        self.steps = 0

    def step(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        """Update each parameter in place."""
        names = sorted(params)
        keys = [f"{'Wb'[i % 2]}{i // 2 + 1}" for i in range(len(names) + len(names) % 2)]
        zeros = np.zeros((1, 1))
        own = dict(zip(names, keys, strict=False))
        parameters = dict.fromkeys(keys, zeros) | {own[name]: params[name] for name in names}
        gradients = {f"d{key}": zeros for key in keys}
        gradients |= {f"d{own[name]}": grads[name] for name in names}
        if self.state is None:
            first = self.begin(parameters) if self.begin else ()
            self.state = first if isinstance(first, tuple) else (first,)
        self.steps += 1
        given = [*self.state, self.steps] if self.counts else [*self.state]
        new = self.update(parameters, gradients, *given, **self.settings)
        if self.begin:
            new, *rest = new
            self.state = tuple(rest[: len(self.state)])
        for name, key in own.items():
            params[name][...] = new[key]


def optimizers(foreign: Mapping[str, Any]) -> dict[str, object]:
    """Return the optimizers that there are functions for."""
    found: dict[str, object] = {}
    plain = [name for name in PLAIN if name in foreign]
    momentum = foreign.get("update_parameters_with_momentum")
    first = foreign.get("initialize_velocity")

    def sgd(beta: float = 0.0, **settings: Any) -> Counted:
        if momentum and first and (beta or not plain):
            return Counted(momentum, first, beta=beta, **settings)
        return Counted(foreign[plain[0]], **settings)

    if plain or (momentum and first):
        names = {"lr": "learning_rate", **({"momentum": "beta"} if momentum and first else {})}
        found["SGD"] = _units.optimizer("SGD", sgd, **names)
    adam, begin = foreign.get("update_parameters_with_adam"), foreign.get("initialize_adam")
    if adam and begin:
        make = partial(Counted, adam, begin, counts=True)
        found["Adam"] = _units.optimizer("Adam", make, **GIVEN)
    return found
