"""Grading where a course's system puts submissions: `python -m cnn_conformance.deploy.runner`.

    python -m cnn_conformance.deploy.runner gradescope /autograder
    python -m cnn_conformance.deploy.runner prairielearn /grade

It finds the submission and the settings in the folders that the system documents, grades as
`cnn-conformance grade` does, and writes the result in the system's format. Whatever goes wrong,
that file is there in the end, and says so: without a score, which is not a score of 0.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnn_conformance.batch import submissions
from cnn_conformance.grading import command
from cnn_conformance.reports import gradescope, lateness, load, prairielearn

SETTINGS = "conformance.toml"
GRADED = (0, 1, 3)
Document = dict[str, Any]


@dataclass(frozen=True)
class System:
    """The folders of a system, and its format.

    Parameters
    ----------
    submission, settings : str
        Where the submission and the settings are, below the root.
    render : callable
        Returns the file of results: of a document, the settings and the root.
    broken : callable
        Returns that file where there is no document: of what to say to the student.
    """

    submission: str
    settings: str
    render: Callable[[Document, Document, Path], str]
    broken: Callable[[str], str]


def _gradescope(document: Document, settings: Document, root: Path) -> str:
    late = lateness.of_gradescope(root / "submission_metadata.json")
    rules = gradescope.rules(settings.get("visibility", ()))
    return gradescope.render(
        document, rules, bool(settings.get("leaderboard")), by="unit", late=late
    )


def _prairielearn(document: Document, settings: Document, root: Path) -> str:
    return prairielearn.render(document)


SYSTEMS = {
    "gradescope": System("submission", "source", _gradescope, gradescope.broken),
    "prairielearn": System("student", "tests", _prairielearn, prairielearn.broken),
}
RESULTS = Path("results", "results.json")


def main(argv: Sequence[str]) -> int:
    """Grade what is in a system's folders; return 0 if its file of results was written."""
    name, root = argv[0], Path(argv[1]).resolve()
    system = SYSTEMS[name]
    (root / RESULTS).parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="conformance-") as scratch:
        try:
            text = _graded(system, root, Path(scratch))
        except Exception as error:  # of whatever kind: the student is told, and the instructor
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            text = system.broken("The autograder failed. Your instructor can see why.")
    unfinished = root / RESULTS.with_suffix(".part")
    unfinished.write_text(text, "utf-8")
    unfinished.replace(root / RESULTS)
    return 0


def _graded(system: System, root: Path, scratch: Path) -> str:
    """Return the file of results for what was submitted."""
    folder = root / system.settings
    settings: Document = tomllib.loads((folder / SETTINGS).read_text("utf-8"))
    found = submissions.single(root / system.submission, scratch / "unpacked")
    if found.error:
        raise OSError(found.error)
    if why := found.problem or found.not_graded:
        return system.broken(f"Nothing was graded: {why}.")
    result = scratch / "result.json"
    words = [str(found.target), f"--result={result}", f"--reveal={settings['reveal']}"]
    own = folder / settings["profile"]
    words.append(f"--profile={own if own.suffix == '.toml' else settings['profile']}")
    words += [
        f"--{key}={folder / settings[key]}" for key in ("rubric", "golden") if key in settings
    ]
    if level := settings.get("require_isolation"):
        words.append(f"--require-isolation={level}")
    os.environ["NO_COLOR"] = "1"
    with contextlib.chdir(scratch):
        status = command.main(words)
    if status not in GRADED:
        raise RuntimeError(f"cnn-conformance grade ended with {status}")
    document = load.load(result) | {"implementation": "your submission"}
    inside = str(found.target)
    return system.render(json.loads(json.dumps(document).replace(inside, ".")), settings, root)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
