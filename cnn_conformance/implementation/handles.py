"""Handles on what lives on the other side: objects, and layers with their methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.implementation import wire
from cnn_conformance.implementation.values import as_array, as_number, name_of, same_values
from cnn_conformance.outcomes import failed

if TYPE_CHECKING:
    from cnn_conformance.implementation.remote import Implementation


@dataclass(frozen=True)
class Remote:
    """Something on the other side."""

    implementation: Implementation
    number: int

    def now(self) -> Any:
        """Return what it looks like now."""
        return self.implementation._ask("fetch", target=self.number)

    def is_still(self, array: Array) -> bool:
        """Tell whether it is an array that has kept these values."""
        return same_values(self.now(), array)


@dataclass(frozen=True)
class Layer(Remote):
    """A layer, loss, optimizer or container on the other side."""

    unit: str

    def call(self, method: str, *args: Any) -> tuple[Any, Remote]:
        """Call a method; return its result and a handle on it."""
        number = next(self.implementation._numbers)
        value = self.implementation._ask(
            "call",
            number,
            target=self.number,
            method=method,
            args=[as_argument(value) for value in args],
        )
        return value, Remote(self.implementation, number)

    def forward(self, *args: Any) -> Array:
        """Return the layer's output."""
        return as_array(self.call("forward", *args)[0], f"{self.unit}.forward")

    def loss(self, *args: Any) -> float:
        """Return a loss's value."""
        return as_number(self.call("forward", *args)[0], f"{self.unit}.forward")

    def backward(self, *args: Any) -> Array:
        """Return the gradient for the input."""
        return as_array(self.call("backward", *args)[0], f"{self.unit}.backward")

    def get(self, attribute: str) -> Any:
        """Return the value of an attribute."""
        return self.implementation._ask("get", target=self.number, attribute=attribute)

    def holds(self, attribute: str, items: Sequence[Remote]) -> bool:
        """Tell whether an attribute is a list of these very objects, in this order."""
        references = [as_argument(item) for item in items]
        answer = self.implementation._ask(
            "holds", target=self.number, attribute=attribute, items=references
        )
        return answer is True

    def handle(self, attribute: str) -> Remote:
        """Return a handle on the value of an attribute, to be handed to another call."""
        number = next(self.implementation._numbers)
        self.implementation._ask("get", number, target=self.number, attribute=attribute)
        return Remote(self.implementation, number)

    def flag(self, attribute: str) -> bool:
        """Return the value of an attribute that has to be True or False."""
        value = self.get(attribute)
        if isinstance(value, (bool, np.bool_)):
            return bool(value)
        raise failed("no bool", unit=self.unit, attribute=attribute, got=name_of(value))

    def set(self, attribute: str, value: Any) -> None:
        """Set an attribute."""
        self.implementation._ask("set", target=self.number, attribute=attribute, value=value)

    def arrays(self, attribute: str) -> dict[str, Array]:
        """Return `params` or `grads`, checked to be a dict of arrays."""
        return self.as_arrays(attribute, self.get(attribute))

    def as_arrays(self, attribute: str, value: Any) -> dict[str, Array]:
        """Return the value of `params` or `grads`, checked to be a dict of arrays."""
        if not isinstance(value, dict):
            facts = {"unit": self.unit, "attribute": attribute, "got": name_of(value)}
            raise failed("no dict of arrays", **facts)
        return {
            key: as_array(array, f'{self.unit}.{attribute}["{key}"]')
            for key, array in value.items()
        }

    def backward_and_grads(self, *dout: Array | Remote) -> tuple[Any, Any]:
        """Return what backward returns, and what `grads` is afterwards."""
        given = [as_argument(each) for each in dout]
        came = self.implementation._ask("backward", target=self.number, args=given)
        if not isinstance(came, (tuple, list)) or len(came) != 2:
            raise failed("reply to backward", got=name_of(came))
        return came[0], came[1]

    def set_later(self, attribute: str, value: Any) -> None:
        """Set an attribute together with whatever is asked next."""
        self.implementation._later("set", target=self.number, attribute=attribute, value=value)

    def forward_later(self, x: Remote) -> None:
        """Call forward, together with whatever is asked next."""
        self.implementation._later(
            "call", target=self.number, method="forward", args=[as_argument(x)]
        )

    def set_params_later(self, values: dict[str, Array]) -> None:
        """Set parameters together with whatever is asked next."""
        if values:
            self.implementation._later("write", target=self.number, values=values, how="auto")

    def set_params(self, values: dict[str, Array], how: str = "auto") -> dict[str, bool]:
        """Set parameters; tell for each whether `params` has the new value afterwards."""
        if not values:
            return {}
        kept = self.implementation._ask("write", target=self.number, values=values, how=how)
        return {key: isinstance(kept, dict) and kept.get(key) is True for key in values}


def as_argument(value: Any) -> Any:
    """Return a value as a request carries it: a reference for what is on the other side."""
    if isinstance(value, Remote):
        return wire.Ref(value.number)
    if isinstance(value, list):
        return [as_argument(item) for item in value]
    if isinstance(value, dict):
        return {key: as_argument(item) for key, item in value.items()}
    return value
