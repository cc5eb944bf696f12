"""`cnn-conformance adapt`: an adapter for code with an interface of its own, drafted."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from cnn_conformance.adapt import draft
from cnn_conformance.adapt.search import Result, search
from cnn_conformance.implementation import sandbox
from cnn_conformance.parsing import Parser


def main(argv: list[str]) -> int:
    """Draft an adapter; return 0, or 1 if nothing was found, or 2 for wrong usage."""
    options = _parse(argv)
    path = Path(options.path)
    if not path.exists():
        print(f"there is no file or folder {path}", file=sys.stderr)
        return 2
    try:
        isolation = sandbox.choose(options.isolation)
    except sandbox.Unavailable as error:
        print(error, file=sys.stderr)
        return 2
    result = search(path, isolation)
    if not result.found:
        print(f"{path}: nothing in it is called like a unit of the specification", file=sys.stderr)
        for unit, why in result.missing.items():
            print(f"  {unit}: {why}", file=sys.stderr)
        return 1
    try:
        options.out.write_text(draft.text(result, path, options.out), "utf-8")
    except OSError as error:
        print(f"--out: {options.out} cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    _tell(result, options.out, options.path)
    return 0


def _tell(result: Result, out: Path, path: str) -> None:
    width = max(len(found.plan.unit) for found in result.found)
    for found in result.found:
        print(f"{found.plan.unit:<{width}}  {found.plan.what}")
        for question in found.plan.questions:
            print(f"{'':<{width}}  TODO: {question}")
    for unit, why in result.missing.items():
        print(f"not adapted: {unit}, {why}")
    call = f"cnn-conformance grade {shlex.quote(path)} --style={shlex.quote(str(out))}"
    print(f"\nwrote {out} in {result.seconds:.1f} s; look through it, then: {call}")


def parser() -> Parser:
    """Return what reads the command line."""
    made = Parser("adapt", "Draft an adapter for code whose interface is not the specification's.")
    made.add_argument("path", metavar="PATH", help="the code: a folder, a .py file or a notebook")
    made.add_argument(
        "--out",
        type=Path,
        default=Path("adapter.py"),
        metavar="FILE.py",
        help="where to write it (default: adapter.py)",
    )
    made.add_argument(
        "--isolation",
        choices=("auto", *sandbox.LEVELS),
        default="auto",
        help="how strictly to confine the code while it is tried (default: as the machine allows)",
    )
    return made


def _parse(argv: list[str]) -> argparse.Namespace:
    read = parser()
    options = read.parse_args(argv)
    if options.out.suffix != ".py":
        read.error(f"--out: expected a name that ends in .py, got {options.out}")
    return options
