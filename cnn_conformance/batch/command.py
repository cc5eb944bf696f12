"""`cnn-conformance batch SUBMISSIONS --out DIR`."""

from __future__ import annotations

import argparse
import hashlib
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tqdm import tqdm

import cnn_conformance
from cnn_conformance.batch import class_report, gradebook, jobs
from cnn_conformance.batch.grading import PAGE, RESULT
from cnn_conformance.batch.journal import Entry, Journal
from cnn_conformance.batch.submissions import BadSubmissions, Submission, find, plain
from cnn_conformance.grading import reveal, rubric
from cnn_conformance.implementation import sandbox
from cnn_conformance.implementation.limits import Limits
from cnn_conformance.locations import GOLDEN
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import BadFixtures, Fixtures
from cnn_conformance.reports import words

USAGE, WITHHELD, INTERRUPTED = 2, 3, 130
TRIES = 2


class Usage(Exception):
    """An option is wrong; says why."""


def main(argv: Sequence[str] | None = None) -> int:
    """Grade a class; return 0, 2 for wrong usage, 3 if a grade is lacking, 130 if interrupted."""
    options = _parser().parse_args(argv)
    try:
        return _batch(options)
    except (Usage, BadSubmissions, BadFixtures, rubric.BadRubric, sandbox.Unavailable) as error:
        print(f"error: {error}", file=sys.stderr)
    except gradebook.BadExport as error:
        print(f"error: --canvas: {error}", file=sys.stderr)
    except OSError as error:
        print(f"error: {error.filename or options.out}: {error.strerror or error}", file=sys.stderr)
    return USAGE


def _batch(options: argparse.Namespace) -> int:
    out = options.out.absolute()
    common, key = _common(options, out)
    if options.canvas:
        gradebook.canvas(
            [], options.canvas, _column(options)
        )  # a wrong file is said before, not after
    out.mkdir(parents=True, exist_ok=True)
    submissions = find(options.submissions, out / "submissions")
    journal = Journal(out / "journal.jsonl")
    todo, changed = _todo(submissions, journal, key, options.regrade)
    print(f"{len(submissions)} submissions, {len(submissions) - len(todo)} of them graded before")
    if changed and not options.regrade:
        print(f"changed since they were graded: {', '.join(changed)}; --regrade grades them again")
    interrupted = False
    with _executor(options) as executor:
        try:
            _grade(executor, [_job(s, out, common) for s in todo], todo, journal, key)
        except KeyboardInterrupt:
            interrupted = True
            executor.shutdown(wait=False, cancel_futures=True)
    entries = [journal.entries[s.name] for s in submissions if s.name in journal.entries]
    _write(entries, submissions, out, options)
    if interrupted:
        print("interrupted; the same command goes on where it was", file=sys.stderr)
        return INTERRUPTED
    failed = [entry for entry in entries if entry.get("points") is None]
    for entry in failed:
        print(f"no grade: {_one_line(entry['name'])}: {_one_line(gradebook.remark(entry))}")
    return WITHHELD if failed else 0


def _common(options: argparse.Namespace, out: Path) -> tuple[dict[str, Any], str]:
    """Return what all jobs have in common, and a hash of all that a grade depends on."""
    path = (options.rubric or rubric.DEFAULT).absolute()
    rubric.points(path, options.profile)
    fixtures = Fixtures((options.golden or GOLDEN).absolute())
    isolation = sandbox.choose(options.isolation, options.require_isolation)
    if isolation == "none":
        raise Usage(
            "--isolation=none: a batch runs code that nobody has read; choose another level"
        )
    if options.submissions.is_dir() and options.submissions.resolve() in out.resolve().parents:
        raise Usage(f"--out: {out} is among the submissions; choose a folder elsewhere")
    limits = Limits(
        options.call_timeout,
        options.import_timeout,
        options.run_timeout,
        int(options.memory_limit * 2**30),
    )
    common = {
        "out": str(out),
        "rubric": str(path),
        "fixtures": str(fixtures.folder),
        "profile": options.profile,
        "isolation": isolation,
        "reveal": options.reveal,
        "limits": asdict(limits),
    }
    parts = [fixtures.digest, hashlib.sha256(path.read_bytes()).hexdigest(), options.profile]
    parts += [cnn_conformance.__version__, isolation, options.reveal, repr(limits)]
    return common, hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _todo(
    submissions: Sequence[Submission], journal: Journal, key: str, regrade: bool
) -> tuple[list[Submission], list[str]]:
    """Return what is to be graded, and the names of those that have changed since."""
    todo, changed = [], []
    for submission in submissions:
        entry = journal.entries.get(submission.name)
        same = entry is not None and (entry["digest"], entry["key"]) == (submission.digest, key)
        if entry is not None and not same:
            changed.append(submission.name)
        if entry is None or "error" in entry or (regrade and not same):
            todo.append(submission)
    return todo, changed


