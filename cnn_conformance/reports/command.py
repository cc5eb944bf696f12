"""`cnn-conformance report RESULT.json --format ...`, and what `--report DIR` writes."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cnn_conformance import language
from cnn_conformance.parsing import Parser
from cnn_conformance.reports import (
    badge,
    classroom50,
    ctrf,
    gradescope,
    html,
    junit,
    load,
    markdown,
    phrases,
    prairielearn,
    terminal,
)
from cnn_conformance.texts import without_surrogates

Document = dict[str, Any]
GRADESCOPE = "results.json"
FILES: dict[str, Callable[[Document], str]] = {
    "report.html": html.render,
    "report.md": markdown.render,
    "junit.xml": junit.render,
    GRADESCOPE: gradescope.render,
    "ctrf.json": ctrf.render,
    "cnn-conformance.json": lambda document: _json(document),
}
"""What `--report DIR` writes; the last is the result document, for `report` and `compare`."""
FORMATS = (
    "html", "gradescope", "junit", "markdown", "github", "ctrf", "classroom50", "terminal", "json",
    "prairielearn", "badge",
)  # fmt: skip


def write_all(document: Document, folder: Path, visibility: Sequence[str] = ()) -> None:
    """Write the files of `--report DIR`; the folder is made where it is not there.

    Parameters
    ----------
    document : dict
        The result document.
    folder : Path
        Where to write.
    visibility : sequence of str
        What students see of Gradescope's file, as `--visibility` says it.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rules = gradescope.rules(visibility)
    for name, render in FILES.items():
        text = gradescope.render(document, rules) if name == GRADESCOPE else render(document)
        (folder / name).write_text(text, "utf-8", newline="\n")


def _json(document: Document) -> str:
    return json.dumps(without_surrogates(document), indent=1, allow_nan=False) + "\n"


def _terminal(document: Document) -> str:
    clean = phrases.prepared(document)
    return terminal.render(clean, lambda text, **_: text, phrases.run_command(clean), full=True)


def _rendered(document: Document, options: argparse.Namespace) -> str:
    if options.format == "gradescope":
        rules = gradescope.rules(options.visibility)
        return gradescope.render(document, rules, options.leaderboard, options.by)
    if options.format == "classroom50":
        return classroom50.render(document, os.environ)
    renderings: dict[str, Callable[[Document], str]] = {
        "html": html.render,
        "junit": junit.render,
        "markdown": markdown.render,
        "github": markdown.error_lines,
        "ctrf": ctrf.render,
        "terminal": _terminal,
        "json": _json,
        "prairielearn": prairielearn.render,
        "badge": badge.render,
    }
    return renderings[options.format](document)


def parser() -> Parser:
    """Return what reads the command line."""
    made = Parser("report", "Show a result document.")
    made.add_argument("result", type=Path, metavar="RESULT.json", help="what --result wrote")
    made.add_argument(
        "--format",
        choices=FORMATS,
        default="terminal",
        metavar="NAME",
        help="one of %(choices)s; default: %(default)s",
    )
    made.add_argument("--out", type=Path, metavar="FILE", help="write a file, not to stdout")
    made.add_argument(
        "--visibility",
        action="append",
        default=[],
        metavar="[ID=]WHEN",
        help="gradescope: visible, hidden, after_due_date or after_published; "
        "of everything, or of one requirement, unit or aspect (may be repeated)",
    )
    made.add_argument(
        "--by", choices=("requirement", "unit"), default="requirement", help="gradescope: a test is"
    )
    language.add_option(made.add_argument, "terminal, html, markdown and gradescope")
    made.add_argument("--leaderboard", action="store_true", help="gradescope: show the points")
    return made


def main(argv: list[str]) -> int:
    """Run the command; return the exit status."""
    read = parser()
    options = read.parse_args(argv)
    asked = options.visibility or options.leaderboard or options.by != "requirement"
    if options.format != "gradescope" and asked:
        read.error("--visibility, --leaderboard and --by are for --format gradescope")
    try:
        with language.speaking(options.lang):
            text = _rendered(load.load(options.result), options)
        if options.out:
            options.out.write_text(text, "utf-8", newline="\n")
            return 0
    except (load.BadDocument, classroom50.NoResult, gradescope.BadRule) as error:
        print(phrases.cleaned(str(error)), file=sys.stderr)
        return 2
    except OSError as error:
        print(f"--out: {options.out} cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    return phrases.say(text)
