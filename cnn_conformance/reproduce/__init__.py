"""`cnn-conformance reproduce`: a failure as a short script, for a debugger."""

from __future__ import annotations

import argparse
import math
import re
import shlex
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cnn_conformance.adapt import automatic
from cnn_conformance.arrays import Array
from cnn_conformance.checks.grader import CaseResult, Grader
from cnn_conformance.checks.registry import manifest
from cnn_conformance.grading import profiles, rubric
from cnn_conformance.grading.session import Session
from cnn_conformance.implementation import styles
from cnn_conformance.implementation import target as targets
from cnn_conformance.implementation.limits import Limits
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.locations import GOLDEN
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import BadFixtures, Fixtures
from cnn_conformance.oracle.dialect import requirements_of
from cnn_conformance.outcomes import WRONG, Outcome
from cnn_conformance.parsing import Parser
from cnn_conformance.reports import phrases
from cnn_conformance.reproduce import draft, recording, script
from cnn_conformance.reproduce.locate import locate
from cnn_conformance.reproduce.script import CannotShow


class Unknown(Exception):
    """Names neither a requirement nor a check; says what is expected."""


@dataclass(frozen=True)
class Reproduction:
    """A script that shows a failure, and the result that it shows."""

    result: CaseResult
    text: str
    data: dict[str, Array]


