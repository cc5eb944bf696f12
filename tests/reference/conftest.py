"""What the tests of the reference share."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from reference.interfaces import Array


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20240607)


@pytest.fixture
def torch() -> ModuleType:
    """PyTorch; tests that ask for it are marked `torch`."""
    import torch

    return torch


@pytest.fixture
def set_params() -> Callable[[Any, np.random.Generator, str], None]:
    """Give a layer random parameters (biases too) of a dtype."""

    def replace(layer: Any, rng: np.random.Generator, dtype: str) -> None:
        for name, value in layer.params.items():
            layer.params[name] = rng.normal(size=value.shape).astype(dtype)

    return replace


@pytest.fixture
def numeric_gradient() -> Callable[[Callable[[Array], float], Array], Array]:
    """Central differences of a function of one float64 array."""

    def gradient(f: Callable[[Array], float], x: Array, step: float = 1e-6) -> Array:
        result = np.zeros_like(x)
        for at in np.ndindex(x.shape):
            up, down = x.copy(), x.copy()
            up[at] += step
            down[at] -= step
            result[at] = (f(up) - f(down)) / (2 * step)
        return result

    return gradient
