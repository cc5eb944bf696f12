"""A run as its options ask for it: from the options to a session, and from a document to files.

pytest's plugin and `cnn-conformance grade` both go through here: they differ in what drives the
checks.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cnn_conformance.adapt import automatic
from cnn_conformance.checks.registry import BadManifest, manifest
from cnn_conformance.grading import expected, options, profiles, reveal, rubric, totals
from cnn_conformance.grading.options import WrongUsage
from cnn_conformance.grading.session import Document, Session
from cnn_conformance.implementation import sandbox, styles, target
from cnn_conformance.implementation.limits import Limits
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.locations import GOLDEN
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import BadFixtures, Fixtures
from cnn_conformance.unit import PROFILES

PASSED, FAILED, SUITE_ERROR, USAGE = 0, 1, 3, 4
"""What a run ends with."""


@dataclass(frozen=True)
class Run:
    """What is graded, and what is expected of it.

    Parameters
    ----------
    session : Session
        Before its first check.
    rows : list or None
        The rows of `--expect`, if there is one.
    totals : Totals
        What the rubric makes of the points of the units.
    """

    session: Session
    rows: list[expected.Row] | None
    totals: totals.Totals


def prepared(asked: argparse.Namespace) -> Run:
    """Load the implementation that options name, and return the run that they ask for.

    Raises
    ------
    WrongUsage
        If an option asks for what cannot be.
    """
    options.check(asked)
    path = asked.rubric or rubric.DEFAULT
    try:
        styles.request(asked.style)
    except styles.NoStyle as error:
        raise WrongUsage(f"--style: {error}") from error
    try:
        implementation = target.known(asked.impl)
    except target.NoTarget as error:
        raise WrongUsage(f"--impl: {error}") from error
    meanwhile = ThreadPoolExecutor(2)  # other processes start while this one reads
    choosing = meanwhile.submit(sandbox.choose, asked.isolation, asked.require_isolation)
    reading = meanwhile.submit(manifest)
    try:
        plan, policy = profiles.plan(asked.profile, path), rubric.imports(path)
        fixtures = Fixtures(asked.golden or GOLDEN, plan.dialect)
        rows = expected.read(asked.expect) if asked.expect else None
        points = totals.read(path)
        isolation = choosing.result()
    except profiles.BadProfile as error:
        raise WrongUsage(f"--profile: {error}") from error
    except (rubric.BadRubric, BadFixtures, sandbox.Unavailable) as error:
        raise WrongUsage(str(error)) from error
    except expected.BadList as error:
        raise WrongUsage(f"--expect: {error}") from error
    except specification.BadSpecification as error:
        raise WrongUsage(f"the suite is inconsistent: {error}") from error
    given = [fixtures.folder, asked.rubric, asked.result, asked.report, asked.expect]
    given.append(profiles.of_file(asked.profile))
    made = Implementation(
        implementation,
        specification.units(),
        isolation,
        Limits.given(asked),
        policy=policy,
        hidden=tuple(place.absolute() for place in given if place),
        style=asked.style,
        usual_style=plan.style,
        tells_places=asked.reveal == "all" and not (asked.report or asked.require_isolation),
    )
    try:
        reading.result()
    except BadManifest as error:
        made.end()
        raise WrongUsage(f"the suite is inconsistent: {error}") from error
    finally:
        meanwhile.shutdown()
    kept, name = asked.report, automatic.DRAFT
    if asked.result and not kept:
        kept, name = asked.result.absolute().parent, f"{asked.result.stem}_{name}"
    code = automatic.adapted(made, kept, name)
    return Run(Session(code, fixtures, plan.worth, course=plan.course), rows, points)


def ungraded(run: Run, keys: list[str], asked: argparse.Namespace) -> str:
    """Return why nothing that was selected is graded; nothing where something is."""
    checks = [manifest()[key] for key in keys]
    if not keys or any(map(run.session.asks_for, checks)):
        return ""
    if run.session.course is not None:
        return f"the profile {asked.profile} asks for nothing of what was selected"
    known, order_of = specification.requirements(), PROFILES.index
    requirements = [check.requirement for check in checks]
    first = min((known[each].profile for each in requirements), key=order_of)
    if order_of(first) > order_of(asked.profile):
        return f"everything that was selected belongs to the {first} profile: add --profile={first}"
    return f"the rubric gives no points in its table [{first}] to anything that was selected"


def concluded(run: Run, asked: argparse.Namespace, status: int) -> tuple[Document, int]:
    """Return the document that may be shown, and the exit status.

    Parameters
    ----------
    run : Run
        After its last check.
    asked : Namespace
        The options.
    status : int
        0 if all checks passed, 1 if some did not, or what else has ended the run.
    """
    graded = run.session.document(explained=bool(status))
    graded = totals.apply(graded, run.totals)
    if run.rows is not None:
        graded = expected.apply(graded, run.rows)
        if status in (PASSED, FAILED):
            status = PASSED if graded["expected"]["held"] else FAILED
    if graded["withheld"]:
        status = SUITE_ERROR
    return reveal.apply(graded, asked.reveal), status


def written(graded: Document, asked: argparse.Namespace) -> bool:
    """Write the files that options ask for; tell whether that was possible."""
    done = True
    if path := asked.result:
        text = json.dumps(graded, indent=1, allow_nan=False) + "\n"
        done = _written("--result", path, lambda: path.write_text(text, "utf-8"))
    if folder := asked.report:
        from cnn_conformance.reports import command  # only here: most runs write no report

        done = (
            _written(
                "--report", folder, lambda: command.write_all(graded, folder, asked.visibility)
            )
            and done
        )
    return done


def _written(option: str, path: Path, write: Callable[[], object]) -> bool:
    """Write files, or say in one line why that cannot be."""
    try:
        write()
    except OSError as error:
        place = error.filename or path
        print(f"{option}: {place} cannot be written: {error.strerror}", file=sys.stderr)
        return False
    return True


def again(run: Run, asked: argparse.Namespace, command: str) -> str:
    """Return how to grade the same implementation again, by a command that names it already."""
    words = [command]
    if asked.style:
        words.append(f"--style={shlex.quote(asked.style)}")
    if asked.profile != "core":
        words.append(f"--profile={shlex.quote(asked.profile)}")
    if asked.rubric and run.session.grader.fixtures.dialect.conventions:
        words.append(f"--rubric={shlex.quote(str(asked.rubric))}")
    if private := private_set(asked):
        words.append(f"--golden={shlex.quote(private)}")
    return " ".join(words)


def private_set(asked: argparse.Namespace) -> str:
    """Return the folder of a private set, where reports may tell it; otherwise nothing."""
    folder = asked.golden
    return str(folder) if folder is not None and asked.reveal == "all" else ""
