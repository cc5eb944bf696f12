"""What checks talk to: an implementation whose layers, losses and functions live elsewhere.

    layer = implementation.layer("Conv2D", [2, 3, 3], {"bias": False})
    layer.set_params({"weight": weight})
    y = layer.forward(x)

Every call returns plain arrays and numbers, or raises `NotPassed` with the outcome.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.findings import Finding
from cnn_conformance.implementation import imports, missing_modules, styles
from cnn_conformance.implementation.account import OUT_OF_MEMORY, USED_UP, Account
from cnn_conformance.implementation.handles import Layer, Remote, as_argument
from cnn_conformance.implementation.limits import Limits
from cnn_conformance.implementation.sandbox import CONFINED, Sandbox
from cnn_conformance.implementation.tape import Tape
from cnn_conformance.implementation.transport import GraderLimit, Transport, start
from cnn_conformance.implementation.unsupported import signature, unsupported
from cnn_conformance.implementation.values import name_of
from cnn_conformance.outcomes import NotPassed, Outcome, Raised, failed

SECONDS_TO_NAME_MODULES = 1.0
"""Seconds for an answer that does without the implementation."""
MAX_PROBLEMS, MAX_KINDS = 20, 20


@dataclass(frozen=True)
class Seen:
    """What a process has shown of the code under test.

    Parameters
    ----------
    account : Account
        What it has used up.
    modules : set of str
        The modules that were loaded.
    left_out : dict
        By unit, the arguments that it refuses even with their defaults.
    """

    account: Account
    modules: set[str]
    left_out: dict[str, set[str]]


@dataclass
class Implementation:
    """The code under test.

    Parameters
    ----------
    target : str
        What `--impl` names.
    names : sequence of str
        The units to look for.
    isolation : {"bwrap", "landlock", "process", "none"}
        Where it runs; `sandbox.choose` tells what this machine has.
    limits : Limits
        What it may use.
    objects : mapping, optional
        The units themselves, by name, for code that is loaded already; only with isolation "none".
    policy : Policy, optional
        What it may import: anything, and nothing is noticed, unless given.
    hidden : tuple of Path
        What it must not see where it lies beside or within the code: golden data, rubrics, results.
    tells_places : bool
        Whether a module that it cannot import may be said to exist: to those whose machine it is.
    style : str
        What `--style` says: the style through which it is graded, "none", or nothing. Then it is
        what was found, nothing where the units are exported by the specification's names.
    usual_style : str
        The style that a course's students have: see `styles.usual`.
    tape : Tape, optional
        Where all requests and replies are written down, for who wants to show them.
    """

    target: str
    names: Sequence[str]
    isolation: str = "process"
    limits: Limits = field(default_factory=Limits)
    objects: Mapping[str, object] | None = None
    memo: dict[Any, Any] = field(default_factory=dict)
    policy: imports.Policy | None = None
    hidden: tuple[Path, ...] = ()
    tells_places: bool = False
    style: str = ""
    usual_style: str = ""
    tape: Tape | None = None

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._transport: Transport | None = None
        self.account = Account(self.limits)
        self.grader_problem = ""
        self._failure: NotPassed | None = None
        self._begins = False
        self._first: list[dict[str, object]] = []
        self.unit = ""
        self.units: frozenset[str] = frozenset()
        self.problems: list[str] = []
        self.notes: list[str] = []
        """What of a notebook was left out."""
        self.left_out: dict[str, set[str]] = {}
        """By unit, the arguments that it refuses even with their defaults: they are left out."""
        self.assumptions: tuple[str, ...] = ()
        self.guessed: frozenset[str] = frozenset()
        """Units that a draft calls as their names say, since no call of them has worked."""
        self._modules: set[str] = set()
        self._asked_style = styles.request(self.style)
        self.found_style = ""  # one that nobody asked for
        self._load()

    def begin(self, unit: str) -> None:
        """Start a new case of a unit: nothing of the last one is left but what the code keeps."""
        self.unit = unit
        self.account.require_patience(unit)
        if self._transport is None:
            self._load()
        if self._transport is not None:
            self._transport.forget_prints()
        self._begins = True
        self._first.clear()

    def prints(self) -> str:
        """Return what the implementation has printed since the case began."""
        return self._transport.prints() if self._transport else ""

    def layer(self, unit: str, args: Sequence[Any], options: dict[str, Any]) -> Layer:
        """Make an instance of a layer, a loss, an optimizer or a container."""
        layer, request = self._layer(unit, args, options)
        self._ask("create", layer.number, **request)
        return layer

    def layer_later(self, unit: str, args: Sequence[Any], options: dict[str, Any]) -> Layer:
        """Make an instance together with whatever is asked next; that tells if it cannot be."""
        layer, request = self._layer(unit, args, options)
        self._later("create", layer.number, **request)
        return layer

    def _layer(
        self, unit: str, args: Sequence[Any], options: dict[str, Any]
    ) -> tuple[Layer, dict[str, Any]]:
        self.require(unit)
        fixed = self.left_out.get(unit, ())
        options = {
            name: value
            for name, value in options.items()
            if name not in fixed or not units.of(unit).is_default(name, value)
        }
        request = {"unit": unit, "args": [as_argument(v) for v in args], "options": options}
        return Layer(self, next(self._numbers), unit), request

    def probe(self, name: str, *args: Any) -> Layer:
        """Make one of the suite's own parts, beside the implementation."""
        number = next(self._numbers)
        self._later("probe", number, name=name, args=[as_argument(value) for value in args])
        return Layer(self, number, name)

    def function(self, unit: str, *args: Any, **options: Any) -> Any:
        """Call one of the implementation's functions."""
        return self._function(None, unit, args, options)

    def function_and_handle(self, unit: str, *args: Any, **options: Any) -> tuple[Any, Remote]:
        """Call one of the implementation's functions; return its result and a handle on it."""
        number = next(self._numbers)
        return self._function(number, unit, args, options), Remote(self, number)

    def _function(
        self, number: int | None, unit: str, args: Sequence[Any], options: Mapping[str, Any]
    ) -> Any:
        self.require(unit)
        return self._ask(
            "function",
            number,
            unit=unit,
            args=[as_argument(value) for value in args],
            options={name: as_argument(value) for name, value in options.items()},
        )

    def merged(self, layers: Sequence[Remote], attribute: str) -> Remote:
        """Make one dict of the layers' `params` or `grads`, keyed as in `Sequential`."""
        number = next(self._numbers)
        self._later("merged", number, targets=as_argument(list(layers)), attribute=attribute)
        return Remote(self, number)

    def put(self, array: Array, layout: str = "C") -> Remote:
        """Keep an array on the other side, in some memory layout."""
        number = next(self._numbers)
        self._later("put", number, array=array, layout=layout)
        return Remote(self, number)

    def require(self, unit: str) -> None:
        """Raise MISSING where the implementation does not export a unit."""
        if self.grader_problem and self._failure is not None:
            raise self._failure
        if unit not in self.units:
            finding = Finding("missing", unit=unit, problems=tuple(self.problems))
            raise NotPassed(Outcome.MISSING, finding)

    def imports(self) -> list[dict[str, str]]:
        """Return what is to be said of what it imports; complete after its end."""
        if self.policy is None or self.objects is not None:
            return []
        return imports.noticed(self.policy, self.target, sorted(self._modules))

    def twin(self) -> Implementation:
        """Return the same code in a process of its own, where nothing has run yet."""
        return replace(self, style="" if self.found_style else self.style, memo={})

    def seen(self) -> Seen:
        """Return what was seen of the code so far, apart from the results of checks."""
        return Seen(self.account, self._modules, self.left_out)

    def add(self, seen: Seen) -> None:
        """Add what was seen of the code in another process."""
        self.account.add(seen.account)
        self._modules |= seen.modules
        self.left_out |= seen.left_out

    def end(self) -> None:
        """End the process of the implementation."""
        self._look_at_modules()
        if self._transport is not None:
            self.account.count(self._transport)
            self._transport.end()
            self._transport = None

    def _look_at_modules(self) -> None:
        """Ask which modules are loaded by now; an answer that makes no sense is left alone."""
        if self.policy is None or self.isolation == "none" or self._transport is None:
            return
        with contextlib.suppress(NotPassed):
            names = self._ask("loaded", timeout=SECONDS_TO_NAME_MODULES)
            if isinstance(names, list):
                own = Path(self.target).stem
                names = [name for name in names if isinstance(name, str)]
                self._modules |= {name for name in names if name.partition(".")[0] != own}

    def _load(self) -> None:
        """Start a process and import the implementation there."""
        if self._failure is not None:
            raise self._failure
        try:
            self.account.open()
            self._transport = start(self._sandbox(), self.limits, self.objects)
            path = Path(self.target)
            target = str(path.resolve()) if path.exists() else self.target
            asked: dict[str, Any] = {"target": target, "names": self.names}
            if self.policy is not None and self.isolation != "none":  # nor could it be undone
                asked["forbidden"] = imports.refused(self.policy, self.target)
            if self._asked_style:
                asked["style"] = self._asked_style
            elif self.usual_style:
                asked["style"] = styles.usual(self.usual_style)
            loaded = self._ask("load", timeout=self.limits.load, **asked)
            if not isinstance(loaded, dict):
                raise failed("answer to load", got=name_of(loaded))
            units, problems = loaded.get("units"), loaded.get("problems")
            if not (isinstance(units, list) and isinstance(problems, list)):
                raise failed("answer without units")
            told = {unit for unit in units if isinstance(unit, str)}
            self.units = frozenset(unit for unit in self.names if unit in told)
            self.problems = [str(problem) for problem in problems[:MAX_PROBLEMS]]
            notes = loaded.get("notes")
            self.notes = [str(n) for n in notes[:MAX_PROBLEMS]] if isinstance(notes, list) else []
            took = str(self._asked_style.get("name") or loaded.get("style"))
            self.style = took if self._asked_style or took in styles.names() else ""
            self.found_style = self.style if not self._asked_style else ""
            if self.tells_places and self.isolation in CONFINED:
                looked = loaded.get("looked")
                looked = [str(entry) for entry in looked] if isinstance(looked, list) else []
                visible = self._sandbox().visible
                self.problems = missing_modules.explain(self.problems, looked, self.target, visible)
        except NotPassed as failure:
            if failure is not self._failure:
                cause = failure.finding
                failure.finding = Finding("importing", target=self.target, cause=cause)
            self.problems = [failure.message]
            self._failure = failure
        except GraderLimit as error:
            self._blameless(error)

    def _blameless(self, error: GraderLimit) -> NotPassed:
        """Return the failure of a grader that could not grade; nothing is tried any more."""
        self.grader_problem = str(error)
        self.problems = [self.grader_problem]
        finding = Finding("grader", problem=self.grader_problem)
        self._failure = NotPassed(Outcome.SUITE_ERROR, finding)
        return self._failure

    def not_enforced(self) -> list[str]:
        """Return what its policy forbids and the level of isolation could not keep it from."""
        is_bound = self.policy is not None and self.objects is None
        return self._sandbox().not_enforced() if is_bound else []

    def _sandbox(self) -> Sandbox:
        return Sandbox(self.isolation, self.target, self.hidden, self.policy or imports.CLOSED)

    def _later(self, do: str, number: int | None = None, **request: Any) -> None:
        """Send a request together with the next one, whose answer is then that of both."""
        self._first.append({"do": do, "number": number, **request})

    def _ask(
        self, do: str, number: int | None = None, timeout: float | None = None, **request: Any
    ) -> Any:
        if self._failure is not None:
            raise self._failure
        self.account.count(self._transport)
        left = self.account.left()
        timeout = timeout or self.limits.call
        if self._transport is None:
            raise NotPassed(Outcome.CRASHED, Finding("ended within"))
        asked: dict[str, object] = {"do": do, "number": number, **request}
        if self._begins:
            asked["begin"], self._begins = True, False
        first, self._first = self._first, []
        if first:
            asked["first"] = first
        timeout *= 1 + sum(request["do"] == "create" for request in first)
        try:
            if self.tape is None:
                reply = self._transport.ask(asked, min(timeout, left))
            else:
                reply = self.tape.ask(self._transport, asked, min(timeout, left))
        except GraderLimit as error:
            self._lose_transport()
            raise self._blameless(error) from None
        except NotPassed as failure:
            failure.prints = self.prints() if failure.prints is None else failure.prints
            if what := USED_UP.get(failure.finding.root().kind):
                self.account.exhaust(self.unit, what)
            if failure.outcome is Outcome.TIMEOUT and timeout > left:
                failure.finding = self.account.used_up
            elif failure.outcome is Outcome.TIMEOUT:
                option = "import-timeout" if do == "load" else "call-timeout"
                failure.finding = Finding("limit", cause=failure.finding, option=option)
            self._lose_transport()
            raise
        if "raised" in reply:
            place: Any = reply.get("place")
            known = isinstance(place, int) and 0 <= place < len(first)
            raise self._raised(reply, first[place] if known else asked)
        return reply["value"]

    def _raised(self, reply: dict[str, Any], asked: dict[str, Any]) -> NotPassed:
        """Return what a reply says that was raised."""
        kinds = reply["raised"][:MAX_KINDS] if isinstance(reply["raised"], list) else []
        types = [kind for kind in kinds if isinstance(kind, str) and kind] or ["Exception"]
        raised = Raised(types, str(reply.get("text")), str(reply.get("traceback")))
        if "MemoryError" in types and self.isolation != "none":
            from cnn_conformance.implementation.rlimits import memory_of_grader

            self.account.exhaust(self.unit, OUT_OF_MEMORY)
            if (allowed := memory_of_grader()) < self.limits.memory:
                limit = f"a limit of {allowed / 2**30:.2g} GiB that the grader has inherited"
                return self._blameless(
                    GraderLimit(f"out of memory under {limit} (ulimit -d or -v), not the suite's")
                )
        if refused := unsupported(raised, asked):
            return refused
        if not self.style and (expected := signature(raised, asked)):
            raised.finding = raised.finding.with_facts(signature=expected)
        return raised

    def _lose_transport(self) -> None:
        self.account.count(self._transport)
        self._transport = None
