"""Arguments that a constructor of the specification was given, under the code's names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

PART = re.compile(r"(?P<rest>1 - )?(?P<name>\w+)(\[(?P<index>\d)\])?")


def as_theirs(given: Mapping[str, Any], theirs: Mapping[str, str]) -> dict[str, Any]:
    """Return those arguments that were given, by the code's names.

    Parameters
    ----------
    given : mapping
        What the constructor was given.
    theirs : mapping
        For each name in the code what it stands for: "lr", "betas[0]", "1 - momentum".

    Raises
    ------
    ValueError
        If that is no argument.
    """
    found = {}
    for name, text in theirs.items():
        match = PART.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is no argument, expected one as in betas[0]")
        if match["name"] in given:
            value = given[match["name"]]
            value = value if match["index"] is None else value[int(match["index"])]
            found[name] = 1 - value if match["rest"] else value
    return found
