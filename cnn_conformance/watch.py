"""`cnn-conformance watch`: grade again whenever a file of the implementation changes.

Looks at the files' times itself, a few times a second: the folders are small, and there is nothing
to install for it and nothing to import.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from tabulate import tabulate

from cnn_conformance import language, next_step, units
from cnn_conformance.adapt import automatic
from cnn_conformance.grading import profiles, rubric, session
from cnn_conformance.implementation import careful_reading, styles
from cnn_conformance.implementation import target as targets
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.language import t
from cnn_conformance.locations import GOLDEN
from cnn_conformance.next_step import SHOWN, listed
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import BadFixtures, Fixtures
from cnn_conformance.outcomes import WRONG, Outcome
from cnn_conformance.parsing import Parser
from cnn_conformance.reports import failures, phrases

PAUSE = 0.25
LOOK_EVERY = 20
"""Checks from one look at the files to the next."""
MAX_WATCHED = 200_000
TO_BE_DONE = {Outcome.NOT_STARTED: "not started", Outcome.MISSING: "not started"}

Document = dict[str, Any]
Snapshot = dict[Path, tuple[int, int]]


def parser() -> Parser:
    """Return what reads the command line."""
    made = Parser(
        "watch", "Grade again whenever a file of the implementation changes; stop with Ctrl-C."
    )
    made.add_argument("unit", nargs="?", metavar="UNIT", help="only this unit, for example relu")
    made.add_argument("--impl", required=True, metavar="PATH", help="the implementation")
    made.add_argument(
        "--profile",
        metavar="NAME",
        default="core",
        help=profiles.HELP,
    )
    made.add_argument("--style", default="", metavar="NAME", help=styles.HELP)
    language.add_option(made.add_argument, "what is shown")
    return made


def main(argv: list[str]) -> int:
    """Watch until Ctrl-C; return 0, or 2 for wrong usage."""
    options = parser().parse_args(argv)
    try:
        target = targets.known(options.impl)
        styles.request(options.style)
        plan = profiles.plan(options.profile)
        Fixtures(GOLDEN, plan.dialect)
    except targets.NoTarget as error:
        print(f"--impl: {error}", file=sys.stderr)
        return 2
    except styles.NoStyle as error:
        print(f"--style: {error}", file=sys.stderr)
        return 2
    except (rubric.BadRubric, BadFixtures) as error:
        print(f"--profile: {error}", file=sys.stderr)
        return 2
    place = targets.place_of(target) or Path(target)
    names = units_named(options.unit)
    if not names:
        print(units.unknown(options.unit, specification.units()), file=sys.stderr)
        return 2
    known, asked = specification.requirements(), plan.worth
    if not {known[id_].unit for id_ in asked}.intersection(names):
        print(f"the profile {options.profile} does not ask for {names[0]}", file=sys.stderr)
        return 2
    # Whoever starts this in the background of a script has Ctrl-C ignored; here it ends the watch.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with language.speaking(options.lang):
        try:
            watch(target, place, names, options.profile, options.style)
        except KeyboardInterrupt:
            print(f"\n{t('ended')}")
    return 0


def watch(
    target: str, place: Path, units: list[str], profile: str = "core", style: str = ""
) -> None:
    """Grade, show, wait for a change, and again, until interrupted.

    Parameters
    ----------
    target : str
        What `--impl` names.
    place : Path
        Its folder or file.
    units : list of str
        The units to grade.
    profile : str
        What is asked for: what `--profile` says.
    style : str
        What `--style` says.
    """
    last: Document | None = None
    while True:
        seen = snapshot(place)
        print(time.strftime("%H:%M:%S"), t("grading ..."), flush=True)
        graded = grade(target, units, seen, place, profile, style)
        if graded is not None:
            print(
                first_report(graded, place) if last is None else later_report(last, graded, place)
            )
            watching = t("watching {place}; stop with Ctrl-C", place=place)
            print(f"{watching}\n" if last is None else "", flush=True)
            last = last if last is not None and is_broken(graded) else graded
        while snapshot(place) == seen:
            time.sleep(PAUSE)


def grade(
    target: str,
    units: list[str],
    seen: Snapshot,
    place: Path,
    profile: str = "core",
    style: str = "",
) -> Document | None:
    """Return the result document for some units; None where a file changes meanwhile."""
    plan, known = profiles.plan(profile), specification.requirements()
    ids = {id_ for id_ in plan.worth if known[id_].unit in units}

    def run(running: session.Session, key: str) -> bool:
        if len(running.results) % LOOK_EVERY == 0 and snapshot(place) != seen:
            return False
        running.run(key)
        return True

    implementation = Implementation(
        target, specification.units(), style=style, usual_style=plan.style
    )
    implementation = automatic.adapted(implementation, None)
    return session.grade(
        implementation,
        Fixtures(GOLDEN, plan.dialect),
        plan.worth,
        ids,
        course=plan.course,
        explained=next_step.to_explain,
        run=run,
    )


# ---------------------------------------------------------------- what changes


def snapshot(target: Path) -> Snapshot:
    """Return the times and sizes of the Python files of an implementation.

    Parameters
    ----------
    target : Path
        A folder, which is looked through as a whole, or a file: then its neighbours count too, and
        the packages beside it.
    """
    root = target if target.is_dir() else target.parent
    stamps: Snapshot = {}

    def is_foreign(entry: careful_reading.Entry) -> bool:
        return entry.kind == "folder" and not _is_source(root / entry.path, target.is_file())

    # Where one has gone since, or the crowd is too large, what has been seen is what is watched.
    with contextlib.suppress(OSError, careful_reading.Refused):
        for entry in careful_reading.walk(root, skip=is_foreign, max_entries=MAX_WATCHED):
            if entry.path.suffix in (".py", ".ipynb") and entry.kind in ("file", "link"):
                stamps[root / entry.path] = _stamp(root / entry.path)
    return stamps


def _stamp(file: Path) -> tuple[int, int]:
    """Return the time and size of a file, or of what a link leads to: the code is one's own."""
    try:
        status = file.stat()
    except OSError:  # it has gone since, or the link leads nowhere
        return 0, 0
    return status.st_mtime_ns, status.st_size


