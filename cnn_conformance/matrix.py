"""The kill matrix: what each mistake loses, against what it has to lose."""

from __future__ import annotations

import csv
import io
import multiprocessing
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

from tabulate import tabulate
from tqdm import tqdm

from cnn_conformance import units
from cnn_conformance.checks.grader import CaseResult
from cnn_conformance.checks.registry import manifest
from cnn_conformance.grading.session import Session
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.mistakes.catalogue import Mistake, catalogue, control, units_of
from cnn_conformance.mistakes.edits import diff
from cnn_conformance.oracle import comparison, specification
from cnn_conformance.outcomes import WRONG, Outcome
from cnn_conformance.parsing import Parser


@dataclass(frozen=True)
class Run:
    """What came of running checks on some units."""

    results: dict[str, CaseResult]

    @property
    def lost(self) -> tuple[str, ...]:
        """The requirements with a wrong case, in the order of SPEC.md."""
        wrong = {result.requirement for result in self.results.values() if result.outcome in WRONG}
        return tuple(id_ for id_ in specification.requirements() if id_ in wrong)

    @property
    def suite_errors(self) -> list[str]:
        """The checks that the suite itself could not do."""
        return [
            f"{key}: {result.message}"
            for key, result in self.results.items()
            if result.outcome is Outcome.SUITE_ERROR
        ]

    @property
    def raised(self) -> list[str]:
        """What was raised, each once: often a slip in what the mistake changes."""
        found = [r.finding.root() for r in self.results.values() if r.finding is not None]
        return sorted({f"raised {f.type}: {f.text}" for f in found if f.kind == "raised"})

    @property
    def largest_share(self) -> float:
        """The largest share of its tolerance that a golden comparison used, or 0 if none failed.

        Those of the precision aspect have the finer tolerance of their dtype and do not count.
        """
        aspects = specification.requirements()
        return max(
            (
                comparison.share(result.compared)
                for result in self.results.values()
                if result.outcome is Outcome.FAILED
                and result.compared is not None
                and aspects[result.requirement].aspect in ("forward", "backward")
            ),
            default=0.0,
        )


@dataclass(frozen=True)
class Row:
    """A mistake and what it has lost."""

    mistake: Mistake
    lost: tuple[str, ...]
    share: float
    problems: tuple[str, ...]


def run(units: dict[str, object], keys: Iterable[str]) -> Run:
    """Run checks on units that are at hand."""
    implementation = Implementation("objects", specification.units(), "none", objects=units)
    session = Session(implementation)
    for key in keys:
        session.run(key)
    implementation.end()
    return Run(session.results)


def run_mistake(mistake: Mistake, everything: bool = False) -> Run:
    """Run the checks of the units that a mistake replaces and of networks, or all checks."""
    keys = list(manifest()) if everything else own_checks(mistake)
    return run(units_of(mistake), keys)


def own_checks(mistake: Mistake) -> list[str]:
    """Return the checks that can see a mistake: no other unit differs from the control.

    Networks are checked only where they would be judged: they are blocked by a unit that loses
    anything but precision and robustness. The first profile is checked that asks for all that is
    lost.
    """
    known = specification.requirements()
    touched = set(mistake.replaces) if mistake.unit == units.NETWORK else {mistake.unit}
    aspects = {known[id_].aspect for id_ in mistake.loses if known[id_].unit in touched}
    if aspects <= {"precision", "robustness"}:
        touched.add(units.NETWORK)
    asked = specification.of_profile(specification.least_profile(mistake.loses))
    return [
        key
        for key, check in manifest().items()
        if check.requirement in asked and known[check.requirement].unit in touched
    ]


def row(mistake: Mistake, everything: bool = False) -> Row:
    """Run a mistake and say what came of it, and what is not as it should be."""
    came = run_mistake(mistake, everything)
    problems = [f"the suite failed: {error}" for error in came.suite_errors]
    unexpected = sorted(set(came.lost) - set(mistake.loses))
    survived = sorted(set(mistake.loses) - set(came.lost))
    if unexpected:
        problems.append(f"loses {', '.join(unexpected)} too")
    if survived:
        problems.append(f"does not lose {', '.join(survived)}")
    if problems:
        problems += came.raised
    return Row(mistake, came.lost, came.largest_share, tuple(problems))


def rows_of(
    mistakes: Sequence[Mistake], everything: bool = False, workers: int | None = None
) -> Iterator[Row]:
    """Run many mistakes, in several processes, and return their rows in order.

    Parameters
    ----------
    mistakes : sequence of Mistake
        Some of the catalogue.
    everything : bool
        Whether to run all checks, or only those that can see the mistake.
    workers : int, optional
        How many processes; as many as there are processors unless given.
    """
    numbers = [catalogue().index(each) for each in mistakes]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context) as pool:
        rows = pool.map(_row_by_number, numbers, repeat(everything), chunksize=4)
        for each, (lost, share, problems) in zip(mistakes, rows, strict=True):
            yield Row(each, lost, share, problems)


def _row_by_number(number: int, everything: bool) -> tuple[tuple[str, ...], float, tuple[str, ...]]:
    """Return a row without its mistake, which cannot be sent to another process."""
    made = row(catalogue()[number], everything)
    return made.lost, made.share, made.problems