def main(argv: list[str]) -> int:
    """Write a script; return 0, or 1 where there is nothing to show, or 2 for wrong usage."""
    options = _parse(argv)
    try:
        keys = find(options.what)
        plan = profiles.plan(options.profile, options.rubric or rubric.DEFAULT)
        golden = Fixtures(options.golden or GOLDEN, plan.dialect)
        target = targets.known(options.impl)
        styles.request(options.style)
    except targets.NoTarget as error:
        print(f"--impl: {error}", file=sys.stderr)
        return 2
    except styles.NoStyle as error:
        print(f"--style: {error}", file=sys.stderr)
        return 2
    except (Unknown, BadFixtures, rubric.BadRubric) as error:
        print(error, file=sys.stderr)
        return 2
    out = options.out or _scratch(f"reproduce_{_stem(options.what)}.py")
    implementation = Implementation(
        target,
        specification.units(),
        limits=Limits(),
        style=options.style,
        usual_style=plan.style,
    )
    implementation = automatic.adapted(implementation, out.parent, f"{out.stem}_adapter.py")
    grader = Session(implementation, golden).grader
    try:
        made = reproduce(grader, keys)
    except CannotShow as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        implementation.end()
    try:
        files = script.write(out, made.text, made.data)
    except OSError as error:
        print(f"{error.filename} cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    state = "passes" if made.result.outcome is Outcome.PASSED else made.result.outcome
    print(f"{made.result.requirement}, {phrases.cleaned(made.result.key)}: {state}")
    print(f"wrote {' and '.join(map(str, files))}")
    if implementation.assumptions:
        print(f"it takes the code through {implementation.style}, a draft: see what it assumes")
    print(f"run it:   python {shlex.quote(str(out))}")
    print(f"debug it: python -m pdb {shlex.quote(str(out))}")
    return 0


def parser() -> Parser:
    """Return what reads the command line."""
    made = Parser(
        "reproduce", "Write a short script that shows a failure, without pytest and this suite."
    )
    made.add_argument(
        "what",
        metavar="ID_OR_CHECK",
        help="a requirement, CONV2D-24, or a check, conv2d::test_dx[stride-2]",
    )
    made.add_argument("--impl", required=True, metavar="PATH", help="the implementation")
    made.add_argument("--style", default="", metavar="NAME", help=styles.HELP)
    made.add_argument(
        "--out",
        type=Path,
        metavar="FILE.py",
        help="where to write the script (default: in a new folder for temporary files)",
    )
    made.add_argument("--golden", type=Path, metavar="DIR", help="a private set of golden data")
    made.add_argument("--rubric", type=Path, metavar="FILE", help="a rubric that has a [dialect]")
    made.add_argument("--profile", default="core", metavar="NAME", help="a course's conventions")
    return made


def _scratch(name: str) -> Path:
    """Return a name in a new folder, so that nothing of the user's is written over."""
    return Path(tempfile.mkdtemp(prefix="cnn-conformance-"), name)


def _parse(argv: list[str]) -> argparse.Namespace:
    read = parser()
    options = read.parse_args(argv)
    if options.out is not None and options.out.suffix != ".py":
        read.error(f"--out: expected a name that ends in .py, got {options.out}")
    return options


def find(what: str) -> list[str]:
    """Return the keys of the checks that a requirement's id or a check's name stands for.

    Raises
    ------
    Unknown
        If there are none.
    """
    wanted = what.strip().removeprefix("conformance/")
    keys = [key for key, check in manifest().items() if check.requirement == wanted.upper()]
    if keys:
        return keys
    file, separator, test = wanted.partition("::")
    stem = file.removesuffix(".py").removeprefix("test_")
    full = f"test_{stem}.py::{test}"
    keys = [key for key in manifest() if key == full or key.startswith(f"{full}[")]
    if separator and keys:
        return keys
    raise Unknown(
        f"{what} is neither a requirement nor a check: expected an id such as CONV2D-24, or a "
        "check such as conv2d::test_dx[stride-2]"
    )


def reproduce(grader: Grader, keys: Sequence[str]) -> Reproduction:
    """Return the script for the smallest failure of some checks, or for a check that passes.

    Raises
    ------
    CannotShow
        If no check fails in a way that a script can show; says what to do instead.
    """
    target = grader.implementation.target
    results = [_run(grader, key) for key in keys]
    wrong = [result for result in results if result.outcome in WRONG]
    passed = [result for result in results if result.outcome is Outcome.PASSED]
    if not wrong and not passed:
        first = results[0]
        raise CannotShow(f"{_said(first)}\nthere is nothing to show before that is fixed")
    reasons = []
    for result in sorted(wrong or passed, key=lambda r: (phrases.completes(r.case), _size(r))):
        try:
            return _one(grader, result)
        except CannotShow as error:
            reasons.append((result, str(error)))
    result, why = reasons[0]
    raise CannotShow(
        f"{_said(result)}\nno script: {why}; instead: "
        f"pytest --pyargs cnn_conformance.suite --impl={shlex.quote(target)} "
        f'--isolation=none --pdb -k "{phrases.selection(result.key)}"'
    )


def _run(grader: Grader, key: str) -> CaseResult:
    """Run a check, and the checks before it that its verdict depends on."""
    return grader.results.get(key) or grader.run(key)


def _one(grader: Grader, result: CaseResult) -> Reproduction:
    tape, assertion = recording.record(grader, result)
    check = manifest()[result.key]
    case = grader.fixtures.unit(check.stem).of(check.kind)[check.case]
    sentence = requirements_of(grader.fixtures.dialect)[result.requirement].sentence
    title = f"{result.requirement}, case {result.case}: {sentence}"
    drafts = [draft.draft(tape, assertion, case.arrays, to_the_end=end) for end in (False, True)]
    try:
        code = grader.implementation
        place = locate(code.target, drafts[0].units or [result.unit], code.style)
    except KeyError as error:
        raise CannotShow(f"it takes {error.args[0]}, which is not exported") from None
    try:
        return Reproduction(result, *script.render(title, drafts[0], place))
    except CannotShow:
        return Reproduction(result, *script.render(title, drafts[1], place))


def _said(result: CaseResult) -> str:
    """Return what came of a check, in one line."""
    message = phrases.cleaned(result.message).partition("\n")[0]
    return f"{result.requirement} {result.outcome}" + (f": {message}" if message else "")


def _size(result: CaseResult) -> float:
    return math.inf if result.compared is None else float(result.compared.got.size)


def _stem(what: str) -> str:
    return re.sub(r"\W+", "_", what.strip().lower().removesuffix("]")).strip("_")
