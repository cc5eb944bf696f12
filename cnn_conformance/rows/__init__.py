"""One row a unit, in the order of SPEC.md: what the kit knows of it. `units` has the queries.

There is a file for each profile, whose rows are those of the units that it adds.
"""

from __future__ import annotations

from dataclasses import replace

from cnn_conformance.rows import core, extended, full

ROWS = (
    *core.ROWS,
    *(replace(row, profile="extended") for row in extended.ROWS),
    *(replace(row, profile="full") for row in full.ROWS),
    core.NETWORK,
)