def _is_source(folder: Path, packages_only: bool) -> bool:
    if folder.name.startswith((".", "__pycache__")) or (folder / "pyvenv.cfg").exists():
        return False
    if not os.access(folder, os.R_OK | os.X_OK):
        return False
    return not packages_only or (folder / "__init__.py").exists()


# ---------------------------------------------------------------- what is shown


def units_named(name: str | None) -> list[str]:
    """Return the units that a word stands for, in the order of the README: all for none."""
    if name is None:
        return next_step.order()
    return [unit for unit in next_step.order() if unit in units.called(name)]


def first_report(graded: Document, place: Path | None = None) -> str:
    """Return the board, and what to do next."""
    if is_broken(graded):
        return _problems(graded)
    parts = [_problems(graded), board(graded), next_step.what_next(graded, place)]
    return "\n\n".join(part for part in parts if part) + "\n"


def later_report(before: Document, after: Document, place: Path | None = None) -> str:
    """Return what has changed between two runs, and what to do next."""
    if is_broken(after):
        return _problems(after)
    parts = [
        _problems(after),
        difference(before, after),
        _total(after),
        next_step.what_next(after, place),
    ]
    return "\n".join(part for part in parts if part)


def is_broken(graded: Document) -> bool:
    """Tell whether nothing could be imported, as while somebody types."""
    return bool(graded["problems"]) and set(graded["counts"]) <= {Outcome.MISSING}


def _problems(graded: Document) -> str:
    """Return what stood in the way of the import, each in one line."""
    lines = [phrases.cleaned(problem).partition("\n")[0] for problem in graded["problems"]]
    return "\n".join(line[:300] for line in lines)


