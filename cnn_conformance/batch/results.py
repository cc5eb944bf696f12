"""The folder that a batch writes to: one batch at a time, and no file by halves."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cnn_conformance.batch.submissions import UNFINISHED
from cnn_conformance.texts import without_surrogates

LOCK = "batch.lock"
SUBMISSIONS, RESULTS = "submissions", "results"


class InUse(Exception):
    """Another batch writes to a folder; the text is for the user."""


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Keep other batches out of a folder meanwhile; the lock ends with this process at the latest.

    Raises
    ------
    InUse
        If there is another one.
    OSError
        If nothing can be written there.
    """
    with (out / LOCK).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(
                f"--out: another batch is writing to {out}: wait for its end, or name another "
                "folder"
            ) from None
        except OSError as error:  # as on some network file systems
            why = f"{out} cannot be locked ({error.strerror})"
            print(f"{why}: do not start another batch with it now", file=sys.stderr)
        yield


def remove_unfinished(out: Path) -> None:
    """Remove what a kill or a full disk has left half written or half unpacked."""
    for pattern in (f"*{UNFINISHED}", f"{RESULTS}/*/*{UNFINISHED}"):
        for file in out.glob(pattern):
            file.unlink(missing_ok=True)
    for folder in (out / SUBMISSIONS).glob(f"*{UNFINISHED}"):
        shutil.rmtree(folder)


def write(path: Path, text: str) -> None:
    """Replace a file when the new one is complete: until then the old one stays.

    Raises
    ------
    OSError
        If it cannot be written; nothing is left of it then.
    """
    unfinished = path.with_name(f"{path.name}.{os.getpid()}{UNFINISHED}")
    try:
        unfinished.write_text(without_surrogates(text), "utf-8", newline="\n")
        unfinished.replace(path)
    except BaseException as error:
        unfinished.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:  # as of a disk that is full
            error.filename = str(path)
        raise
