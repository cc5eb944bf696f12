"""`cnn-conformance batch SUBMISSIONS --out DIR`."""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from concurrent.futures import CancelledError, Executor, Future, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tqdm import tqdm

import cnn_conformance
from cnn_conformance import language
from cnn_conformance.batch import gradebook, jobs, late, results, tables
from cnn_conformance.batch.executors import TRIES, NoCluster, executor
from cnn_conformance.batch.gradebook import one_line
from cnn_conformance.batch.journal import Entry, Journal, NotKept
from cnn_conformance.batch.options import parser
from cnn_conformance.batch.submissions import BadSubmissions, Submission, find, plain
from cnn_conformance.grading import expected, profiles, rubric, totals
from cnn_conformance.implementation import sandbox, styles
from cnn_conformance.implementation.limits import Limits
from cnn_conformance.locations import GOLDEN
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import BadFixtures, Fixtures
from cnn_conformance.reports import phrases

UNEXPECTED, USAGE, WITHHELD, INTERRUPTED = 1, 2, 3, 130
MAX_NAME = 40
GOES_ON = "the same command continues"


class Usage(Exception):
    """An option is wrong; says why."""


def main(argv: Sequence[str] | None = None) -> int:
    """Grade a class.

    Returns 0, 1 if a submission fails otherwise than --expect says, 2 for wrong usage, 3 if a grade
    is withheld, 130 if interrupted.
    """
    options = parser().parse_args(argv)
    try:
        with language.speaking(options.lang):
            return _batch(options)
    except (Usage, BadSubmissions, BadFixtures, rubric.BadRubric, sandbox.Unavailable) as error:
        return _wrong_usage(str(error))
    except (NoCluster, results.InUse) as error:
        return _wrong_usage(str(error))
    except expected.BadList as error:
        return _wrong_usage(f"--expect: {error}")
    except late.BadLate as error:
        return _wrong_usage(f"--late: {error}")
    except gradebook.BadExport as error:
        return _wrong_usage(f"--canvas: {error}")
    except OSError as error:
        return _wrong_usage(f"{error.filename or options.out}: {error.strerror or error}")
    except KeyboardInterrupt:
        print(f"interrupted; {GOES_ON}", file=sys.stderr)
        return INTERRUPTED


def _wrong_usage(text: str) -> int:
    print(f"error: {one_line(text)}", file=sys.stderr)
    return USAGE


def _batch(options: argparse.Namespace) -> int:
    options.submissions = options.submissions.absolute()
    out = options.out.absolute()
    common, key = _common(options, out)
    if options.late:  # wrong files are said before, not after
        late.table(options.late)
        late.policy(options.rubric or rubric.DEFAULT)
    if options.canvas:
        gradebook.canvas([], options.canvas, _column(options))
    out.mkdir(parents=True, exist_ok=True)
    with results.alone(out):
        results.remove_unfinished(out)
        return _class(options, out, common, key)


def _class(options: argparse.Namespace, out: Path, common: dict[str, Any], key: str) -> int:
    """Grade what has no grade yet, and write what came of all."""
    submissions = find(options.submissions, out / results.SUBMISSIONS)
    journal = Journal(out / "journal.jsonl")
    if journal.passed_over:
        lines = _counted(journal.passed_over, "line")
        print(f"journal.jsonl: ignored {lines} that this version cannot use")
    todo, changed = _todo(submissions, journal, key, options.regrade)
    found = _counted(len(submissions), "submission")
    print(f"{found}, {len(submissions) - len(todo)} of them already graded")
    if changed and not options.regrade:
        names = ", ".join(map(one_line, changed))
        print(f"changed since they were graded: {names}; --regrade grades them again")
    places = _places(submissions)
    stopped = ""
    with executor(options.jobs, options.scheduler) as workers:
        try:
            _grade(
                workers, [_job(s, out / places[s.name], common) for s in todo], todo, journal, key
            )
        except KeyboardInterrupt:
            stopped = "interrupted"
        except (NotKept, NoCluster) as error:
            gone = f"--scheduler={options.scheduler}: " if isinstance(error, NoCluster) else ""
            stopped = f"stopped: {gone}{error}"
    entries = [_entry(submission, journal, stopped) for submission in submissions]
    are_written = tables.write(entries, submissions, places, out, options)
    if stopped:
        print(f"{one_line(stopped)}; {GOES_ON}", file=sys.stderr)
    return INTERRUPTED if stopped == "interrupted" else _end(entries, submissions, are_written)


def _entry(submission: Submission, journal: Journal, stopped: str) -> Entry:
    """Return what is known of a submission: where its turn has not come, why."""
    kind = "not_graded" if stopped == "interrupted" else "error"
    waiting = {"name": submission.name, kind: f"the batch was {stopped}; {GOES_ON}"}
    return journal.entries.get(submission.name, waiting)


