"""Units that differ in training and in evaluation, and other normalizations, over other code."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from cnn_conformance.adapt.base import Parameter, Unit
from cnn_conformance.adapt.given import as_theirs
from cnn_conformance.adapt.layout import Layout
from cnn_conformance.adapt.places import find, write
from cnn_conformance.arrays import Array


class WithModes(Unit):
    """A unit that is told whether this is training: in `run`, or in an attribute."""

    mode: ClassVar[str] = ""
    """Where the code's object is told, "layer.training"; nothing where `run` says it."""
    modes: ClassVar[tuple[Any, Any]] = (True, False)
    """What it is told in training and in evaluation."""
    only_training: ClassVar[bool] = False
    """Whether the code knows no evaluation."""

    defaults: ClassVar[dict[str, Any]] = {}
    """The specification's arguments that may be left out, with what they are then."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**{name: value for name, value in given.items() if value is not None})

    def refuse(self) -> None:
        """Refuse what the code has no argument for."""
        for name in self.defaults.keys() & self.given.keys() - self.takes.keys():
            if self.given[name] != self.defaults[name]:
                raise NotImplementedError(f"unsupported: {name}={self.given[name]}")

    def __getattr__(self, name: str) -> Any:
        known = {**self.defaults, **self.__dict__.get("given", {})}
        if name in known:
            return known[name]
        raise AttributeError(name)

    def if_given(self, **theirs: str) -> dict[str, Any]:
        """Return the arguments that were given, in the code's names: "eps", "1 - momentum"."""
        return as_theirs(self.given, theirs)

    def _prepare(self, theirs: Array) -> None:
        if self.only_training and not self.training:
            raise NotImplementedError("unsupported: evaluation")
        super()._prepare(theirs)
        if self.mode:
            write(self.layer, self.mode, self.modes[0 if self.training else 1])


class Dropout(WithModes):
    """A dropout over other code."""

    axes = ("NCHW", "NCHW")
    defaults: ClassVar[dict[str, Any]] = {"p": 0.5, "rng": None}

    def __init__(self, p: float | None = None, rng: Any = None) -> None:
        super().__init__(p=p, rng=rng)


class Normalization(WithModes):
    """A normalization over other code, with running statistics if it has some."""

    running: ClassVar[dict[str, Parameter]] = {}
    """Where its running statistics are."""
    size: ClassVar[str] = ""
    """The argument that is the number of its weights."""

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of weight and bias."""
        size = self.given[self.size]
        shape = size if isinstance(size, tuple) else (size,)
        return dict.fromkeys(("weight", "bias"), shape)

    def letters(self, name: str) -> str:
        """Return the axes of a parameter in the specification."""
        return self.axes[0][1]

    def _lengths(self, name: str) -> dict[str, int]:
        return {self.letters(name): self.shapes()["weight"][0]}

    def sample_shape(self) -> tuple[int, ...]:
        """Return a few samples."""
        return tuple(
            {"N": 2, self.axes[0][1]: self._lengths("")[self.axes[0][1]]}.get(c, 3)
            for c in self.axes[0]
        )

    @property
    def buffers(self) -> dict[str, Any]:
        """The running statistics, in the shapes of the specification."""
        found = {}
        layer = self.layer if self.layer is not None else self._first
        for name, place in self.running.items():
            value = np.asarray(find(layer, layer, place.at))
            found[name] = Layout(place.layout, self.letters(name)).to_ours(value, {})
        return found

    def _begin(self) -> None:
        self._first: Any = None
        super()._begin()
        if self.made_for_shape:  # what a new layer begins with
            self._prepare(Layout(self.x, self.axes[0]).to_theirs(np.zeros(self.sample_shape())))
            self._first, self.layer = self.layer, None

    def _prepare(self, theirs: Array) -> None:
        if self.made_for_shape and self.layer is not None and self._is_alike(theirs):
            self._made_for = np.shape(theirs)  # other samples: its statistics stay
        super()._prepare(theirs)

    def _is_alike(self, theirs: Array) -> bool:
        place = self.x.find(self.axes[0][1])
        known = self._made_for or ()
        return len(known) == np.ndim(theirs) and known[place] == np.shape(theirs)[place]

    def all_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shapes of weight and bias."""
        return self.shapes()


class BatchNorm2D(Normalization):
    """A batch normalization of images over other code."""

    axes = ("NCHW", "NCHW")
    size = "num_features"
    defaults: ClassVar[dict[str, Any]] = {"eps": 1e-5, "momentum": 0.1}

    def __init__(
        self, num_features: int, eps: float | None = None, momentum: float | None = None
    ) -> None:
        super().__init__(num_features=num_features, eps=eps, momentum=momentum)


class BatchNorm1D(BatchNorm2D):
    """A batch normalization of features over other code."""

    axes = ("NC", "NC")
    only_rows: ClassVar[bool] = False
    """Whether the code takes no sequences."""

    def forward(self, x: Array) -> Any:
        """Return the output."""
        if self.only_rows and np.ndim(x) == 3:
            raise NotImplementedError("unsupported: sequences")
        return super().forward(x)


class LayerNorm(Normalization):
    """A layer normalization over other code."""

    axes = ("ND", "ND")
    size = "normalized_shape"
    defaults: ClassVar[dict[str, Any]] = {"eps": 1e-5}

    def __init__(self, normalized_shape: Any, eps: float | None = None) -> None:
        super().__init__(normalized_shape=normalized_shape, eps=eps)
