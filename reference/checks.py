"""Checks of arguments; each error names the unit, what was expected and what it got."""

import math
from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np

from .interfaces import Array

T = TypeVar("T")
Pair = tuple[int, int]
Arrays = dict[str, Array]


def _is_int(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def integer(unit: str, argument: str, value: int, minimum: int) -> int:
    """Return `value` as an int of at least `minimum`."""
    if not _is_int(value):
        raise ValueError(f"{unit}: {argument} must be an int, got {value!r}")
    if value < minimum:
        raise ValueError(f"{unit}: {argument} must be >= {minimum}, got {value}")
    return int(value)


def pair(unit: str, argument: str, value: int | Sequence[int], minimum: int) -> Pair:
    """Return an int or a pair of ints, each at least `minimum`, as (vertical, horizontal)."""
    both = value if isinstance(value, (tuple, list)) else (value, value)
    if len(both) != 2 or not all(_is_int(v) for v in both):
        raise ValueError(f"{unit}: {argument} must be an int or a pair of ints, got {value!r}")
    if min(both) < minimum:
        raise ValueError(f"{unit}: {argument} must be >= {minimum}, got {value}")
    return int(both[0]), int(both[1])


def sizes(unit: str, argument: str, value: int | Sequence[int]) -> tuple[int, ...]:
    """Return an int, or one or more ints, each at least 1, as a tuple."""
    several = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    if not several:
        raise ValueError(f"{unit}: {argument} must have an int or more, got {value!r}")
    return tuple(integer(unit, argument, size, 1) for size in several)


def paddings(unit: str, value: int | Sequence[int] | str, extent: Pair) -> tuple[Pair, Pair]:
    """Return the rows and columns of padding before and after an image.

    "same" and "same_lower" keep the size of the image with stride 1, for windows that span `extent`
    rows and columns. If their number is odd, the extra one goes after the image for "same", before
    it for "same_lower". "full" has every window that meets the image.
    """
    if not isinstance(value, str):
        both = pair(unit, "padding", value, 0)
        return both, both
    if value not in ("same", "same_lower", "valid", "full"):
        raise ValueError(
            f"{unit}: padding must be an int, a pair of ints, 'same', 'same_lower', 'valid' or "
            f"'full', got {value!r}"
        )
    if value == "full":
        return (extent[0] - 1, extent[1] - 1), (extent[0] - 1, extent[1] - 1)
    rows, columns = (0, 0) if value == "valid" else (size - 1 for size in extent)
    small, large = (rows // 2, columns // 2), (rows - rows // 2, columns - columns // 2)
    return (large, small) if value == "same_lower" else (small, large)


def reduction(unit: str, value: str) -> str:
    """Return `value` if it names a way to reduce a loss to one number."""
    if value not in ("mean", "sum"):
        raise ValueError(f"{unit}: reduction must be 'mean' or 'sum', got {value!r}")
    return value


def floats(unit: str, x: Array) -> Array:
    """Return `x` in its own floating-point type; integers become float64."""
    x = np.asarray(x)
    if np.issubdtype(x.dtype, np.floating):
        return x
    if np.issubdtype(x.dtype, np.integer) or x.dtype == np.bool_:
        return x.astype(np.float64)
    raise ValueError(f"{unit}: expected an array of real numbers, got dtype {x.dtype}")


def matrix(unit: str, x: Array, features: int | None = None) -> Array:
    """Return `x` as floats of shape (N, D), with D = `features` if given."""
    x = floats(unit, x)
    if x.ndim != 2:
        raise ValueError(f"{unit}: expected 2 dimensions (N, D), got shape {x.shape}")
    if features is not None and x.shape[1] != features:
        raise ValueError(
            f"{unit}: expected {features} input features, got {x.shape[1]} "
            f"(input of shape {x.shape})"
        )
    return x


def features(unit: str, x: Array, count: int) -> Array:
    """Return `x` as floats of shape (N, ..., D), with D = `count`."""
    x = floats(unit, x)
    if x.ndim < 2:
        raise ValueError(f"{unit}: expected 2 dimensions (N, D) or more, got shape {x.shape}")
    if x.shape[-1] != count:
        raise ValueError(
            f"{unit}: expected {count} input features, got {x.shape[-1]} (input of shape {x.shape})"
        )
    return x


def labels(unit: str, target: Array, scores: Array) -> Array:
    """Return class labels that fit scores of shape (N, K), one or more, in their own dtype."""
    target, (N, K) = np.asarray(target), scores.shape
    if 0 in (N, K):
        raise ValueError(f"{unit}: expected a sample and a class or more, got shape {(N, K)}")
    if target.shape != (N,):
        raise ValueError(
            f"{unit}: expected labels of shape {(N,)} for scores of shape {(N, K)}, "
            f"got shape {target.shape}"
        )
    return indices(unit, target, K, "labels")


def indices(unit: str, x: Array, count: int, what: str = "indices") -> Array:
    """Return `x` in its own dtype if it holds integers from 0 to `count` - 1."""
    x = np.asarray(x)
    if not np.issubdtype(x.dtype, np.integer):
        raise ValueError(f"{unit}: expected integer {what}, got dtype {x.dtype}")
    if x.size and (x.min() < 0 or x.max() >= count):
        raise ValueError(
            f"{unit}: expected {what} from 0 to {count - 1}, got {what} from {x.min()} to {x.max()}"
        )
    return x


def images(unit: str, x: Array, channels: int | None = None) -> Array:
    """Return `x` as floats of shape (N, C, H, W), with C = `channels` if given."""
    x = floats(unit, x)
    if x.ndim != 4:
        raise ValueError(f"{unit}: expected 4 dimensions (N, C, H, W), got shape {x.shape}")
    if channels is not None and x.shape[1] != channels:
        raise ValueError(
            f"{unit}: expected {channels} input channels, got {x.shape[1]} "
            f"(input of shape {x.shape})"
        )
    return x


def sequences(unit: str, x: Array, channels: int) -> Array:
    """Return `x` as floats of shape (N, C, L), with C = `channels`."""
    x = floats(unit, x)
    if x.ndim != 3 or x.shape[1] != channels:
        raise ValueError(f"{unit}: expected (N, {channels}, L), got shape {x.shape}")
    return x


def upstream(unit: str, dout: Array, shape: tuple[int, ...]) -> Array:
    """Return `dout` as floats, of the shape of the output."""
    dout = floats(unit, dout)
    if dout.shape != shape:
        raise ValueError(
            f"{unit}: expected dout of the output's shape {shape}, got shape {dout.shape}"
        )
    return dout


def state(unit: str, name: str, array: Array, shape: tuple[int, ...]) -> Array:
    """Return a state of a recurrent layer, or the gradient of one, as floats of shape (N, H)."""
    array = floats(unit, array)
    if array.shape != shape:
        raise ValueError(f"{unit}: expected {name} of shape {shape}, got shape {array.shape}")
    return array


def saved(unit: str, value: T | None) -> T:
    """Return what `forward` saved for `backward`."""
    if value is None:
        raise RuntimeError(f"{unit}: backward was called before forward")
    return value


def fraction(unit: str, argument: str, value: float, *, below: float = math.inf) -> float:
    """Return `value` as a finite float, at least 0 and less than `below`."""
    if not (math.isfinite(value) and 0 <= value < below):
        limit = f" and < {below:g}" if math.isfinite(below) else ""
        raise ValueError(f"{unit}: {argument} must be finite and >= 0{limit}, got {value}")
    return float(value)


def paired(unit: str, params: Arrays, grads: Arrays) -> Iterator[tuple[str, Array, Array]]:
    """Yield the name, the value and the gradient of each parameter.

    Everything is checked before the first one is yielded, so that an error changes nothing.
    """
    if params.keys() != grads.keys():
        raise ValueError(
            f"{unit}: expected gradients for the parameters {sorted(params)}, "
            f"got gradients for {sorted(grads)}"
        )
    for name, p in params.items():
        if p.shape != grads[name].shape:
            raise ValueError(
                f"{unit}: expected a gradient of shape {p.shape} for {name!r}, "
                f"got shape {grads[name].shape}"
            )
    for name, p in params.items():
        yield name, p, grads[name]