def _end(entries: Sequence[Entry], submissions: Sequence[Submission], are_written: bool) -> int:
    """Say who has no grade, and how many have one; return the exit status."""
    kinds = {kind: [e for e in entries if gradebook.kind(e) is kind] for kind in gradebook.Kind}
    for entry in kinds[gradebook.Kind.NOT_GRADED]:
        print(f"{one_line(entry['name'])}: {one_line(gradebook.remark(entry))}")
    for entry in kinds[gradebook.Kind.WITHHELD]:
        print(f"no grade: {one_line(entry['name'])}: {one_line(gradebook.remark(entry))}")
    failed = [entry for entry in entries if "grade_again" in entry]
    counts = ", ".join(f"{len(found)} {kind}" for kind, found in kinds.items())
    rows = _counted(len(entries), "row")
    print(f"{_counted(len(submissions), 'item')}, {rows}: {counts}")
    if not are_written or failed or kinds[gradebook.Kind.WITHHELD]:
        return WITHHELD
    unexpected = [entry for entry in entries if not entry.get("held", True)]
    for entry in unexpected:
        print(f"not as --expect says: {one_line(entry['name'])}")
    return UNEXPECTED if unexpected else 0


def _common(options: argparse.Namespace, out: Path) -> tuple[dict[str, Any], str]:
    """Return what all jobs have in common, and a hash of all that a grade depends on."""
    path = (options.rubric or rubric.DEFAULT).absolute()
    plan = profiles.plan(options.profile, path)
    fixtures = Fixtures((options.golden or GOLDEN).absolute(), plan.dialect)
    isolation = sandbox.choose(options.isolation, options.require_isolation)
    if isolation == "none":
        raise Usage(
            "--isolation=none: a batch runs code that nobody has read; choose another level"
        )
    if not options.submissions.exists():
        raise Usage(f"{options.submissions}: there is no such folder or file")
    inside = [out.resolve(), *out.resolve().parents]
    if options.submissions.is_dir() and options.submissions.resolve() in inside:
        raise Usage(f"--out: {out} is inside the submissions; choose another folder")
    try:
        style = styles.request(options.style)
    except styles.NoStyle as error:
        raise Usage(f"--style: {error}") from None
    limits = Limits.given(options)
    common = {
        "out": str(out),
        "rubric": str(path),
        "fixtures": str(fixtures.folder),
        "profile": profiles.absolute(options.profile),
        "isolation": isolation,
        "reveal": options.reveal,
        "lang": options.lang,
        "expect": str(options.expect.absolute()) if options.expect else "",
        "style": str(Path(options.style).absolute()) if "source" in style else options.style,
        "limits": asdict(limits),
    }
    asked = plan.course.digest if plan.course else options.profile
    parts = [fixtures.digest, hashlib.sha256(path.read_bytes()).hexdigest(), asked]
    parts += [cnn_conformance.__version__, isolation, options.reveal, options.lang]
    parts += [repr(limits)]
    if options.expect:
        expected.read(options.expect)
        parts.append(hashlib.sha256(options.expect.read_bytes()).hexdigest())
    parts += [repr(style)] if style else []
    return common, hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _todo(
    submissions: Sequence[Submission], journal: Journal, key: str, regrade: bool
) -> tuple[list[Submission], list[str]]:
    """Return what is to be graded, and the names of those that have changed since they were.

    What has no points has nothing to lose: it is tried again where the grader had failed, and where
    something else has been handed in.
    """
    todo, changed = [], []
    for submission in submissions:
        entry = journal.entries.get(submission.name)
        if entry is None or gradebook.kind(entry) is gradebook.Kind.WITHHELD:
            todo.append(submission)
            continue
        same = (entry["digest"], entry["key"]) == (submission.digest, key)
        has_points = gradebook.kind(entry) is gradebook.Kind.GRADED
        if has_points and not same:
            changed.append(submission.name)
        if not same and (regrade or not has_points):
            todo.append(submission)
    return todo, changed


def _job(submission: Submission, folder: Path, common: dict[str, Any]) -> jobs.Job:
    return jobs.Job(submission.name, str(submission.target), str(folder), **common)


def _places(submissions: Sequence[Submission]) -> dict[str, str]:
    """Return where the files of each are, in folders whose names no name can lead out of.

    Some disks take `Anna` and `anna` for one: a name that is another's there gets a mark.
    """
    places: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(submission.name for submission in submissions):
        place = plain(name)
        if place != name or place.casefold() in taken:
            place += "-" + hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:6]
        taken.add(place.casefold())
        places[name] = f"{results.RESULTS}/{place}"
    return places


