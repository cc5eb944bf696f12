"""When a submission was handed in, as Gradescope tells it; the policy is the instructor's.

References
----------
https://gradescope-autograders.readthedocs.io/en/latest/submission_metadata/
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

MAX_BYTES = 16 << 20


@dataclass(frozen=True)
class Lateness:
    """How late something was handed in.

    Parameters
    ----------
    submitted_at, due_date, late_due_date : str or None
        As the system says.
    late_seconds : int
        Seconds after the due date; 0 for in time, or without a due date.
    """

    submitted_at: str | None
    due_date: str | None
    late_due_date: str | None
    late_seconds: int

    @property
    def said(self) -> str:
        """A sentence for who was late; nothing for others."""
        if not self.late_seconds:
            return ""
        return f"Handed in {timedelta(seconds=self.late_seconds)} after the due date."


def of_gradescope(file: Path) -> Lateness | None:
    """Return what `submission_metadata.json` says; None where it says nothing that can be read."""
    try:
        with file.open("rb") as opened:
            told = json.loads(opened.read(MAX_BYTES))
        assignment: Any = told["assignment"]
        submitted, due = told["created_at"], assignment["due_date"]
        late = 0
        if due is not None:
            seconds = (
                datetime.fromisoformat(submitted) - datetime.fromisoformat(due)
            ).total_seconds()
            late = max(0, int(seconds))
        return Lateness(submitted, due, assignment.get("late_due_date"), late)
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return None
