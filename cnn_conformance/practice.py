"""Grading in a notebook or a Python shell: `check(Conv2D)`.

The code under test runs in this very process: that is quick and convenient, and no grade.
"""

from __future__ import annotations

import contextlib
import html
import importlib
import io
import shlex
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from cnn_conformance import language, units, wrong_kind
from cnn_conformance.adapt import automatic
from cnn_conformance.checks import networks
from cnn_conformance.grading import profiles, rubric, session
from cnn_conformance.implementation import styles
from cnn_conformance.implementation import target as targets
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.language import t
from cnn_conformance.locations import GOLDEN
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import BadFixtures, Fixtures, fixtures
from cnn_conformance.outcomes import WRONG, Outcome
from cnn_conformance.parsing import Parser
from cnn_conformance.reports import failures, phrases, terminal
from cnn_conformance.reports.colours import style_for

REAL = "the real grade comes from cnn-conformance grade"
NOTE = f"practice: this ran unsandboxed in your own process; {REAL}"
NOT_A_GRADE = f"practice: {REAL}"
MOST_PRINTS = 20_000


@dataclass(frozen=True, repr=False)
class Result:
    """The result of a check: true if everything that was checked passed.

    Parameters
    ----------
    document : dict
        The result document, as `pytest conformance --result` writes it.
    lang : str
        The language in which it is shown.
    """

    document: dict[str, Any]
    lang: str = language.ENGLISH

    @property
    def share(self) -> float:
        """The share of the points, from 0 to 1."""
        whole: float = self.document["max_points"]
        return float(self.document["points"] or 0.0) / whole if whole else 1.0

    def __bool__(self) -> bool:
        return all(r["verdict"] == Outcome.PASSED for r in self.document["requirements"])

    @property
    def full(self) -> str:
        """The report with every failure, and all that is known of it."""
        with language.speaking(self.lang):
            return terminal.render(self.document, failures.plain, "", full=True)

    def __repr__(self) -> str:
        with language.speaking(self.lang):
            lines = [terminal.render(self.document, failures.plain, "").rstrip(), t(NOTE)]
            lost = [r["id"] for r in self.document["requirements"] if r["verdict"] in WRONG]
            if len(lost) > 1:
                lines.append(t('only one requirement: check(..., only="{id}")', id=lost[0]))
                lines.append(t("every failure: print(check(...).full)"))
            return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the total, and the report in a frame of its own."""
        from cnn_conformance.reports import html as page  # only here: it takes a moment to import

        with language.speaking(self.lang):
            points = t("{points} points", points=phrases.points(self.document))
            total, note, shown = t("all passed"), t(NOTE), page.render(self.document)
        height = 340 if self else 620
        frame = (
            f'<iframe srcdoc="{html.escape(shown)}" sandbox="allow-scripts" '
            f'title="report" style="width: 100%; height: {height}px; border: 1px solid #8888">'
            "</iframe>"
        )
        return (
            f"<p><b>{html.escape(total if self else points)}</b> ({html.escape(note)})</p>{frame}"
        )


def check(
    thing: object,
    *,
    unit: str | None = None,
    only: str | None = None,
    profile: str = "core",
    style: str = "",
    lang: str = language.ENGLISH,
) -> Result:
    """Grade a unit, or several, in this process.

    Parameters
    ----------
    thing : class, function, module, path or dict
        What to grade: a class or function, matched to a unit by its name; a module or path, as for
        `--impl`; or a dict of units by name.
    unit : str, optional
        Which unit a class or function is, if its name does not say.
    only : str, optional
        An aspect ("backward"), a unit ("ReLU") or a requirement ("CONV2D-24").
    profile : str
        Which requirements to check: "core", "extended", "full", a course's or a .toml file, as for
        `--profile`. A unit or requirement that is named is checked in any of the first three.
    style : str
        The interface of the code that a module or path names, as for `--style`.
    lang : str
        The language of the report, as for `--lang`: "en" or "zh".

    Returns
    -------
    Result
        True or false; printed, it is the report.

    Raises
    ------
    ValueError
        If it is neither a unit nor a file, could not be that unit, `only` is none of the three, or
        the profile, style or language is unknown, or the profile does not ask for it.

    Examples
    --------
    >>> check(Conv2D)                                        # doctest: +SKIP
    >>> check(MyConvolution, unit="Conv2D", only="forward")  # doctest: +SKIP
    """
    if lang not in language.LANGUAGES:
        raise ValueError(f"check: lang={lang!r}: expected {' or '.join(language.LANGUAGES)}")
    plan, golden = _planned(profile)
    implementation, given = _implementation(thing, unit, style, plan.style)
    graded = _graded(implementation, golden, _wanted(given, only, profile, plan), plan)
    return Result(graded, lang)


def parser() -> Parser:
    """Return what reads the command line of `cnn-conformance check`."""
    made = Parser("check", "Check one unit, aspect or requirement of your own code, quickly.")
    made.add_argument("path", metavar="PATH", help="your code, as for grade")
    made.add_argument("only", nargs="?", metavar="WHAT", help="relu, backward, CONV2D-24, ...")
    made.add_argument("--profile", metavar="NAME", default="core", help=profiles.HELP)
    made.add_argument("--style", default="", metavar="NAME", help=styles.HELP)
    made.add_argument("--full", action="store_true", help="show every failure")
    language.add_option(made.add_argument)
    return made


def main(argv: Sequence[str]) -> int:
    """Check; return 0 if everything passed, 1 if not, 2 for wrong usage."""
    asked = parser().parse_args(argv)
    known = tuple(units.UNITS)
    try:
        styles.request(asked.style)
        target = targets.known(asked.path)
        plan, golden = _planned(asked.profile)
        wanted = _wanted(known, asked.only, asked.profile, plan)
        implementation = Implementation(
            target, known, "process", style=asked.style, usual_style=plan.style
        )
        implementation = automatic.adapted(implementation, None)
        document = _graded(implementation, golden, wanted, plan)
    except (targets.NoTarget, styles.NoStyle, ValueError) as error:
        print(f"error: {phrases.cleaned(str(error))}", file=sys.stderr)
        return 2
    again = f"cnn-conformance grade {shlex.quote(target)}"
    with language.speaking(asked.lang):
        text = terminal.render(document, style_for(sys.stdout), again, full=asked.full)
        phrases.say(f"{text}{t(NOT_A_GRADE)}\n")
    return 0 if Result(document) else 1


def _planned(profile: str) -> tuple[profiles.Plan, Fixtures | None]:
    """Return what a profile asks for, and its golden data where they are not the kit's own."""
    try:
        plan = profiles.plan(profile)
        return plan, Fixtures(GOLDEN, plan.dialect) if plan.dialect.conventions else None
    except (rubric.BadRubric, BadFixtures) as error:
        raise ValueError(f"check: profile={profile!r}: {error}") from None


