"""`cnn-conformance grade PATH`: a run without pytest, which reads nothing but its command line."""

from __future__ import annotations

import argparse
import contextlib
import gc
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence

from cnn_conformance import language, next_step, units
from cnn_conformance.checks.grader import CaseResult
from cnn_conformance.checks.registry import manifest
from cnn_conformance.grading import options, run, sharing
from cnn_conformance.grading.options import WrongUsage
from cnn_conformance.grading.run import Run
from cnn_conformance.grading.selection import BadSelection, select
from cnn_conformance.oracle import specification
from cnn_conformance.outcomes import Outcome
from cnn_conformance.parsing import Parser, whole
from cnn_conformance.reports import terminal
from cnn_conformance.reports.colours import style_for
from cnn_conformance.reports.phrases import cleaned, say

INTERRUPTED = 130


def parser() -> Parser:
    """Return what reads the command line."""
    made = Parser(
        "grade",
        "Grade an implementation. Ends with 0 if everything passed, 1 if not, 3 if the suite "
        "itself failed, 4 for wrong usage.",
        run.USAGE,
    )
    made.add_argument(
        "path",
        nargs="?",
        metavar="PATH",
        help="a package folder, a folder of .py files, a .py file, a notebook or a dotted name "
        "(default: the kit's reference)",
    )
    made.add_argument(
        "-u",
        dest="units",
        action="append",
        default=[],
        metavar="UNIT",
        help="only this unit, by its name or file; again for more",
    )
    made.add_argument(
        "-k",
        default="",
        metavar="WORDS",
        help='only checks with such names: "conv2d and not robustness"',
    )
    made.add_argument(
        "--jobs",
        type=whole,
        metavar="N",
        help=f"processes that grade at a time (default: one for each core, up to {sharing.MOST})",
    )
    options.add(made.add_argument)
    return made


def main(argv: Sequence[str]) -> int:
    """Grade; return the exit status."""
    read = parser()
    asked = read.parse_args(argv)
    if asked.path is not None and asked.impl is not None:
        read.error(f"expected one implementation, got {asked.path} and --impl={asked.impl}")
    asked.impl = asked.impl if asked.path is None else asked.path
    try:
        made = run.prepared(asked)
        keys = _selected(made, asked)
    except (WrongUsage, BadSelection) as error:
        print(f"error: {cleaned(str(error))}", file=sys.stderr)
        return run.USAGE
    try:
        with _without_collecting():
            passed = _passed(made, keys, asked.jobs or sharing.usual())
    except KeyboardInterrupt:
        print("interrupted: there is no result", file=sys.stderr)
        return INTERRUPTED
    finally:
        made.session.implementation.end()
    graded, status = run.concluded(made, asked, run.PASSED if passed else run.FAILED)
    command = f"cnn-conformance grade {shlex.quote(made.session.implementation.target)}"
    command = run.again(made, asked, command)
    private = run.private_set(asked)
    style = style_for(sys.stdout)
    with language.speaking(asked.lang):
        say("\n" + terminal.render(graded, style, command, private, asked.full))
        if status == run.FAILED and (step := next_step.of_a_beginning(graded)):
            say(f"\n{step}\n")
        return status if run.written(graded, asked) else run.SUITE_ERROR


def _selected(made: Run, asked: argparse.Namespace) -> list[str]:
    """Return the checks that options select; end the run where none of them is graded."""
    try:
        keys = _of_units(asked.units) if asked.units else list(manifest())
        keys = select(asked.k, keys) if asked.k else keys
        if why := run.ungraded(made, keys, asked):
            raise WrongUsage(why)
    except (WrongUsage, BadSelection):
        made.session.implementation.end()
        raise
    return keys


def _of_units(names: list[str]) -> list[str]:
    """Return the checks of the units that are named."""
    for name in names:
        if not units.called(name):
            raise BadSelection(f"-u: {units.unknown(name, specification.units())}")
    wanted = {unit for name in names for unit in units.called(name)}
    known = specification.requirements()
    return [k for k, check in manifest().items() if known[check.requirement].unit in wanted]


def _passed(made: Run, keys: list[str], processes: int) -> bool:
    """Run what is graded of some checks, with a bar of progress on a terminal."""
    worth = made.session.worth
    graded = [key for key in keys if manifest()[key].requirement in worth]
    results = sharing.run(made.session, graded, processes)
    shown = _with_bar(results, len(graded)) if sys.stderr.isatty() else results
    outcomes = [result.outcome for result in shown]
    return all(outcome is Outcome.PASSED for outcome in outcomes)


def _with_bar(results: Iterable[CaseResult], count: int) -> Iterator[CaseResult]:
    """Yield results and show how far they are."""
    from tqdm import tqdm  # only here: it takes as long to import as numpy does

    bar_format = "{desc:<20} {bar} {n_fmt}/{total_fmt} checks"
    with tqdm(total=count, leave=False, bar_format=bar_format) as bar:
        for result in results:
            bar.set_description_str(result.unit, refresh=False)
            bar.update()
            yield result


@contextlib.contextmanager
def _without_collecting() -> Iterator[None]:
    """Leave alone what is there now: looking through it again and again takes time."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
