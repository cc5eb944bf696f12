"""The code that is adapted, by its files, and what an adapter says that does not fit it."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import numpy as np

from cnn_conformance.implementation import definitions, former_numpy


class AdapterError(Exception):
    """The adapter does not fit the code; neither a check of the code nor a refusal."""


class Code:
    """The modules of adapted code by their files, loaded when asked for: nothing but definitions.

    Parameters
    ----------
    path : Path
        A folder or a file.
    """

    def __init__(self, path: Path) -> None:
        for name, kind in former_numpy.NAMES.items():
            if name not in vars(np):
                setattr(np, name, kind)
        self._path = path
        self._root = path if path.is_dir() else path.parent
        self._known = definitions.sources(path.resolve())
        self._sources = self._known[0]
        inside = {str(file.parent) for file in self._sources}
        sys.path.extend(sorted(inside - {*sys.path}))
        self._modules: dict[str, ModuleType] = {}

    def __getitem__(self, file: str) -> ModuleType:
        if file not in self._modules:
            place = self._root / file
            if place not in self._sources:
                raise AdapterError(f"there is no file {file} in {self._path}")
            wanted = self._sources[place]
            foreign = definitions.load(self._path, lambda source: source is wanted, self._known)
            found = [m for m in foreign.modules if Path(str(m.__file__)) == place]
            if not found:
                problems = "; ".join(foreign.problems) or "it is no Python"
                raise AdapterError(f"{file} cannot be loaded: {problems}")
            self._modules[file] = found[0]
        return self._modules[file]


_codes: dict[Path, Code] = {}


def code(path: str) -> Code:
    """Return the adapted code.

    Parameters
    ----------
    path : str
        Where it is, as seen from the adapter's own folder. Where an adapter is used as a style, it
        is what is graded, unless that is the adapter itself.
    """
    here = sys._getframe(1).f_globals.get("__file__", ".")
    own = Path(here).resolve()
    graded = Path(definitions.target or own).resolve()
    place = (own.parent / path).resolve() if graded == own else graded
    return _codes.setdefault(place, Code(place)) if place not in _codes else _codes[place]
