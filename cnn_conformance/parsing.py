"""The command lines of all commands: a parser that guesses what was meant."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from cnn_conformance.commands import COMMANDS
from cnn_conformance.texts import did_you_mean

LARGEST_LIMIT = 1e6


class Parser(argparse.ArgumentParser):
    """A parser of one command.

    Parameters
    ----------
    command : str
        The command's name.
    description : str
        What it does.
    status : int
        The exit status for wrong usage.
    """

    def __init__(self, command: str, description: str, status: int = 2, **more: Any) -> None:
        super().__init__(
            prog=f"cnn-conformance {command}".rstrip(),
            description=description,
            allow_abbrev=False,
            **more,
        )
        self._status = status
        self._command = command
        known = COMMANDS.get(command)
        self._examples = known.examples if known else ()
        self._usual = known.usual if known else ()
        if self._usual:
            self.add_argument(
                "--help-all", action=_HelpAll, nargs=0, help="show all options and exit"
            )

    def format_help(self) -> str:
        """Return the help, in one screen: the usual options, and how the command is used."""
        return (self._few() if self._usual else super().format_help()) + self._used()

    def format_all(self) -> str:
        """Return the help with all options."""
        return super().format_help() + self._used()

    def _used(self) -> str:
        lines = ["", "examples:", *(f"  {self.prog} {words}" for words in self._examples), ""]
        return "\n".join(lines if self._examples else [])

    def _few(self) -> str:
        """Return what there is to say of the usual options."""
        named = [action for action in self._actions if not action.option_strings]
        usual = [a for a in self._actions if not {*self._usual}.isdisjoint(a.option_strings)]
        last = [action for action in self._actions if "--help-all" in action.option_strings]
        words = [f"{a.option_strings[0]} {a.metavar}" for a in usual if a.required]
        words += [f"[{a.metavar}]" if a.nargs == "?" else str(a.metavar) for a in named]
        made = self._get_formatter()
        made.add_usage(" ".join(["%(prog)s", *words, "[options]"]), [], [])
        made.add_text(self.description)
        made.start_section("the usual options")
        made.add_arguments([*named, *usual, *last])
        made.end_section()
        return made.format_help()

    def parse_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        """Parse a command line; say of an option that is not known which was meant."""
        found, rest = self.parse_known_args(args, namespace)
        if rest:
            self.error(f"unknown argument {rest[0]}{self._guess(rest[0])}")
        return found

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and where to read more; exit."""
        self.exit(self._status, f"error: {message}\nsee {self.prog} --help\n")

    def _guess(self, word: str) -> str:
        known = [name for action in self._actions for name in action.option_strings]
        return did_you_mean(word.partition("=")[0], known)


class _HelpAll(argparse.Action):
    """`--help-all`: all options, where `--help` shows the usual ones."""

    def __call__(self, parser: argparse.ArgumentParser, *rest: object) -> None:
        assert isinstance(parser, Parser)
        print(parser.format_all(), end="")
        parser.exit()


def positive(text: str) -> float:
    """Return a limit.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is no number, or none that limits anything.
    """
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= LARGEST_LIMIT:
        raise argparse.ArgumentTypeError(
            f"expected a number above 0 and up to {LARGEST_LIMIT:g}, got {text}"
        )
    return value


def whole(text: str) -> int:
    """Return how many of something there are to be.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is no whole number of at least 1.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {text}")
    return int(text)
