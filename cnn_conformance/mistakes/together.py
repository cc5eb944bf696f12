"""Several mistakes of one unit in the same code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cnn_conformance.mistakes import edits
from cnn_conformance.mistakes.catalogue import Mistake
from cnn_conformance.oracle import specification
from cnn_conformance.reference import clear


def together(parts: Sequence[Mistake]) -> Mistake:
    """Return a mistake that is several at once.

    Parameters
    ----------
    parts : sequence of Mistake
        Mistakes of one unit.

    Raises
    ------
    BadEdit
        If two change the same lines, or have a number of the author's choice each, or if one is
        made in a way that cannot be put together with others.
    """
    unit, name = parts[0].unit, " and ".join(part.name for part in parts)
    needs = tuple(dict.fromkeys(edit for part in parts for edit in part.needs))
    changes = tuple(edit for part in parts for edit in part.edits)
    constants = [part.constant for part in parts if part.constant is not None]
    if len(constants) > 1:
        raise edits.BadEdit(f"{unit}: {name}: more than one number to choose")
    mixins = [_mixin(part) for part in parts if not part.edits]
    edits.source(unit, needs + changes)

    def make(constant: float | None) -> Mapping[str, object]:
        made = getattr(clear, unit)
        if changes:
            made = edits.edited(unit, name, needs + changes, constant)
        for mixin in mixins:
            assert isinstance(made, type)
            made = type(name, (mixin, made), {})
        return {unit: made}

    lost = {id_ for part in parts for id_ in part.loses}
    return Mistake(
        name=name,
        unit=unit,
        loses=tuple(id_ for id_ in specification.requirements() if id_ in lost),
        said=" ".join(part.said for part in parts),
        asks=" ".join(part.asks for part in parts),
        look=" ".join(part.look for part in parts),
        is_a_convention=False,
        edits=changes,
        constant=constants[0] if constants else None,
        make=make,
        needs=needs,
    )


def _mixin(part: Mistake) -> type:
    """Return what a mistake without edits puts before the class of a unit."""
    made = part.replaces[part.unit]
    assert isinstance(made, type)
    before, *of_unit = made.__bases__
    if not of_unit:
        raise edits.BadEdit(f"{part.unit}: {part.name}: is kept on the class")
    return before