def _job(submission: Submission, out: Path, common: dict[str, Any]) -> jobs.Job:
    folder = str(out / _place(submission))
    return jobs.Job(submission.name, str(submission.target), folder, **common)


def _place(submission: Submission) -> str:
    """Return where a submission's files are, in a folder whose name no name can lead out of."""
    name = submission.name
    mark = "" if plain(name) == name else "-" + hashlib.sha256(name.encode()).hexdigest()[:6]
    return f"results/{plain(name)}{mark}"


def _grade(
    executor: Executor,
    todo: Sequence[jobs.Job],
    submissions: Sequence[Submission],
    journal: Journal,
    key: str,
) -> None:
    """Grade, write each result to the journal as it comes, and show it."""
    futures: dict[Future[dict[str, Any]], tuple[jobs.Job, Submission, int]] = {}
    right = 0
    bar = tqdm(total=len(todo), unit="submission", disable=None, dynamic_ncols=True)

    def keep(submission: Submission, result: dict[str, Any]) -> None:
        nonlocal right
        entry = {"name": submission.name, "digest": submission.digest, "key": key, **result}
        journal.append(entry)
        right += entry.get("points") is not None and entry["points"] == entry["max_points"]
        bar.write(_line(entry), file=sys.stdout)
        bar.set_postfix_str(f"{right} with all points", refresh=False)
        bar.update()

    with bar:
        for job, submission in zip(todo, submissions, strict=True):
            if submission.problem:
                keep(submission, _nothing(job, submission))
            else:
                futures[executor.submit(jobs.run, job)] = job, submission, 1
        while futures:
            for future in as_completed(list(futures)):
                job, submission, number = futures.pop(future)
                try:
                    result = future.result()
                except (
                    Exception
                ) as error:  # of the cluster: its worker has died, or cannot be reached
                    if number < TRIES:
                        futures[executor.submit(jobs.run, job)] = job, submission, number + 1
                        continue
                    result = {"error": f"{type(error).__name__}: {error}"}
                keep(submission, result)


def _nothing(job: jobs.Job, submission: Submission) -> dict[str, Any]:
    """Return the result of something that cannot be graded: no points, and the reason."""
    worth = rubric.points(Path(job.rubric), job.profile)
    requirements = specification.requirements()
    units: dict[str, dict[str, Any]] = {}
    for requirement, points in worth.items():
        unit = units.setdefault(
            requirements[requirement].unit, {"points": 0.0, "max_points": 0.0, "verdict": "missing"}
        )
        unit["max_points"] = round(unit["max_points"] + points, 6)
    return {
        "points": 0.0,
        "max_points": round(sum(worth.values()), 6),
        "withheld": False,
        "isolation": job.isolation,
        "graded_at": "",
        "problems": [submission.problem],
        "notices": [],
        "units": units,
        **{name: [] for name in ("lost", "passed", "diagnoses", "wrong")},
        "seconds": 0.0,
        "own_seconds": 0.0,
    }


def _line(entry: Entry) -> str:
    name = _one_line(entry["name"])
    if entry.get("points") is None:
        return f"{name:<30} no grade: {_one_line(gradebook.remark(entry))}"
    wrong = [u for u, graded in entry["units"].items() if graded["points"] < graded["max_points"]]
    remark = _one_line("; ".join(entry["problems"])) or ", ".join(wrong[:6])
    return f"{name:<30} {words.points(entry):>13}  {entry['seconds']:5.1f} s  {remark[:46]}"


def _one_line(text: str) -> str:
    return " ".join(words.cleaned(text).split())