def unexercised(rows: Iterable[Row]) -> list[str]:
    """Return the requirements that no mistake loses."""
    lost = {id_ for each in rows for id_ in each.lost}
    return [id_ for id_ in specification.requirements() if id_ not in lost]


def margin(rows: Iterable[Row]) -> Row | None:
    """Return the mistake whose worst comparison is nearest to being right.

    Those that fail no comparison of numbers, or only one of precision, do not count.
    """
    return min((each for each in rows if each.share > 0), key=lambda each: each.share, default=None)


# ---------------------------------------------------------------- the command


def parser() -> Parser:
    """Return what reads the command line."""
    made = Parser("matrix", "Run every mistake and show which requirements it loses.")
    made.add_argument("--out", type=Path, help="write the matrix there: .md, .csv, or any text")
    made.add_argument(
        "only", nargs="*", metavar="TEXT", help="only mistakes in whose unit and name these stand"
    )
    made.add_argument(
        "--all", action="store_true", help="run all checks, not only those of the unit (slower)"
    )
    return made


def main(argv: list[str]) -> int:
    """Run the command `matrix`; return 1 if anything is not as it should be."""
    read = parser()
    options = read.parse_args(argv)
    if options.out is not None and not options.out.parent.is_dir():
        read.error(f"--out: there is no folder {options.out.parent}")
    reference = run(control(), manifest())
    if reference.lost or reference.suite_errors:
        lost = [specification.requirements()[id_] for id_ in reference.lost]
        print(
            f"the control, which has no mistake, loses {', '.join(reference.lost)}",
            *(
                "see why: cnn-conformance grade reference.clear --profile=full --full "
                f"-k test_{units.of(name).stem}.py"
                for name in dict.fromkeys(requirement.unit for requirement in lost)
            ),
            *reference.suite_errors,
            sep="\n",
        )
        return 1
    wanted = [text.lower() for text in options.only]
    mistakes = [
        each
        for each in catalogue()
        if all(text in f"{each.unit} {each.name}".lower() for text in wanted)
    ]
    if not mistakes:
        read.error(f"no mistake is called {' '.join(options.only)}")
    if options.only:
        return _show(mistakes, options.all)
    running = rows_of(mistakes, options.all)
    rows = list(tqdm(running, total=len(mistakes), disable=None))
    text = as_markdown(rows)
    if options.out is not None:
        content = as_csv(rows) if options.out.suffix == ".csv" else text
        options.out.write_text(content, "utf-8")
    print(text)
    return int(any(each.problems for each in rows) or bool(unexercised(rows)))


def _show(mistakes: Sequence[Mistake], everything: bool) -> int:
    """Say what a few mistakes lose and what is not as they declare; return 1 if anything is not."""
    rows = [row(each, everything) for each in mistakes]
    for each in rows:
        print(f"{each.mistake.unit}: {each.mistake.name}")
        print(f"  loses {', '.join(each.lost) or 'nothing'}")
        if each.mistake.edits:
            print(textwrap.indent(diff(each.mistake.unit, each.mistake.edits), "  "))
        print(
            *(f"  {problem}" for problem in each.problems), sep="\n", end="\n" * bool(each.problems)
        )
    return int(any(each.problems for each in rows))


def as_markdown(rows: list[Row]) -> str:
    """Return one table a unit, requirements across, and the figures below."""
    parts = []
    for unit in dict.fromkeys(each.mistake.unit for each in rows):
        mine = [each for each in rows if each.mistake.unit == unit]
        known = specification.requirements()
        columns = [id_ for id_ in known if any(id_ in each.lost for each in mine)]
        own = f"{unit.upper()}-"
        head = ["mistake", *(id_.removeprefix(own) for id_ in columns)]
        body = [
            [each.mistake.name, *("x" if id_ in each.lost else "" for id_ in columns)]
            for each in mine
        ]
        table = tabulate(body, head, tablefmt="github", disable_numparse=True)
        parts.append(f"## {unit}\n\n{table}")
    return "\n\n".join([*parts, "## Figures", figures(rows)]) + "\n"


def figures(rows: list[Row]) -> str:
    """Return what the matrix comes to, one line each."""
    missing, nearest = unexercised(rows), margin(rows)
    lines = [
        f"mistakes: {len(rows)}, "
        f"of which conventions: {sum(each.mistake.is_a_convention for each in rows)}",
        f"requirements: {len(specification.requirements())}",
        f"cells: {sum(len(each.lost) for each in rows)}",
        f"requirements that no mistake exercises: {', '.join(missing) or 'none'}",
    ]
    if nearest is not None:
        lines.append(
            f"smallest share of the tolerance: {nearest.share:.0f} "
            f"({nearest.mistake.unit}: {nearest.mistake.name})"
        )
    lines += [
        f"{each.mistake.unit}: {each.mistake.name}: {problem}"
        for each in rows
        for problem in each.problems
    ]
    return "\n".join(f"- {line}" for line in lines)


def as_csv(rows: list[Row]) -> str:
    """Return one line a mistake, with a column for every requirement."""
    known = list(specification.requirements())
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["unit", "mistake", "largest share of the tolerance", *known])
    for each in rows:
        lost = [int(id_ in each.lost) for id_ in known]
        writer.writerow([each.mistake.unit, each.mistake.name, each.share, *lost])
    return file.getvalue()
