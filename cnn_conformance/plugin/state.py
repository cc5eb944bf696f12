"""What the hooks of a run share, and how a check is found for what pytest calls it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cnn_conformance.checks.registry import Check
from cnn_conformance.grading.run import Run

RUN = pytest.StashKey[Run]()
BAR = pytest.StashKey[Any]()
NOTES = pytest.StashKey[list[str]]()
"""What the user is told before the run: until then pytest keeps what is printed."""


def is_worth(config: pytest.Config, check: Check) -> bool:
    """Tell whether a check decides a requirement that is graded."""
    return config.stash[RUN].session.asks_for(check)


def is_asked_for(config: pytest.Config, file: str) -> bool:
    """Tell whether the command may select checks of a file by name."""
    named = {Path(argument.partition("::")[0]).name for argument in config.args}
    dotted = {f"{argument.rpartition('.')[2]}.py" for argument in config.args}
    return bool(config.option.keyword) or file in named | dotted