def _grade(
    workers: Executor,
    todo: Sequence[jobs.Job],
    submissions: Sequence[Submission],
    journal: Journal,
    key: str,
) -> None:
    """Grade, write each result to the journal as it comes, and show it.

    Raises
    ------
    NotKept
        If one cannot be written: nor could the next.
    NoCluster
        If the cluster has gone.
    """
    futures: dict[Future[dict[str, Any]], tuple[Submission, jobs.Job, int]] = {}
    right = 0
    bar = tqdm(total=len(todo), unit="submission", disable=None, dynamic_ncols=True)

    def keep(submission: Submission, result: dict[str, Any]) -> None:
        nonlocal right
        entry = {"name": submission.name, "digest": submission.digest, "key": key, **result}
        entry = _kept(journal, entry)
        right += entry.get("points") is not None and entry["points"] == entry["max_points"]
        bar.write(_line(entry), file=sys.stdout)
        bar.set_postfix_str(f"{right} with all points", refresh=False)
        bar.update()

    with bar:
        try:
            for job, submission in zip(todo, submissions, strict=True):
                known = _known(job, submission)
                if known is None:
                    futures[workers.submit(jobs.run, job)] = submission, job, 1
                else:
                    keep(submission, known)
            while futures:
                for future in as_completed(list(futures)):
                    submission, job, number = futures.pop(future)
                    result = _result(future, number)
                    if result is None:
                        futures[workers.submit(jobs.run, job)] = submission, job, number + 1
                    else:
                        keep(submission, result)
        finally:
            for future in futures:  # where something has ended this before its end
                future.cancel()


def _result(future: Future[dict[str, Any]], number: int) -> dict[str, Any] | None:
    """Return what came of a job that is done; None where it is worth to try it again.

    Parameters
    ----------
    future : Future
        The job.
    number : int
        How often it has been tried by now.
    """
    try:
        return future.result()
    except CancelledError:  # by nobody here: dask does so when it has lost its scheduler
        raise NoCluster("the scheduler can no longer be reached") from None
    except Exception as error:  # of the cluster: its worker has died
        return {"error": f"{type(error).__name__}: {error}"} if number >= TRIES else None


def _kept(journal: Journal, entry: Entry) -> Entry:
    """Write a result to the journal; one that is none does not take the place of an earlier grade.

    Returns what is valid from now on.
    """
    before = journal.entries.get(entry["name"])
    if "error" in entry and before is not None and gradebook.kind(before) is gradebook.Kind.GRADED:
        journal.entries[entry["name"]] = {**before, "grade_again": entry["error"]}
    else:
        journal.append(entry)
    return journal.entries[entry["name"]]


def _known(job: jobs.Job, submission: Submission) -> dict[str, Any] | None:
    """Return the result of what cannot be graded; None for what can."""
    if submission.error:
        return {"error": submission.error}
    if submission.not_graded:
        return {"not_graded": submission.not_graded}
    return _nothing(job, submission) if submission.problem else None


def _nothing(job: jobs.Job, submission: Submission) -> dict[str, Any]:
    """Return the result of something that cannot be graded: no points, and the reason."""
    worth = profiles.plan(job.profile, Path(job.rubric)).worth
    requirements = specification.requirements()
    units: dict[str, dict[str, Any]] = {}
    for requirement, points in worth.items():
        unit = units.setdefault(
            requirements[requirement].unit, {"points": 0.0, "max_points": 0.0, "verdict": "missing"}
        )
        unit["max_points"] = round(unit["max_points"] + points, 6)
    listed = [{"unit": name, **unit} for name, unit in units.items()]
    whole = {"points": 0.0, "max_points": round(sum(worth.values()), 6), "units": listed}
    whole = totals.apply(whole, totals.read(Path(job.rubric)))
    return {
        "points": 0.0,
        "max_points": whole["max_points"],
        "withheld": False,
        "isolation": job.isolation,
        "graded_at": "",
        "problems": [submission.problem],
        "notices": [],
        "units": units,
        "held": not job.expect,
        **{name: [] for name in ("lost", "passed", "diagnoses", "wrong")},
        "seconds": 0.0,
        "own_seconds": 0.0,
    }


def _line(entry: Entry) -> str:
    name = phrases.cut(one_line(entry["name"]), MAX_NAME, "...")
    if gradebook.kind(entry) is gradebook.Kind.NOT_GRADED:
        return f"{name:<30} {one_line(gradebook.remark(entry))}"
    if entry.get("points") is None or "grade_again" in entry:
        return f"{name:<30} no grade: {one_line(gradebook.remark(entry))}"
    wrong = [u for u, graded in entry["units"].items() if graded["points"] < graded["max_points"]]
    remark = one_line("; ".join(entry["problems"])) or ", ".join(wrong[:6])
    return f"{name:<30} {phrases.points(entry):>13}  {entry['seconds']:5.1f} s  {remark[:46]}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _column(options: argparse.Namespace) -> str:
    if not options.canvas_assignment:
        raise Usage("--canvas needs --canvas-assignment, the column's title, such as 'CNN (1234)'")
    return str(options.canvas_assignment)
