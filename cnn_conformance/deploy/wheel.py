"""The kit as a wheel, made of what is installed, and the versions of what it needs.

No package index has the kit, so whatever is deployed brings it along.

References
----------
https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import cnn_conformance
from cnn_conformance.locations import PACKAGE

NAME = "cnn-conformance"
FILE = f"cnn_conformance-{cnn_conformance.__version__}-py3-none-any.whl"
INFO = f"cnn_conformance-{cnn_conformance.__version__}.dist-info"
WHEEL = """\
Wheel-Version: 1.0
Generator: cnn-conformance deploy
Root-Is-Purelib: true
Tag: py3-none-any
"""
REQUIREMENT = re.compile(r"[A-Za-z0-9._-]+")


def files() -> dict[str, bytes]:
    """Return the files of the wheel by name."""
    found = dict(_package())
    installed = distribution(NAME)
    points = [f"[{group}]\n{lines}\n" for group, lines in _entry_points()]
    metadata = str(installed.read_text("METADATA"))
    version = f"\nVersion: {cnn_conformance.__version__}\n"
    found[f"{INFO}/METADATA"] = re.sub(r"\nVersion: .*\n", version, metadata, count=1).encode()
    found[f"{INFO}/WHEEL"] = WHEEL.encode()
    found[f"{INFO}/entry_points.txt"] = "\n".join(points).encode()
    record = "".join(f"{name},{_hash(data)},{len(data)}\n" for name, data in found.items())
    found[f"{INFO}/RECORD"] = f"{record}{INFO}/RECORD,,\n".encode()
    return found


def pins() -> list[str]:
    """Return what the kit needs, with what that needs, in the versions that are installed here."""
    seen: dict[str, str] = {}
    waiting = [NAME]
    while waiting:
        for text in distribution(waiting.pop()).requires or ():
            name = REQUIREMENT.match(text)
            if name is None or "extra ==" in text or name[0].lower() in seen:
                continue
            try:
                version = distribution(name[0]).version
            except PackageNotFoundError:  # for another system, or for a library's own extras
                continue
            seen[name[0].lower()] = f"{name[0]}=={version}"
            waiting.append(name[0])
    return [seen[name] for name in sorted(seen)]


def _package() -> Iterator[tuple[str, bytes]]:
    """Yield the files of the package; its links to the suite and the data are followed."""
    for place, folders, names in os.walk(PACKAGE, followlinks=True):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            file = Path(place, name)
            yield file.relative_to(PACKAGE.parent).as_posix(), file.read_bytes()


def _entry_points() -> Iterator[tuple[str, str]]:
    points = distribution(NAME).entry_points
    for group in sorted({point.group for point in points}):
        lines = (f"{point.name} = {point.value}" for point in points if point.group == group)
        yield group, "\n".join(lines)


def _hash(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"
