"""The text of an adapter, from what was found."""

from __future__ import annotations

import os
from pathlib import Path

from cnn_conformance.adapt.plan import repr_, wrapped
from cnn_conformance.adapt.search import BY_NAMES, Found, Result

STATES = {
    2.0: "forward and backward",
    1.5: "forward",
    BY_NAMES: "by its names only: no call works",
}


def text(result: Result, path: Path, out: Path | None = None, style: str = "") -> str:
    """Return an adapter.

    Parameters
    ----------
    result : Result
        What was found.
    path : Path
        The code.
    out : Path, optional
        Where the adapter will be.
    style : str
        The style that has the code's other units, if one has.
    """
    known = style.replace("-", "_")
    place = path.resolve()
    seen = os.path.relpath(place, out.resolve().parent) if out is not None else str(place)
    files = {name: file for f in result.found for name, file in f.plan.files.items()}
    lines = [*_head(result, path.name), ""]
    if any("np." in f.plan.text() for f in result.found):
        lines += ["import numpy as np", ""]
    lines += ["from cnn_conformance.adapt import runtime"]
    lines += (
        [f"from cnn_conformance.implementation.styles import {known} as style"] if known else []
    )
    lines += [""]
    lines += [f"code = runtime.code({repr_(seen)})"]
    lines += [f"{name} = code[{repr_(file)}]" for name, file in sorted(files.items())]
    for found in result.found:
        lines += ["", "", found.plan.text().rstrip()]
    names = sorted({name for f in result.found for name in f.plan.names})
    found_units = "runtime.units(globals())"
    if known:
        lines += ["", "", f"EXPORTS = (*style.EXPORTS, {', '.join(map(repr_, names))})"]
        lines += ['ALSO = getattr(style, "ALSO", ())', "", ""]
        found_units = f"{{**{found_units}, **style.translate(foreign)}}"
    else:
        lines += ["", "", *_exports(names), "", ""]
    lines += ["def translate(foreign):", f"    return {found_units}", ""]
    return "\n".join(lines)


def _head(result: Result, name: str) -> list[str]:
    """Return the docstring: what it is, the units and what is open."""
    lines = [f'"""Adapts {name}. Drafted by `cnn-conformance adapt`; check it, and change it.', ""]
    width = max([len(found.plan.unit) for found in result.found], default=0)
    for found in result.found:
        lines.append(f"    {found.plan.unit:<{width}}  {_summary(found)}"[:98].rstrip())
    if result.missing:
        lines += ["", "Not adapted:", ""]
        lines += [
            part
            for unit, why in result.missing.items()
            for part in wrapped(f"{unit}: {why}".replace('"""', "'''"), "    ", "      ")
        ]
    lines += ["", "A comment says why something is assumed; TODO marks what could not be told."]
    return [*lines, '"""']


def _summary(found: Found) -> str:
    open_ = len(found.plan.questions)
    what = ", ".join(found.plan.names) or found.plan.what
    state = STATES.get(found.stage, "")
    return f"{what}: {state}" + (f", {open_} TODO" if open_ else "")


def _exports(names: list[str]) -> list[str]:
    one = f"EXPORTS = ({', '.join(map(repr_, names))}{',' if len(names) == 1 else ''})"
    if len(one) <= 100:
        return [one]
    return ["EXPORTS = (", *(f"    {repr_(name)}," for name in names), ")"]
