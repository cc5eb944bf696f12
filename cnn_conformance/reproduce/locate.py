"""Which import statement gives a unit of an implementation, in whatever form it comes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cnn_conformance.implementation import styles
from cnn_conformance.implementation.limits import ENVIRONMENT
from cnn_conformance.implementation.notebooks import is_notebook
from cnn_conformance.locations import PACKAGE

SECONDS = 30.0
ASK = """\
import json, sys
sys.path.insert(0, sys.argv[1])
from cnn_conformance.implementation import loading
del sys.path[0]
sys.path.extend(sys.argv[4].split(sys.argv[5]))
loaded = loading.load(sys.argv[3], sys.argv[6:])
with open(sys.argv[2], "w") as file:
    json.dump({name: [m.__name__, m.__file__] for name, m in loaded.modules.items()}, file)
"""


@dataclass(frozen=True)
class Place:
    """Where the units of an implementation are.

    Parameters
    ----------
    path : tuple of str
        What has to be put in front of `sys.path`.
    modules : dict
        For each unit the name of its module, and the module's file.
    through : tuple of str
        The target and the style through which the units are given, "none" for a notebook; empty
        where they are exported.
    """

    path: tuple[str, ...]
    modules: dict[str, tuple[str, str]]
    through: tuple[str, ...] = ()

    def imports(self, units: list[str]) -> list[str]:
        """Return the lines that import some units."""
        if self.through:
            target, style = map(json.dumps, self.through)
            given = [f'{u} = units_of({target}, {style}, ["{u}"])["{u}"]' for u in units]
            return ["from cnn_conformance.implementation.styles import units_of", *given]
        lines: list[str] = []
        for module in dict.fromkeys(self.modules[unit] for unit in units):
            names = [unit for unit in units if self.modules[unit] == module]
            lines += _import(*module, names)
        return lines


def locate(target: str, units: list[str], style: str = "") -> Place:
    """Import an implementation in a process of its own and tell where its units are.

    Parameters
    ----------
    target : str
        What `--impl` names.
    units : list of str
        The units to look for.
    style : str
        The style through which they are given, if any.

    Raises
    ------
    KeyError
        If one of them is not there.
    """
    path = Path(target).resolve()
    there = Path(target).exists()
    if style not in ("", styles.NONE):
        own = str(Path(style).resolve()) if style not in styles.names() else style
        return Place((str(PACKAGE.parent),), {}, (str(path) if there else target, own))
    found = _ask(str(path) if there else target, units)
    for unit in units:
        if unit not in found:
            raise KeyError(unit)
    if any(is_notebook(Path(file)) for _, file in found.values()):
        return Place((str(PACKAGE.parent),), {}, (str(path), styles.NONE))
    return Place(_search_path(path) if there else (os.getcwd(),), found)


def _search_path(path: Path) -> tuple[str, ...]:
    """Return where `loading` looks for an implementation and its neighbours."""
    if not path.is_dir():
        return (str(path.parent),)
    return (str(path), str(path.parent)) if (path / "__init__.py").exists() else (str(path),)


def _ask(target: str, units: list[str]) -> dict[str, tuple[str, str]]:
    with tempfile.TemporaryDirectory(prefix="conformance-") as home:
        answer = Path(home) / "answer.json"
        search = os.pathsep.join([os.getcwd(), *filter(None, sys.path)])
        subprocess.run(
            [
                *(sys.executable, "-I", "-B", "-c", ASK, str(PACKAGE.parent), str(answer)),
                *(target, search, os.pathsep, *units),
            ],
            env={**ENVIRONMENT, "HOME": home, "TMPDIR": home},
            cwd=home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        found = json.loads(answer.read_text("utf-8")) if answer.exists() else {}
        return {name: (str(module), str(file)) for name, (module, file) in found.items()}


def _import(module: str, file: str, names: list[str]) -> list[str]:
    """Return the lines that import names from a module, whatever the module is called."""
    if module == f"implementation_{Path(file).stem}":  # its own name is that of another module
        return [
            "import runpy",
            *(f'{name} = runpy.run_path("{file}")["{name}"]' for name in names),
        ]
    if all(part.isidentifier() for part in module.split(".")):
        return [f"from {module} import {', '.join(names)}"]
    return [
        "import importlib",
        *(f'{name} = importlib.import_module("{module}").{name}' for name in names),
    ]
