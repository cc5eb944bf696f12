"""`cnn-conformance completion SHELL`: a script by which a shell completes commands and options."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from cnn_conformance import extras
from cnn_conformance.commands import COMMANDS
from cnn_conformance.parsing import Parser

SHELLS = ("bash", "zsh", "tcsh")


def parser() -> Parser:
    """Return what reads the command line."""
    made = Parser(
        "completion",
        "Print a script that completes the words of cnn-conformance, for example: "
        'eval "$(cnn-conformance completion bash)"',
    )
    made.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))
    return made


def main(argv: Sequence[str]) -> int:
    """Print the script; return 0, or 2 without the library that writes it."""
    shell = parser().parse_args(argv).shell
    try:
        import shtab
    except ImportError:
        print(f"error: completion needs shtab: {extras.install('completion')}", file=sys.stderr)
        return 2
    print(shtab.complete(_whole(shtab.FILE, shtab.DIRECTORY), shell))
    return 0


def _whole(file: object, folder: object) -> argparse.ArgumentParser:
    """Return a parser with every command; paths are completed as files, DIR as folders."""
    whole = argparse.ArgumentParser(prog="cnn-conformance", allow_abbrev=False)
    whole.add_argument("--version", action="store_true", help="show the version")
    commands = whole.add_subparsers()
    for name, command in COMMANDS.items():
        module = importlib.import_module(command.module)
        empty = argparse.ArgumentParser(allow_abbrev=False)
        made = module.parser() if hasattr(module, "parser") else empty
        for action in made._actions:
            words = (action.metavar, action.dest)
            if action.type is Path or "path" in words or "PATH" in words:
                vars(action)["complete"] = folder if action.metavar == "DIR" else file
        commands.add_parser(
            name, help=command.said, parents=[made], add_help=False, allow_abbrev=False
        )
    return whole