def _wanted(
    given: tuple[str, ...], only: str | None, profile: str, plan: profiles.Plan
) -> list[str]:
    """Return the ids of the requirements to check."""
    if plan.course is None:
        return _selected(given, only, specification.of_profile(profile))
    known = specification.requirements()
    ids = _selected(given, only, {id_: known[id_] for id_ in plan.worth}, closed=True)
    if not ids:
        raise ValueError(f"check: the profile {profile} does not ask for {', '.join(given)}")
    return ids


def _graded(
    implementation: Implementation, golden: Fixtures | None, ids: list[str], plan: profiles.Plan
) -> dict[str, Any]:
    """Return the result document of some requirements."""
    worth = plan.worth
    if not set(ids) <= set(worth):  # what is named is checked in any profile
        worth = rubric.points(profile=specification.least_profile([*ids, *worth]))
    part = None if set(ids) == set(worth) else ids
    graded = session.grade(implementation, golden, worth, part, course=plan.course, run=_run)
    assert graded is not None  # nothing ends it
    return graded


def _run(running: session.Session, key: str) -> bool:
    """Run a check; what the code prints meanwhile is kept for its failure."""
    prints = io.StringIO()
    with contextlib.redirect_stdout(prints), contextlib.redirect_stderr(prints):
        result = running.run(key)
    if result.finding is not None and result.finding.type == "KeyboardInterrupt":
        raise KeyboardInterrupt  # it was meant for us
    if result.outcome in WRONG:
        running.results[key] = replace(result, prints=prints.getvalue()[-MOST_PRINTS:])
    return True


