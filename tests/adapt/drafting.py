"""Drafting in this process, for the tests: an adapter for a foreign file, and its units."""

import importlib.util
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from cnn_conformance import units
from cnn_conformance.adapt import draft, probe, runtime
from cnn_conformance.adapt.search import Result, search_with
from cnn_conformance.implementation import definitions
from tests.grade import grade, one_case_each

HERE = Path(__file__).parent
FOREIGN, BY_HAND = HERE / "foreign", HERE / "by_hand"
VALUES = (
    "test_y",
    "test_d",
    "test_loss",
    "test_second",
    "test_update",
    "test_running",
    "test_kept",
)
PLANTED = tomllib.loads((HERE / "planted.toml").read_text("utf-8"))


def searched(path: Path) -> Result:
    """Return what a search in this process finds."""
    np.random.seed(0)
    result = search_with(lambda root, c, likely: probe.explore(str(root), vars(c), likely), path)
    definitions.target = ""
    return result


def drafted(code: Path) -> dict[str, Any]:
    """Return the units of the adapter that is drafted for a folder."""
    out = code.parent / "adapter.py"
    out.write_text(draft.text(searched(code), code, out), "utf-8")
    return runtime.units(vars(loaded(out, f"adapter_of_{code.name}")))


def by_hand(style: str, code: Path) -> dict[str, Any]:
    """Return the units of the adapter that was written by hand."""
    sys.modules[style] = loaded(code / f"{style}.py", style)
    module = loaded(BY_HAND / f"{style}.py", f"by_hand_{style}")
    return {name: value for name, value in vars(module).items() if name in PLANTED[style]["units"]}


def loaded(file: Path, name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def checks(style: str, mistake: dict[str, str] | None = None) -> list[str]:
    """Return one case of each check of a style's units; for a mistake those about values only."""
    stems = [units.of(unit).stem for unit in PLANTED[style]["units"]]
    keys = [key for stem in stems for key in one_case_each()[stem]]
    if mistake is None:
        return keys + [each["shows"] for each in PLANTED[style]["mistake"] if "shows" in each]
    values = [key for key in keys if key.partition("::")[2].startswith(VALUES)]
    return [*values, *([mistake["shows"]] if "shows" in mistake else [])]


def outcomes(found: dict[str, Any], keys: list[str]) -> dict[str, str]:
    """Return the outcomes of some checks."""
    return grade(found, keys, profile="extended").outcomes
