"""A grading run: the one door for pytest, `check`, `watch`, `batch`, `matrix` and `reproduce`.

`grade` does it all. Who drives the checks one by one, as pytest does, makes a `Session`, runs what
it wants, and asks for the document.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from cnn_conformance.checks.grader import CaseResult, Grader
from cnn_conformance.checks.registry import Check, manifest
from cnn_conformance.grading import document, rubric
from cnn_conformance.grading.profiles import Course
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.locations import GOLDEN
from cnn_conformance.oracle.cases import Fixtures, fixtures
from cnn_conformance.outcomes import WRONG

Document = dict[str, Any]
Explained = bool | Callable[[Document], Collection[str]]


class Session:
    """What is graded, by which golden data, and what came of it so far.

    Parameters
    ----------
    implementation : Implementation
        The code under test.
    golden : Fixtures, optional
        The golden data: the kit's own unless given.
    worth : dict, optional
        The points of every requirement that is graded: the default rubric's for the core profile
        unless given.
    only : collection of str, optional
        The requirements among these that the document is about. It is partial then.
    course : Course, optional
        The course that asks for it: its profile leaves out checks, too.
    """

    def __init__(
        self,
        implementation: Implementation,
        golden: Fixtures | None = None,
        worth: dict[str, float] | None = None,
        only: Collection[str] | None = None,
        course: Course | None = None,
    ) -> None:
        self.implementation = implementation
        self.worth = rubric.points() if worth is None else worth
        self.only = only
        self.course = course
        self.grader = Grader(implementation, golden or fixtures(GOLDEN))

    @property
    def results(self) -> dict[str, CaseResult]:
        """What came of the checks that were run, by their names."""
        return self.grader.results

    def asked(self) -> list[str]:
        """Return the checks of what is graded, in their order."""
        return [key for key, check in manifest().items() if self.asks_for(check)]

    def asks_for(self, check: Check) -> bool:
        """Tell whether a check decides something of what is graded."""
        ids = self.worth if self.only is None else self.only
        return check.requirement in ids and (self.course is None or self.course.asks_for(check))

    def run(self, key: str) -> CaseResult:
        """Run one check and keep its result."""
        return self.grader.run(key)

    def document(self, explained: Explained = True) -> Document:
        """End the implementation and return the result document.

        Parameters
        ----------
        explained : bool or callable
            Whether to say what is likely to be wrong, or of which units, by the document without
            that. Whatever goes wrong in it is noted among the problems, and costs the grade
            nothing.
        """
        self.implementation.end()
        made = document.build(self.grader, self.worth, self.only, self.course)
        wrong = any(requirement["verdict"] in WRONG for requirement in made["requirements"])
        if explained and wrong and not made["withheld"]:
            try:
                from cnn_conformance import diagnosis  # only on failure: it takes time to import

                only = explained(made) if callable(explained) else None
                diagnosis.explain(self.grader, made, only)
            except Exception as error:
                made["problems"].append(f"the diagnosis failed ({type(error).__name__}: {error})")
        return made


def grade(
    implementation: Implementation,
    golden: Fixtures | None = None,
    worth: dict[str, float] | None = None,
    only: Collection[str] | None = None,
    *,
    course: Course | None = None,
    explained: Explained = True,
    run: Callable[[Session, str], bool] | None = None,
) -> Document | None:
    """Run the checks of what is graded and return the result document.

    Parameters
    ----------
    implementation, golden, worth, only, course
        As for `Session`.
    explained : bool or callable
        As for `Session.document`.
    run : callable, optional
        Runs a check of a session, or returns False to end it without a document.

    Returns
    -------
    dict or None
        None if `run` has ended it.
    """
    session = Session(implementation, golden, worth, only, course)
    try:
        for key in session.asked():
            if run is None:
                session.run(key)
            elif not run(session, key):
                return None
    finally:
        implementation.end()
    return session.document(explained)
