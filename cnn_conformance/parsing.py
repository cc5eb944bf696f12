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

    def format_help(self) -> str:
        """Return the help, and how the command is used."""
        known = COMMANDS.get(self._command)
        examples = known.examples if known else ()
        lines = ["", "examples:", *(f"  {self.prog} {words}" for words in examples)]
        return super().format_help() + "\n".join(lines if examples else []) + "\n" * bool(examples)

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
