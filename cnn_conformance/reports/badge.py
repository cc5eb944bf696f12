"""The points as a badge that shields.io draws.

References
----------
https://shields.io/badges/endpoint-badge
"""

from __future__ import annotations

import json
from typing import Any

from cnn_conformance.reports import phrases

COLOURS = ((1.0, "brightgreen"), (0.9, "green"), (0.7, "yellow"), (0.0, "orange"))


def render(document: dict[str, Any]) -> str:
    """Return the file: it speaks of failures that nobody expects, if there are any."""
    document = phrases.prepared(document)
    badge: dict[str, Any] = {"schemaVersion": 1, "label": "cnn-conformance"}
    unlisted = document.get("expected", {}).get("unlisted", [])
    if document["withheld"]:
        badge |= {"message": "not graded", "color": "lightgrey", "isError": True}
    elif unlisted:
        badge |= {"message": f"{len(unlisted)} unexpected", "color": "red"}
    else:
        share = document["points"] / document["max_points"] if document["max_points"] else 1.0
        colour = next(name for least, name in COLOURS if share >= least)
        badge |= {"message": phrases.percent(document), "color": colour}
    return json.dumps(badge) + "\n"
