"""The interfaces between the parts of a network, as types.

Layers, losses and optimizers need no common base class: any class with these attributes will do.
"""

from typing import Any, Protocol

from numpy.typing import NDArray

Array = NDArray[Any]


class Module(Protocol):
    """A layer, or a whole network of layers."""

    training: bool

    @property
    def params(self) -> dict[str, Array]: ...  # noqa: D102

    @property
    def grads(self) -> dict[str, Array]: ...  # noqa: D102

    def forward(self, x: Array) -> Array: ...  # noqa: D102

    def backward(self, dout: Array) -> Array: ...  # noqa: D102


class Loss(Protocol):
    """A number that says how far an output is from its target."""

    reduction: str

    def forward(self, pred: Array, target: Array, /) -> float: ...  # noqa: D102

    def backward(self) -> Array: ...  # noqa: D102


class Optimizer(Protocol):
    """A rule that changes parameters by their gradients."""

    def step(self, params: dict[str, Array], grads: dict[str, Array]) -> None: ...  # noqa: D102


class HasRate(Protocol):
    """What has a learning rate that can be set, as the optimizers here."""

    lr: float
