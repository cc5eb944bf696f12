"""Telling what is not offered from what is wrong: arguments that a constructor does not know."""

from __future__ import annotations

from typing import Any

from cnn_conformance.findings import Finding
from cnn_conformance.outcomes import NotPassed, Outcome, Raised

EXTENDED_ARGUMENTS = frozenset(
    [
        "dilation",
        "groups",
        "momentum",
        "weight_decay",
        "nesterov",
        "decay",
        "count_include_pad",
        "negative_slope",
        "alpha",
        "eps",
        "rng",
        "nonlinearity",
        "betas",
        "amsgrad",
        "lr_decay",
        "initial_accumulator_value",
        "centered",
    ]
)
"""Arguments that only the extended profile asks for: without them a case is unsupported."""


def unsupported(raised: Raised, request: dict[str, Any]) -> NotPassed | None:
    """Return UNSUPPORTED where a constructor does not know an argument of the extended profile."""
    for name in request["options"] if request["do"] == "create" else ():
        unknown = raised.types[0] == "TypeError" and f"unexpected keyword argument '{name}'"
        if name in EXTENDED_ARGUMENTS and unknown and unknown in raised.text:
            return NotPassed(Outcome.UNSUPPORTED, Finding("not offered", name=name))
    return None
