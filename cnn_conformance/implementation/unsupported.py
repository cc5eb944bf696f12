"""Arguments that a unit does not know: telling what is not offered from what is wrong."""

from __future__ import annotations

from typing import Any

from cnn_conformance import units
from cnn_conformance.findings import Finding
from cnn_conformance.oracle import specification
from cnn_conformance.outcomes import NotPassed, Outcome, Raised

MAKES_OR_CALLS = ("create", "function")


def unsupported(raised: Raised, request: dict[str, Any]) -> NotPassed | None:
    """Return UNSUPPORTED where a constructor or a function does not know an option's name."""
    if request["do"] not in MAKES_OR_CALLS or raised.types[0] != "TypeError":
        return None
    for name in request["options"]:
        unknown = f"unexpected keyword argument '{name}'" in raised.text
        if unknown and is_option(request["unit"], name):
            return NotPassed(Outcome.UNSUPPORTED, Finding("not offered", name=name))
    return None


def signature(raised: Raised, request: dict[str, Any]) -> str:
    """Return the specification's signature where a unit did not take the arguments; or nothing.

    That a call was refused before a line of the code ran is seen by the traceback, which has none.
    """
    is_call = request["do"] in MAKES_OR_CALLS and raised.types[0] == "TypeError"
    return specification.signature(request["unit"]) if is_call and not raised.traceback else ""


def is_option(unit: str, argument: str) -> bool:
    """Tell whether SPEC.md lists an argument, or one of its values, among a unit's options."""
    values = units.of(unit).arguments.get(argument, ())
    ways = {argument, *(f"{argument}=False" if v is False else f'"{v}"' for v in values)}
    return bool(ways & specification.options().get(unit, {}).keys())
