"""`cnn-conformance docs`: build the site, which then works without a network."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from cnn_conformance import extras
from cnn_conformance.locations import PACKAGE
from cnn_conformance.parsing import Parser

SOURCE = (PACKAGE / "docs").resolve()
NEEDED = ("sphinx", "myst_parser", "numpydoc", "pydata_sphinx_theme", "ziamath", "matplotlib")


def parser() -> Parser:
    """Return what reads the command line."""
    made = Parser(
        "docs",
        "Build the documentation as pages: a course, a page for each unit with the derivation "
        "of its backward and its known mistakes, and what instructors and maintainers need.",
    )
    made.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="the folder to write into"
    )
    made.add_argument("--jobs", type=int, default=1, metavar="N", help="processes (default: 1)")
    return made


def main(argv: Sequence[str]) -> int:
    """Build; return 0, 1 if Sphinx has warned of something, or 2 without what it needs."""
    options = parser().parse_args(argv)
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        print(f"error: docs needs {', '.join(missing)}: {extras.install('docs')}", file=sys.stderr)
        return 2
    if options.out.is_file():
        print(f"error: --out: {options.out} is a file, expected a folder", file=sys.stderr)
        return 2
    from sphinx.cmd.build import build_main

    words = ["-b", "html", "-q", "-W", "--keep-going", "-j", str(options.jobs)]
    cache = options.out / ".doctrees"
    status = build_main([*words, "-d", str(cache), str(SOURCE), str(options.out)])
    if status == 0:
        print(f"open {options.out / 'index.html'}")
    return int(status != 0)