def _write(
    entries: Sequence[Entry],
    submissions: Sequence[Submission],
    out: Path,
    options: argparse.Namespace,
) -> None:
    """Write the tables and the page of the class."""
    units = class_report.units_of(entries)
    places = {s.name: f"{_place(s)}/{PAGE}" for s in submissions}
    pages = {name: place for name, place in places.items() if (out / place).exists()}
    files: dict[str, Callable[[], str]] = {
        "gradebook.csv": lambda: gradebook.generic(entries, units),
        "class.html": lambda: class_report.render(entries, pages, options.submissions.name),
    }
    if options.nbgrader:
        files["nbgrader.csv"] = lambda: gradebook.nbgrader(entries, options.nbgrader)
    if options.canvas:
        table, nobody = gradebook.canvas(entries, options.canvas, _column(options))
        files["canvas.csv"] = lambda: table
        if nobody:
            print(f"not in {options.canvas}: {', '.join(map(_one_line, nobody))}")
    for name, text in files.items():
        (out / name).write_text(text(), "utf-8", newline="\n")
    print(f"written: {', '.join(files)}, and {RESULT} and {PAGE} of each submission, in {out}")


def _column(options: argparse.Namespace) -> str:
    if not options.canvas_assignment:
        raise Usage("--canvas needs --canvas-assignment, the column's title, such as 'CNN (1234)'")
    return str(options.canvas_assignment)


def _executor(options: argparse.Namespace) -> AbstractContextManager[Executor]:
    if options.scheduler is None:
        return ThreadPoolExecutor(options.jobs)
    return _cluster(options.scheduler)


@contextmanager
def _cluster(address: str) -> Any:
    """Give an executor whose jobs run on a cluster of dask's."""
    try:
        distributed = importlib.import_module("distributed")
    except ImportError:
        raise Usage("--scheduler needs dask: pip install 'cnn-conformance[cluster]'") from None
    try:
        client = distributed.Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise Usage(f"--scheduler={address}: cannot be reached: {error}") from error
    with client:
        yield client.get_executor(pure=False, retries=TRIES)


def _number(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, got {text}")
    return value


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text}")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        prog="cnn-conformance batch",
        description="Grade a class: every submission in a sandbox of its own. The same command "
        "goes on after an interruption.",
    )
    add, limits = parser.add_argument, Limits()
    add(
        "submissions",
        type=Path,
        metavar="SUBMISSIONS",
        help="a folder of folders, .py files and .zip files, or a CSV file with name and path",
    )
    add("--out", type=Path, required=True, metavar="DIR", help="where the results go")
    add(
        "--jobs",
        type=_number,
        default=os.cpu_count() or 1,
        metavar="N",
        help="how many are graded at a time (default: %(default)s)",
    )
    add(
        "--regrade",
        action="store_true",
        help="grade again what has changed: a submission, the golden data, the rubric, the suite",
    )
    add("--scheduler", metavar="ADDRESS", help="grade on a cluster of dask's (extra: cluster)")
    add("--profile", choices=specification.PROFILES, default="core")
    add("--rubric", type=Path, metavar="FILE", help="points other than rubric.toml's")
    add("--golden", type=Path, metavar="DIR", help="a private set")
    add("--reveal", choices=reveal.LEVELS, default="all", help="what the pages show")
    add("--isolation", choices=("auto", *sandbox.LEVELS), default="auto")
    add("--require-isolation", choices=sandbox.LEVELS, help="refuse to run below this level")
    add("--call-timeout", type=_positive, default=limits.call, metavar="N", help="seconds a call")
    add("--import-timeout", type=_positive, default=limits.load, metavar="N", help="for the import")
    add("--run-timeout", type=_positive, default=limits.run, metavar="N", help="for a submission")
    add(
        "--memory-limit",
        type=_positive,
        default=limits.memory / 2**30,
        metavar="N",
        help="GiB of memory that a submission may use (default: %(default)g)",
    )
    add(
        "--canvas",
        type=Path,
        metavar="EXPORT.csv",
        help="write canvas.csv for the students of this export of Canvas's",
    )
    add("--canvas-assignment", metavar="TITLE", help="the export's column, such as 'CNN (1234)'")
    add("--nbgrader", metavar="ASSIGNMENT", help="write nbgrader.csv for an assignment")
    return parser  # fmt: skip