def _implementation(
    thing: object, unit: str | None, style: str, usual_style: str
) -> tuple[Implementation, tuple[str, ...]]:
    """Return an implementation in this process, and the units to grade."""
    known = tuple(units.UNITS)
    styles.request(style, drafts=isinstance(thing, (str, Path)))
    if unit is not None and isinstance(thing, (str, Path, ModuleType, Mapping)):
        raise ValueError(
            f"check: unit={unit!r} says what a class or function is; of a module, a path or a dict "
            f"check one unit with only={unit!r}"
        )
    if isinstance(thing, (str, Path)):
        _demand_there(thing)
        _forget(str(thing))
        made = Implementation(str(thing), known, "none", style=style, usual_style=usual_style)
        return automatic.adapted(made, None), known
    if isinstance(thing, ModuleType):
        loaded = styles.of_module(thing, known, styles.request(style) or styles.usual(usual_style))
        made = _of(dict(loaded.units), thing.__name__)
        made.style = loaded.style.name if loaded.style else style
        return made, known
    if isinstance(thing, Mapping):
        if not thing:
            raise ValueError('check: the dict is empty: expected units by name, {"ReLU": ReLU}')
        for name, each in thing.items():
            _demand_unit(str(name), "a key of the dict: ")
            _demand_kind(str(name), each)
        return _of(dict(thing), ", ".join(map(str, thing))), _with_network(thing)
    if not callable(thing):
        own = type(thing).__name__
        if hasattr(thing, "forward") or hasattr(thing, "step"):
            raise ValueError(f"check: expected a class, got an object: say {own}, not {own}(...)")
        got = "None" if thing is None else f"an object of type {own}"
        raise ValueError(f"check: expected a class, function, module, path or dict, got {got}")
    own = str(getattr(thing, "__name__", type(thing).__name__))
    name = own if unit is None else unit
    _demand_unit(name)
    _demand_kind(name, thing)
    return _of({name: thing}, own), (name,)


def _demand_there(target: str | Path) -> None:
    """Refuse what is no file, no folder and no module."""
    if str(target) in sys.modules:  # however it has come there
        return
    try:
        targets.known(str(target))
    except targets.NoTarget as error:
        raise ValueError(f"check: {error}") from None


def _of(made: dict[str, object], label: str) -> Implementation:
    return Implementation(label, tuple(units.UNITS), "none", objects=made)


def _with_network(given: Collection[Any]) -> tuple[str, ...]:
    """Return units in the order of SPEC.md, with the network if all of its parts are there."""
    cases = fixtures(GOLDEN).unit("network").cases.values()
    core = specification.of_profile("core")
    asked = [case for case in cases if set(case.requirement.values()) <= set(core)]
    needed = set().union(*(networks.parts(case) for case in asked))
    whole = needed | {units.SEQUENTIAL, *units.LOOPS} <= set(given)
    return tuple(u for u in units.UNITS if u in given or (whole and u == units.NETWORK))


def _demand_unit(name: str, where: str = "") -> None:
    if name not in units.EXPORTED:
        near = units.nearest(name, units.EXPORTED)
        how = "Then say so" if near else ". If it is one of them, say which"
        raise ValueError(
            f"check: {where}{units.unknown(name, units.EXPORTED)}{' ' * bool(near)}{how}: "
            f'check(..., unit="{near or units.EXPORTED[0]}")'
        )


def _demand_kind(name: str, thing: object) -> None:
    """Refuse what no check of a unit could use at all."""
    if why := wrong_kind.said(name, thing):
        raise ValueError(f"check: {why}")


def _selected(
    given: Collection[str],
    only: str | None,
    asked: Mapping[str, specification.Requirement],
    closed: bool = False,
) -> list[str]:
    """Return the ids of the requirements to check.

    Parameters
    ----------
    given : collection of str
        The units that are there.
    only : str, optional
        What of them to check.
    asked : mapping
        The requirements of the profile.
    closed : bool
        Whether nothing else can be checked, even if it is named.
    """
    reached = {r.unit for r in asked.values()}
    named = only.strip().upper() if only else ""
    whole = len(given) == len(units.UNITS)
    requirements = [
        r
        for r in specification.requirements().values()
        if r.unit in given
        and (
            r.id in asked
            or (not closed and (r.id == named or (r.unit not in reached and not whole)))
        )
    ]
    if only is None:
        return [r.id for r in requirements]
    wanted = only.strip().lower()
    found = [r.id for r in requirements if wanted in (r.id.lower(), r.unit.lower(), r.aspect)]
    if not found:
        raise ValueError(
            f"check: only={only!r} names no aspect ({', '.join(specification.ASPECTS)}), unit or "
            f"requirement of {', '.join(given)}"
        )
    return found


def _forget(target: str) -> None:
    """Forget the modules of an implementation, so that it is read anew after a change."""
    path = Path(target)
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name.split(".")[0] == "conformance" or not file:
            continue
        if path.exists():
            stale = _belongs(Path(file), path.resolve())
        else:
            stale = name == target or name.startswith(f"{target}.")
        if stale:
            del sys.modules[name]
    importlib.invalidate_caches()


def _belongs(file: Path, path: Path) -> bool:
    """Tell whether a module's file is an implementation's, or a neighbour of its only file."""
    if path.is_dir():
        return path in file.parents and "site-packages" not in file.parts
    return file.parent == path.parent
