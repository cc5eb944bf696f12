"""The text of a script: imports, inputs, the calls, and what came beside what was expected."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cnn_conformance.arrays import Array
from cnn_conformance.reproduce.locate import Place

MOST_LINES = 15
AROUND = 6
"""How many of these the imports, the arrays and the last line take."""
SHORT = 320
"""The arrays are written into the script where each of them fits in so many characters."""


@dataclass
class Draft:
    """The arrays of a script, and the lines between the imports and the end.

    Parameters
    ----------
    data : dict
        The arrays by the names that the lines use.
    lines : list of str
        The calls; they end with `got` and `expected`, or with an assertion of their own.
    tolerance : float or None
        How far `got` may be off; None where the lines assert for themselves.
    units : list of str, optional
        What is imported: the case's unit unless given.
    """

    data: dict[str, Array]
    lines: list[str]
    tolerance: float | None = None
    units: list[str] = field(default_factory=list)


class CannotShow(Exception):
    """A failure cannot be shown by a short script; says why."""


def render(title: str, draft: Draft, place: Place) -> tuple[str, dict[str, Array]]:
    """Return the script, and the arrays that do not fit into it.

    Raises
    ------
    CannotShow
        If it would have more lines than it may.
    """
    ending = _ending(draft.tolerance)
    body = [*draft.lines, *ending]
    written = {name: f"{name} = {_literal(array)}" for name, array in draft.data.items()}
    inline = all(len(line) <= SHORT for line in written.values())
    ways = [list(written.values())] if inline else []
    for data in (*ways, _load(list(draft.data))):
        needs_numpy = any("np." in line for line in (*data, *body))
        modules = [name for name in ("re", "types") if any(f"{name}." in line for line in body)]
        head = [
            f"import {', '.join(sorted(['sys', *modules]))}",
            *(["import numpy as np"] if needs_numpy else []),
        ]
        head += [f"sys.path[:0] = {_strings(place.path)}", *place.imports(draft.units)]
        lines = [*head, *data, *body]
        while len(lines) > MOST_LINES and len(lines) > len(head + data) + len(draft.lines) + 1:
            lines.pop(-2)  # the last line compares shapes, and shows both, too
        if len(lines) <= MOST_LINES:
            break
    else:
        raise CannotShow(f"it would take {len(lines)} lines")
    if len(lines) < MOST_LINES:
        lines.insert(0, f'"""{_title(title)}"""')
    return "\n".join(lines) + "\n", {} if inline and data is ways[0] else draft.data


def _ending(tolerance: float | None) -> list[str]:
    if tolerance is None:
        return []
    return [
        'print("got", got, "expected", expected, sep="\\n")',
        'assert np.shape(got) == np.shape(expected), f"{np.shape(got)} {np.shape(expected)}"',
        f"np.testing.assert_allclose(got, expected, rtol=0, atol={tolerance:.6g}, equal_nan=False)",
    ]


def _load(names: list[str]) -> list[str]:
    if not names:
        return []
    comma = "," if len(names) == 1 else ""
    return [f'{", ".join(names)}{comma} = np.load(__file__.replace(".py", ".npz")).values()']


def _literal(array: Array) -> str:
    if array.ndim == 0:
        return repr(array.item()) if np.isfinite(array) else f"np.float64('{array}')"
    if not np.isfinite(array).all():
        return " " * (SHORT + 1)  # inf and nan have no literals
    kind = "" if array.dtype in (np.float64, np.int64) else f", np.{array.dtype}"
    values = repr(array.tolist())
    return f"np.array({values}{kind})" if array.size else f"np.empty({array.shape}{kind})"


def _strings(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{value}"' for value in map(_escaped, values)) + "]"


def _escaped(text: str) -> str:
    """Return a text as it stands between double quotes, also a path that is no UTF-8."""
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return text.encode(errors="backslashreplace").decode()


def _title(text: str) -> str:
    """Return a text that fits in a docstring of one line."""
    return textwrap.shorten(text.replace("\\", "/").replace('"', "'"), 92, placeholder=" ...")


def write(path: Path, text: str, data: dict[str, Array]) -> list[Path]:
    """Write a script and its arrays; return the files."""
    path.write_text(text, "utf-8")
    if not data:
        return [path]
    beside = path.with_suffix(".npz")
    arrays: dict[str, Any] = dict(data)
    np.savez(beside, **arrays)
    return [path, beside]
