"""What to install for an extra, whichever way the kit has come: by the names of the packages.

`pip install 'cnn-conformance[...]'` would be right only for a kit that an index has.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from importlib import metadata
from pathlib import Path

NAME = "cnn-conformance"
PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
OF_EXTRA = re.compile(r"\s*(?P<package>[^;]+?)\s*;\s*extra\s*==\s*['\"](?P<extra>[\w-]+)['\"]")
OTHERS = re.compile(rf"{NAME}\[(?P<extras>[^\]]+)\]")


def install(extra: str) -> str:
    """Return the command that installs what an extra needs."""
    return f"pip install {shlex.join(packages(extra))}"


def packages(extra: str) -> list[str]:
    """Return what an extra needs, with versions, and with what the extras need that it names."""
    found: list[str] = []
    for package in _declared().get(extra, ()):
        others = OTHERS.fullmatch(package)
        inner = others["extras"].split(",") if others else ()
        found += [each for name in inner for each in packages(name.strip())] or [package]
    return list(dict.fromkeys(found))


def _declared() -> dict[str, list[str]]:
    """Return the extras of this very kit: of the clone that it is, or as it was installed."""
    project = tomllib.loads(PROJECT.read_text("utf-8")) if PROJECT.is_file() else {}
    if project.get("project", {}).get("name") == NAME:
        extras: dict[str, list[str]] = project["project"]["optional-dependencies"]
        return extras
    found: dict[str, list[str]] = {}
    for line in metadata.requires(NAME) or ():
        if of_extra := OF_EXTRA.fullmatch(line):
            found.setdefault(of_extra["extra"], []).append(of_extra["package"])
    return found
