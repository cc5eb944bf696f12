"""Messages between the grader and the worker: JSON for the structure, npy for the arrays.

A frame is an 8-byte length, a 4-byte length of the JSON part, the JSON part, and the arrays one
after another in npy format 1.0. Nothing is ever unpickled. What arrives from the worker is not
trusted: lengths, headers, dtypes and sizes are checked before anything is allocated.
"""

from __future__ import annotations

import io
import json
import struct
from typing import Any

import numpy as np
from numpy.lib import format as npy

from conformance.arrays import Array

MAX_FRAME = 64 << 20
MAX_JSON = 4 << 20
MAX_ITEMS = 10_000
MAX_DEPTH = 6
LENGTHS = struct.Struct("<QI")


class BadFrame(Exception):
    """The bytes are not a frame, or hold what a frame may not hold."""


class Other:
    """Stands for a value that cannot cross the wire: only the name of its type does."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name

    def __repr__(self) -> str:
        return f"<{self.type_name}>"


class Ref:
    """Stands for an object that stays on the host's side."""

    def __init__(self, number: int) -> None:
        self.number = number


class Generator:
    """Asks the host for `numpy.random.default_rng(seed)`."""

    def __init__(self, seed: int) -> None:
        self.seed = seed


def encode(message: object) -> bytes:
    """Return the frame of a message: dicts, lists, tuples, numbers, strings and arrays."""
    blobs: list[bytes] = []
    tree = _to_tree(message, blobs, 0)
    text = json.dumps({"tree": tree, "sizes": [len(blob) for blob in blobs]}).encode()
    body = b"".join([text, *blobs])
    return LENGTHS.pack(len(body), len(text)) + body


def decode(body: bytes, json_length: int) -> Any:
    """Return the message of a frame's body.

    Raises
    ------
    BadFrame
        If the body is malformed, or an array in it is not plain numbers.
    """
    if not 0 < json_length <= min(len(body), MAX_JSON):
        raise BadFrame(f"a JSON part of {json_length} bytes in a frame of {len(body)}")
    try:
        head = json.loads(body[:json_length])
        tree, sizes = head["tree"], head["sizes"]
        if len(sizes) > MAX_ITEMS or not all(type(n) is int and n > 0 for n in sizes):
            raise BadFrame("array sizes that are not positive whole numbers")
        if sum(sizes) != len(body) - json_length:
            raise BadFrame("array sizes that do not add up to the frame")
        blobs, start = [], json_length
        for size in sizes:
            blobs.append(_read_array(body[start : start + size]))
            start += size
        return _from_tree(tree, blobs, 0)
    except BadFrame:
        raise
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise BadFrame(f"malformed: {error}") from error


def _to_tree(value: object, blobs: list[bytes], depth: int) -> object:
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if kind is np.ndarray and isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
        blobs.append(_array_bytes(value))
        return {"array": len(blobs) - 1}
    if isinstance(value, (np.number, np.bool_)) and np.dtype(kind).kind in "biuf":
        blobs.append(_array_bytes(np.asarray(value)))
        return {"scalar": len(blobs) - 1}
    if depth < MAX_DEPTH:
        if isinstance(value, dict) and len(value) <= MAX_ITEMS:
            return {"dict": [[str(k), _to_tree(v, blobs, depth + 1)] for k, v in value.items()]}
        if kind in (list, tuple) and isinstance(value, (list, tuple)) and len(value) <= MAX_ITEMS:
            name = "list" if kind is list else "tuple"
            return {name: [_to_tree(v, blobs, depth + 1) for v in value]}
    if isinstance(value, Ref):
        return {"ref": value.number}
    if isinstance(value, Generator):
        return {"generator": value.seed}
    return {"other": f"{kind.__module__}.{kind.__qualname__}"[:200]}


def _from_tree(tree: Any, blobs: list[Array], depth: int) -> Any:
    if tree is None or isinstance(tree, (bool, int, float, str)):
        return tree
    if depth > 2 * MAX_DEPTH or not isinstance(tree, dict) or len(tree) != 1:
        raise BadFrame("a value of unknown form")
    ((kind, value),) = tree.items()
    if kind == "array":
        return blobs[value]
    if kind == "scalar":
        if blobs[value].shape != ():
            raise BadFrame("a scalar with axes")
        return blobs[value][()]
    if kind == "dict":
        return {str(k): _from_tree(v, blobs, depth + 1) for k, v in value}
    if kind == "list":
        return [_from_tree(v, blobs, depth + 1) for v in value]
    if kind == "tuple":
        return tuple(_from_tree(v, blobs, depth + 1) for v in value)
    if kind == "ref":
        return Ref(int(value))
    if kind == "generator":
        return Generator(int(value))
    if kind == "other":
        return Other(str(value))
    raise BadFrame(f"a value of unknown kind {kind!r}")


def _array_bytes(array: Array) -> bytes:
    file = io.BytesIO()
    npy.write_array(file, array, version=(1, 0), allow_pickle=False)
    return file.getvalue()


def _read_array(blob: bytes) -> Array:
    file = io.BytesIO(blob)
    if npy.read_magic(file) != (1, 0):
        raise BadFrame("an npy array of another version than 1.0")
    shape, fortran, dtype = npy.read_array_header_1_0(file, max_header_size=1000)
    if dtype.kind not in "biufc":
        raise BadFrame(f"an array of dtype {dtype}")
    count = 1
    for length in shape:
        if length < 0:
            raise BadFrame("an array with a negative length")
        count *= length
    if len(shape) > 32 or count * dtype.itemsize != len(blob) - file.tell():
        raise BadFrame(f"an array whose header says {shape} of {dtype}, which are not its bytes")
    flat = np.frombuffer(blob, dtype, count, file.tell())
    return flat.reshape(shape, order="F" if fortran else "C").copy(order="K")
