"""The search for an adapter: what the code may have of each unit, tried one after another.

Names and signatures are read here; everything else happens in the sandbox, `probe`, and what comes
from there is looked at before it is written anywhere: texts of calls have to be those that were
sent.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cnn_conformance import units
from cnn_conformance.adapt import blocks, hypotheses, loops, protocol, source
from cnn_conformance.adapt.candidates import Candidate, with_methods
from cnn_conformance.adapt.plan import Plan
from cnn_conformance.adapt.recurrent import ORDERS
from cnn_conformance.adapt.source import Definition
from cnn_conformance.adapt.updating import NEW
from cnn_conformance.implementation.limits import Limits
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.implementation.transport import GraderLimit, start
from cnn_conformance.outcomes import NotPassed

PROBE = "cnn_conformance.adapt.probe"
SECONDS = 10.0
SECONDS_EACH = 8.0
"""Seconds of computing for one candidate, with the import of its files."""
MAX_CANDIDATES = 4
MAX_NOTES, MAX_NOTE = 8, 400
BY_NAMES = 1.0
"""The stage of a unit that is known by its names only: no call of it has worked."""
PLACE = re.compile(r"(layer|returned)(\.\w+|\['[^'\\]*'\]|\[-?\d+\]|\[\*\])*|change|")
LAYOUT = re.compile(r"[A-Z1()]{0,12}")
FLAGS = (
    "made_for_shape",
    "made_for_call",
    "averages",
    "adds_up",
    "one_channel",
    "keeps_size",
    "square_only",
    "by_sample",
    "only_training",
    "only_rows",
    "averaged",
    "in_columns",
    "by_step",
)
PLACES = ("output", "cell", "dx", "dh", "dc", "value", "gradient", "losses", "accuracies")
TAKEN = ("number", "pair", "name", "flag", "any", "")


Explore = Callable[[Path, Candidate, list[str]], dict[str, Any]]


@dataclass
class Found:
    """What was found of one unit.

    Parameters
    ----------
    plan : Plan
        How it is used.
    stage : float
        2 if forward and backward work, 1.5 if forward does, 1 if it is known by its names only.
    """

    plan: Plan
    stage: float


@dataclass
class Result:
    """What was found in a folder or a file.

    Parameters
    ----------
    found : list of Found
        The units, in the order of the specification.
    missing : dict
        For units of which something was found that is no such unit, why not.
    seconds : float
        How long that took.
    """

    found: list[Found] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


class Explorer(Implementation):
    """A worker in which nothing is loaded until it is tried."""

    def _load(self) -> None:
        if self._failure is not None:
            raise self._failure
        try:
            self.account.open()
            self._transport = start(self._sandbox(), self.limits, None)
        except GraderLimit as error:
            raise self._blameless(error) from None

    def explore(self, root: Path, candidate: Candidate, likely: list[str]) -> dict[str, Any]:
        """Try a candidate.

        Raises
        ------
        NotPassed
            If that took too long, or the worker ended.
        """
        self.begin(candidate.unit)
        pieces = self._ask(
            "explore",
            timeout=SECONDS_EACH,
            by=PROBE,
            root=str(root),
            candidate=json.dumps(asdict(candidate)),
            likely=likely,
        )
        answer = json.loads("".join(str(piece) for piece in pieces))
        if not isinstance(answer, dict):
            raise ValueError("no dict")
        return answer


def search(
    path: Path,
    isolation: str = "process",
    hidden: tuple[Path, ...] = (),
    without: Collection[str] = (),
    found: list[Definition] | None = None,
    likely: Collection[str] = (),
) -> Result:
    """Look for the units of the specification in code with an interface of its own.

    Parameters
    ----------
    path : Path
        A folder or a file.
    isolation : str
        How the worker is confined.
    hidden : tuple of Path
        What it must not see.
    without : collection of str
        Units that need not be looked for.
    found : list of Definition, optional
        What is defined there, if that is known.
    likely : collection of str
        Orders of axes that units have which need not be looked for.
    """
    explorer = Explorer(str(path), (), isolation, Limits(run=4 * SECONDS), hidden=hidden)
    try:
        return search_with(explorer.explore, path, without, found, likely)
    finally:
        explorer.end()


def search_with(
    explore: Explore,
    path: Path,
    without: Collection[str] = (),
    found: list[Definition] | None = None,
    layouts: Collection[str] = (),
) -> Result:
    """Look for the units: see `search`.

    Parameters
    ----------
    explore : callable
        Tries a candidate in the code, given layouts that are likely; returns the worker's answer.
    path : Path
        The code.
    without : collection of str
        Units that need not be looked for.
    found : list of Definition, optional
        What is defined there, if that is known.
    layouts : collection of str
        Orders of axes that are likely.
    """
    begin = time.monotonic()
    result = Result()
    known = found if found is not None else source.inventory(path.resolve())
    inventory = with_methods(blocks.resolved(known))
    protocol.note(inventory)
    likely = list(layouts)
    looked_for = [*source.vocabulary()["units"], *loops.UNITS]
    for unit in (name for name in looked_for if name not in without):
        try:
            known_plans = {f.plan.unit: f.plan for f in result.found if f.stage >= 2}
            possible = hypotheses.candidates(unit, inventory, known_plans)
        except Exception as error:  # of whatever kind: one unit of a stranger's source
            result.missing[unit] = f"reading its source failed ({type(error).__name__}: {error})"
            continue
        if possible and time.monotonic() - begin > SECONDS:
            result.missing[unit] = "the time was used up"
            continue
        if best := _best(explore, path.resolve(), possible, likely, result):
            result.found.append(best)
            layout = best.plan.facts.get("x", "")
            if best.stage > 1 and layout and layout not in likely:
                likely.append(layout)
    _of_one_shape(result)
    result.seconds = time.monotonic() - begin
    return result


def _of_one_shape(result: Result) -> None:
    """Leave out a normalization of images that takes features only."""
    found = {each.plan.unit: each for each in result.found}
    images, features = found.get("BatchNorm2D"), found.get("BatchNorm1D")
    if images and features and images.plan.what == features.plan.what:
        other = images if images.stage < features.stage else features
        if images.stage != features.stage:
            result.found.remove(other)
            why = other.plan.questions[0] if other.plan.questions else ""
            result.missing[other.plan.unit] = f"{other.plan.what}: {why}"


def _best(
    explore: Explore, root: Path, possible: list[Candidate], likely: list[str], result: Result
) -> Found | None:
    """Return what fits best of the candidates for a unit."""
    best: Found | None = None
    for candidate in possible[:MAX_CANDIDATES]:
        try:
            answer = explore(root, candidate, likely)
            problem = line(answer.get("problem", ""))
            plan = checked(answer.get("plan"), candidate)
            stage = float(answer.get("stage", 0))
        except NotPassed as failure:
            problem, plan, stage = failure.message, None, 0.0
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            problem, plan, stage = f"its answer makes no sense ({error})", None, 0.0
        if not candidate.is_named and stage < 2:
            continue
        if plan is None:
            result.missing.setdefault(candidate.unit, f"{candidate.what}: {problem}")
        elif best is None or stage > best.stage:
            if best is not None:
                why = next(iter(best.plan.questions), "less of it works")
                plan.questions.append(
                    f"{best.plan.what} comes first, but {line(why)}: which of the two is meant?"
                )
            best = Found(plan, stage)
        if stage >= 2:
            break
    if best is not None:
        result.missing.pop(best.plan.unit, None)
        others = [c.what for c in possible if c.what != best.plan.what]
        best.plan.rivals += others[: MAX_NOTES - len(best.plan.rivals)]
    return best


def checked(answer: Any, candidate: Candidate) -> Plan | None:
    """Return a plan from the worker, whose calls are those of its candidate and nothing else.

    Raises
    ------
    ValueError
        If it is not.
    """
    if answer is None:
        return None
    plan = Plan(candidate.unit, candidate.what, dict(candidate.files), candidate.names)
    backs = [*candidate.backs, *(f"({candidate.reset}, {back})[1]" for back in candidate.backs)]
    backs += ["self.at.returned", ""]
    plan.make = _one_of(answer["make"], [make["text"] for make in candidate.makes])
    plan.run, plan.back = _one_of(answer["run"], candidate.runs), _one_of(answer["back"], backs)
    plan.steps = _one_of(answer["steps"], candidate.steps)
    facts = answer["facts"]
    if plan.unit in units.LOOPS:
        plan.facts |= {name: value for form in candidate.forms for name, value in form.items()}
    elif candidate.forms:
        _optimizer(plan, facts, candidate)
    plan.facts |= {"calls": dict(candidate.calls)} if candidate.calls else {}
    for name in ("x", "y"):
        plan.facts[name] = _match(LAYOUT, facts.get(name, ""))
    for name in PLACES:
        if name in facts:
            plan.facts[name] = _match(PLACE, facts[name])
    for name in FLAGS:
        plan.facts[name] = facts.get(name) is True
    plan.facts["only_kernel"] = _one_of(facts.get("only_kernel", 0), [0, 2, 3])
    plan.facts["reduction_taken"] = _one_of(facts.get("reduction_taken", "mean"), ["mean", "sum"])
    if "targets" in facts:
        plan.facts["targets"] = _one_of(facts["targets"], ["labels", "one-hot", ""])
    known = [make["takes"] for make in candidate.makes]
    taken = facts.get("takes", {})
    allowed = {name for takes in known for name in takes}
    plan.facts["takes"] = {
        _one_of(name, sorted(allowed)): _one_of(how, list(TAKEN)) for name, how in taken.items()
    }
    plan.facts["parameters"] = {
        _one_of(name, ["weight", "bias"]): (
            _match(LAYOUT, layout),
            _match(PLACE, at),
            _match(PLACE, gradient),
        )
        for name, (layout, at, gradient) in (facts.get("parameters") or {}).items()
    }
    plan.facts["running"] = {
        _one_of(name, ["running_mean", "running_var"]): (_match(LAYOUT, layout), _match(PLACE, at))
        for name, (layout, at, _) in (facts.get("running") or {}).items()
    }
    plan.facts["gates"] = {
        at: _gates(at, row, candidate) for at, row in facts.get("gates", {}).items()
    }
    if facts.get("mode"):
        told = {"mode": facts["mode"], "modes": tuple(facts["modes"])}
        plan.facts |= _one_of(told, candidate.modes)
    plan.evidence = {str(name): line(text) for name, text in answer["evidence"].items()}
    plan.questions = [line(text) for text in answer["questions"][:MAX_NOTES]]
    plan.rivals = [line(text) for text in answer["rivals"][:MAX_NOTES]]
    return plan


def _gates(at: str, row: Any, candidate: Candidate) -> tuple[str, str, str, str]:
    """Return a row of gates: where they are, and what they weigh, in letters."""
    layout, own, of, gradient = row
    if at not in candidate.handed:
        _match(PLACE, at)
    return (
        _one_of(layout, ["GC", "CG", "G", "G1", "1G"]),
        _match(re.compile(f"[{ORDERS[candidate.unit]}]{{1,4}}"), own),
        _one_of(of, ["x", "h", "hx", "xh", "b", "bx", "bh"]),
        _match(PLACE, gradient),
    )


def _optimizer(plan: Plan, facts: dict[str, Any], candidate: Candidate) -> None:
    """Take over how parameters are handed to an optimizer."""
    form = {
        k: facts[k] for k in ("holds", "also", "gradient_key", "numbered", "layer") if k in facts
    }
    form |= {"numbered": tuple(form["numbered"])} if "numbered" in form else {}
    plan.facts |= _one_of(form, candidate.forms)
    plan.facts["new"] = _one_of(facts["new"], list(NEW))
    plan.facts["made_with_parameters"] = facts.get("made_with_parameters") is True


def _one_of(value: Any, known: list[Any]) -> Any:
    if value not in known:
        raise ValueError(f"{value!r} was not asked for")
    return value


def _match(pattern: re.Pattern[str], value: Any) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"{value!r} is neither an order of axes nor a place")
    return value


def line(text: Any) -> str:
    """Return a text from the worker as part of a comment: one line, printable, not too long."""
    shown = "".join(c if c.isprintable() else " " for c in str(text)[:MAX_NOTE])
    return re.sub(r"\s+", " ", shown).strip()


def assumptions(result: Result) -> Iterator[str]:
    """Yield what is assumed or open, and what could not be drafted, for a report."""
    for found in result.found:
        plan = found.plan
        layout = f", {plan.facts['x']}" if plan.facts.get("x") else ""
        yield f"{plan.unit}: {plan.what}{layout}"
        yield from (f"{plan.unit}: {question}" for question in plan.questions)
    yield from (f"{unit} is not graded: {why}" for unit, why in result.missing.items())
