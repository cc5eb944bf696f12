"""`cnn-conformance grade PATH`: a run of pytest that reads nothing but its command line.

pytest looks for an ini file before it loads any plugin, and does what that file says. Where files
lie that nobody trusts, this call is for: it names an empty one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from cnn_conformance.plugin.command_line import DOTTED_NAME

NOTHING_ELSE = (f"--config-file={os.devnull}", "--noconftest", "-p", "no:cacheprovider", "--pyargs")


def main(argv: Sequence[str]) -> int:
    """Grade; return pytest's exit status.

    Parameters
    ----------
    argv : sequence of str
        The implementation, and options of the suite or of pytest.
    """
    named = [] if not argv or argv[0].startswith("-") else [f"--impl={argv[0]}"]
    return int(pytest.main([*NOTHING_ELSE, DOTTED_NAME, *named, *argv[len(named) :]]))
