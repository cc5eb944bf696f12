"""What the kit knows of each unit; every list of units is a query of the rows.

    units.of("Conv2D").window      where the size of its window stands among its arguments
    units.LOSSES                   the names of all losses

`audit` says what a row lacks, and which unit has no row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from cnn_conformance.locations import GOLDEN, PACKAGE, REFERENCE, SUITE
from cnn_conformance.rows import ROWS as ROWS
from cnn_conformance.unit import Unit

UNITS: dict[str, Unit] = {row.name: row for row in ROWS}


def of(name: str) -> Unit:
    """Return what is known of a unit, or of those that share the files of a stem."""
    return UNITS[name] if name in UNITS else next(row for row in ROWS if row.stem == name)


def where(**facts: object) -> tuple[str, ...]:
    """Return the names of the units whose rows have these facts."""
    return tuple(
        row.name for row in ROWS if all(getattr(row, fact) == facts[fact] for fact in facts)
    )


def taught(name: str) -> int:
    """Return when the students' README leads to a unit, or to a stem; those that it leaves out end.

    For sorting: units that are taught together keep the order that they have.
    """
    return of(name).step_taught or len(ROWS)


LAYERS = where(kind="layer", is_random=False)
"""The layers that answer alike every time."""
LEARNING = tuple(row.name for row in ROWS if row.parameters)
WITH_WINDOW = tuple(row.name for row in ROWS if row.window is not None)
WITH_MODES = where(has_modes=True)
LOSSES = where(kind="loss")
OPTIMIZERS = where(kind="optimizer")
ADAPTIVE = where(family="adaptive")
FUNCTIONS = where(kind="function")
WRAPPERS = where(kind="wrapper")
"""What is made of one layer."""
SCHEDULES = where(kind="schedule")
LOOPS = FIT, EVALUATE, PREDICT = where(kind="loop")
(SEQUENTIAL,) = where(kind="container")
(NETWORK,) = where(kind="network")
"""What is judged of all units together; nothing of that name is exported."""
EXPORTED = tuple(row.name for row in ROWS if row.name != NETWORK)
INPUTS = tuple(dict.fromkeys(name for row in ROWS for name in row.inputs))
OUTPUTS = tuple(dict.fromkeys(name for row in ROWS for name in row.outputs))
PARAMETERS = tuple(dict.fromkeys(name for row in ROWS for name in row.parameters))


def called(word: str) -> tuple[str, ...]:
    """Return the units that a word of a command line stands for: a name, or a file of some."""
    wanted = word.lower().removesuffix(".py")
    return tuple(row.name for row in ROWS if wanted in (row.name.lower(), row.stem))


def nearest(name: str, known: Collection[str]) -> str:
    """Return which of the known units was probably meant; empty where none is like it."""
    spelled = {unit.lower(): unit for unit in known}
    close = get_close_matches(name.lower(), spelled, n=1)
    return spelled[close[0]] if close else ""


def unknown(name: str, known: Collection[str]) -> str:
    """Return what to say of a name that is none of the known units."""
    if near := nearest(name, known):
        return f"unknown unit {name!r}; did you mean {near}?"
    return f"unknown unit {name!r}. The units are {', '.join(known)}"


def audit(
    sections: Collection[str], arguments: Mapping[str, Collection[str]] | None = None
) -> Iterator[str]:
    """Yield what is missing, one sentence each.

    Parameters
    ----------
    sections : collection of str
        The units that have requirements in SPEC.md.
    arguments : mapping, optional
        The arguments of their constructors there.
    """
    known = {row.name for row in ROWS}
    for name in sections:
        if name not in known:
            yield f"{name} of SPEC.md has no row in rows/"
    for row in ROWS:
        if row.name not in sections:
            yield f"{row.name} of rows/ has no section with requirements in SPEC.md"
        if row.kind in ("layer", "loss", "optimizer"):
            for argument in (arguments or {}).get(row.name, ()):
                if len(row.arguments.get(argument, ())) < 2:
                    yield f"{row.name} of rows/ has no two values for {argument} of SPEC.md"
        if row.kind in ("layer", "loss") and not row.smoothness:
            yield f"{row.name} of rows/ has no smoothness: gradients cannot be checked"
        if row.profile == "full" and not row.task:
            yield f"{row.name} of rows/ has no task for the students' README"
        for file in _files(row):
            if not file.exists():
                yield f"{row.name} of rows/ has no file {file.parent.name}/{file.name}"


def _files(row: Unit) -> Iterator[Path]:
    """Yield the files that a unit has to have."""
    yield SUITE / f"test_{row.stem}.py"
    yield from (GOLDEN / f"{row.stem}.{kind}" for kind in ("toml", "npz"))
    yield PACKAGE / "mistakes" / f"{row.stem}.toml"
    yield PACKAGE / "docs" / "units" / f"{row.stem}.md"
    if row.name != NETWORK:
        yield REFERENCE / f"{row.stem}.py"
