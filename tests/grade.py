"""Grading for the tests: units at hand, the source of some, or whatever a path names.

What the checks of a unit find, its result document, and what the diagnosis says:

>>> grade({"ReLU": Doubled}, "ReLU").not_passed                   # doctest: +SKIP
>>> grade("class ReLU:\\n    pass\\n", "ReLU").document           # doctest: +SKIP
>>> grade(RIGHT | {"Dense": Wrong}, "Dense").titles("Dense")      # doctest: +SKIP
"""

import contextlib
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import reference
from cnn_conformance.checks.grader import CaseResult, Grader
from cnn_conformance.checks.registry import manifest
from cnn_conformance.grading import rubric
from cnn_conformance.grading.session import Session
from cnn_conformance.implementation.limits import Limits
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.locations import GOLDEN
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import Fixtures
from cnn_conformance.oracle.cases import fixtures as read_fixtures
from cnn_conformance.reports import terminal

FIXTURES = read_fixtures(GOLDEN)
RIGHT: dict[str, Any] = {
    unit: getattr(reference, unit) for unit in specification.units() if unit != "Network"
}
"""The units of the reference: what is wrong takes the place of one of them."""


@dataclass(frozen=True)
class Graded:
    """What came of grading.

    Parameters
    ----------
    session : Session
        After its run.
    """

    session: Session

    @property
    def grader(self) -> Grader:
        """What ran the checks."""
        return self.session.grader

    @property
    def results(self) -> dict[str, CaseResult]:
        """What came of every check that ran."""
        return self.session.results

    @property
    def outcomes(self) -> dict[str, str]:
        """The outcome of every check that ran."""
        return {key: str(result.outcome) for key, result in self.results.items()}

    @property
    def not_passed(self) -> dict[str, CaseResult]:
        """The results of the checks that did not pass."""
        return {key: r for key, r in self.results.items() if r.outcome != "passed"}

    @cached_property
    def document(self) -> dict[str, Any]:
        """The result document, without a diagnosis."""
        return self.session.document(explained=False)

    @cached_property
    def diagnosed(self) -> dict[str, Any]:
        """The result document with its diagnosis."""
        return self.session.document()

    def titles(self, unit: str) -> list[str]:
        """Return what the diagnosis says of a unit, first things first."""
        (entry,) = (entry for entry in self.diagnosed["units"] if entry["unit"] == unit)
        return [said["title"] for said in entry.get("diagnosis", ())]


def altered(unit: str, **changes: Callable[[Any], Any]) -> type:
    """Return a layer or loss of the reference whose answers are altered.

    Parameters
    ----------
    unit : str
        Which.
    **changes : callable
        What comes of the right answer of `forward` or `backward`, or of a gradient by its name.
    """
    right = RIGHT[unit]
    forward, backward = (changes.pop(name, lambda y: y) for name in ("forward", "backward"))

    class Altered(right):
        def forward(self, *args: Any) -> Any:
            return forward(super().forward(*args))

        def backward(self, *dout: Any) -> Any:
            gradient = super().backward(*dout)
            for name in changes.keys() & self.grads.keys() if changes else ():
                self.grads[name] = changes[name](self.grads[name])
            return backward(gradient)

    return Altered


def checks_of(about: str, profile: str = "full") -> list[str]:
    """Return the keys of all checks of a unit or a requirement, in the order of a run."""
    asked = specification.of_profile(profile)
    ids = {id_ for id_, r in asked.items() if about in (id_, r.unit)}
    assert ids, f"{about} is no unit and no requirement of the profile {profile}"
    return [key for key, check in manifest().items() if check.requirement in ids]


@cache
def one_case_each() -> dict[str, list[str]]:
    """Return for every stem one key for each of its tests: the check on its first case."""
    first: dict[str, str] = {}
    for key in manifest():
        first.setdefault(key.partition("[")[0], key)
    stems: dict[str, list[str]] = {}
    for key in first.values():
        stems.setdefault(manifest()[key].stem, []).append(key)
    return stems


def in_this_process(units: Mapping[str, Any]) -> Implementation:
    """Return units that are at hand as an implementation in this process."""
    return Implementation("planted", specification.units(), "none", objects=units)


def in_worker(
    target: Path | str,
    isolation: str = "process",
    names: Iterable[str] | None = None,
    **options: Any,
) -> Implementation:
    """Return what a path names, in a process of its own unless told otherwise.

    The options are those of `Implementation` and of `Limits`.
    """
    given = {name: options.pop(name) for name in {*options} & {*Limits.__dataclass_fields__}}
    wanted = specification.units() if names is None else tuple(names)
    return Implementation(str(target), wanted, isolation, Limits(**given), **options)


def loaded(target: Path | str, *arguments: Any, **options: Any) -> Implementation:
    """Return what a path names after its import in a worker, which has ended."""
    implementation = in_worker(target, *arguments, **options)
    implementation.end()
    return implementation


def printed(
    result: dict[str, Any],
    command: str = "pytest conformance --impl=mine",
    fixtures: str = "",
    full: bool = False,
) -> str:
    """Return the report of a result document, as a terminal without colours shows it."""
    return terminal.render(result, lambda text, **_: text, command, fixtures, full)


def grade(
    code: Implementation | Mapping[str, Any] | Path | str,
    about: str | Iterable[str] | None = None,
    *,
    profile: str = "core",
    fixtures: Fixtures = FIXTURES,
    only: Collection[str] | None = None,
    **options: Any,
) -> Graded:
    """Run checks on code, and end it.

    Parameters
    ----------
    code : Implementation, dict, Path or str
        Units by name, which run in this process; source text (it has more than one line) or what
        `--impl` names, which runs in a process of its own.
    about : str or iterable of str, optional
        A unit or a requirement, or the keys of checks. All of the profile unless given.
    profile : {"core", "extended", "full"}
        Whose requirements are in the document.
    fixtures : Fixtures
        The golden data.
    only : collection of str, optional
        The requirements that the document is about: all of the profile unless given.
    **options
        For `in_worker`: isolation, limits, what is hidden.
    """
    with contextlib.ExitStack() as stack:
        if isinstance(code, str) and "\n" in code:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            code, source = folder / "submission.py", code
            code.write_text(source, "utf-8")
        if isinstance(code, (str, Path)):
            code = in_worker(code, **options)
        elif isinstance(code, Mapping):
            code = in_this_process(code)
        stack.callback(code.end)
        session = Session(code, fixtures, rubric.points(profile=profile), only)
        if about is None:
            about = session.asked()
        for key in checks_of(about) if isinstance(about, str) else about:
            session.run(key)
    return Graded(session)