def board(graded: Document) -> str:
    """Return a line for each unit: not started, failing or passing, and its points."""
    by_name = {unit["unit"]: unit for unit in graded["units"]}
    worth = dict(zip(by_name, phrases.points_of(graded["units"], graded), strict=True))
    rows = []
    for name in next_step.order():
        if unit := by_name.get(name):
            met = sum(aspect["passed"] for aspect in unit["aspects"].values())
            of = sum(aspect["requirements"] for aspect in unit["aspects"].values())
            rows.append([name, state(unit["verdict"]), f"{met}/{of}", worth[name]])
    align = ("left", "left", "right", "right")
    headers = [t("unit"), "", t("met"), t("points")]
    table = tabulate(rows, headers, tablefmt="simple", colalign=align, disable_numparse=True)
    return f"{table}\n{_total(graded)}"


def state(verdict: str) -> str:
    """Return a verdict in the words of the board."""
    if verdict == Outcome.PASSED:
        return t("passing")
    if verdict in WRONG:
        return t("failing")
    return t(TO_BE_DONE.get(Outcome(verdict), verdict))


def _total(graded: Document) -> str:
    if graded["withheld"]:
        return t("the suite made a mistake: no points")
    return t("{points} points", points=phrases.points(graded))


def difference(before: Document, after: Document) -> str:
    """Return which requirements got better, got worse and fail as before."""
    old = {r["id"]: r for r in before["requirements"]}
    pairs = [(old[r["id"]], r) for r in after["requirements"] if r["id"] in old]
    level = [(was, new) for was, new in pairs if _rank(new) == _rank(was)]
    failing = [(was, new) for was, new in level if new["verdict"] in WRONG]
    moved = [new for was, new in failing if _message(new) != _message(was)]
    same = [new for _, new in failing if new not in moved]
    lines = _listed(t("better"), _whole_units(before, after, pairs))
    lines += _listed(t("worse"), [new for was, new in pairs if _rank(new) < _rank(was)])
    lines += _listed(t("fails otherwise"), moved)
    if same:
        lines.append(t("fails as before: {ids}", ids=failures.ids(same, SHOWN)))
    return "\n".join(map(listed, lines)) if lines else t("nothing has changed")


def _whole_units(
    before: Document, after: Document, pairs: list[tuple[dict[str, Any], dict[str, Any]]]
) -> list[dict[str, Any]]:
    """Return what got better, with a unit in place of its requirements if all of it passes now."""
    was = {unit["unit"]: unit["verdict"] for unit in before["units"]}
    whole = [
        {
            **unit,
            "id": unit["unit"],
            "sentence": t("all of it, {points} points", points=phrases.points(unit)),
        }
        for unit in after["units"]
        if unit["verdict"] == Outcome.PASSED != was.get(unit["unit"])
    ]
    names = {unit["unit"] for unit in whole}
    better = [new for old, new in pairs if _rank(new) > _rank(old) and new["unit"] not in names]
    return [*whole, *better]


def _rank(requirement: dict[str, Any]) -> int:
    """Return how good a verdict is: passed, not judged, wrong, nothing there yet."""
    verdict = requirement["verdict"]
    if verdict == Outcome.PASSED:
        return 3
    if verdict in TO_BE_DONE:
        return 0
    return 1 if verdict in WRONG else 2


def _message(requirement: dict[str, Any]) -> str:
    return str(phrases.smallest(requirement).get("message", "")).partition("\n")[0]


def _listed(word: str, requirements: list[dict[str, Any]]) -> list[str]:
    lines = [
        f"{word}: {r['id']} {t(r['verdict'])}: {t(r['sentence'])}"
        if r["verdict"] == Outcome.PASSED
        else f"{word}: {r['id']} {t(r['verdict'])}: {phrases.cleaned(_message(r))[:200]}"
        for r in requirements[:SHOWN]
    ]
    more = requirements[SHOWN:]
    if more:
        said = t("{count} more: {ids}", count=len(more), ids=failures.ids(more, SHOWN))
        lines.append(f"{word}: {said}")
    return lines
