"""The reference with the conventions of a dialect, and with mistakes on top of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cnn_conformance import units
from cnn_conformance.arrays import Array
from cnn_conformance.mistakes import Mistake, catalogue, edits
from cnn_conformance.oracle.dialect import Convention, Dialect
from cnn_conformance.reference import clear


class MeanGradients:
    """Gradients of parameters are divided by the number of samples."""

    grads: dict[str, Array]

    def backward(self, dout: Array, *more: Array) -> Any:
        """Return what the layer does, and divide what it leaves."""
        dx = super().backward(dout, *more)  # type: ignore[misc]  # of the layer beside it
        self.grads = {name: grad / len(dout) for name, grad in self.grads.items()}
        return dx


MIXINS = {"MeanGradients": MeanGradients}


def with_conventions(
    unit: str,
    conventions: Sequence[Convention],
    more: Sequence[edits.Edit] = (),
    name: str = "dialect",
    constant: float | None = None,
) -> Any:
    """Return a unit of the clear reference that has conventions.

    Parameters
    ----------
    unit : str
        Its name.
    conventions : sequence of Convention
        Those that are declared of it.
    more : sequence of (str, str)
        Edits on top of that, as of a mistake.
    name : str
        What it is called in tracebacks.
    constant : float, optional
        What CONSTANT stands for in these edits.

    Raises
    ------
    BadEdit
        If an edit cannot be made in a source that has the conventions.
    """
    own = [edit for each in conventions for edit in _edits(each)]
    made = getattr(clear, unit)
    if own or more:
        made = edits.edited(unit, name, [*own, *more], constant)
    mixins = [MIXINS[each.row["code"]] for each in conventions if "code" in each.row]
    return type(unit, (*mixins, made), {}) if mixins else made


def implementation(conventions: Sequence[Convention]) -> dict[str, Any]:
    """Return all units of the clear reference, with conventions in those that they are about."""
    return {
        unit: with_conventions(unit, [each for each in conventions if each.unit == unit])
        for unit in units.EXPORTED
    }


def mistakes_of(unit: str, dialect: Dialect) -> Iterator[Mistake]:
    """Yield the known mistakes of a unit, as they are in a dialect.

    Where conventions of the unit are declared, a mistake is one of code that has them; it is left
    out where it cannot be made there. What the specification asks for is another mistake then.
    """
    conventions = dialect.of(unit)
    for mistake in catalogue():
        if mistake.unit == unit:
            if not conventions:
                yield mistake
            elif (made := _in_dialect(mistake, dialect)) is not None:
                yield made
    for each in conventions:
        yield _otherwise(each, [other for other in conventions if other is not each])


def _in_dialect(mistake: Mistake, dialect: Dialect) -> Mistake | None:
    unit, conventions = mistake.unit, dialect.of(mistake.unit)

    def make(constant: float | None) -> Mapping[str, object]:
        if mistake.edits:
            more = [*mistake.needs, *mistake.edits]
            return {unit: with_conventions(unit, conventions, more, mistake.name, constant)}
        wrong: Any = mistake.replaces[unit]
        own = {key: value for key, value in vars(wrong).items() if not key.startswith("__")}
        bases = (base for base in wrong.__bases__ if base is not getattr(clear, unit))
        return {unit: type(wrong.__name__, (*bases, with_conventions(unit, conventions)), own)}

    try:
        make(mistake.constant.value if mistake.constant else None)
    except edits.BadEdit:
        return None
    asks = mistake.asks
    if any(id_ in asks for id_ in dialect.sentences):
        asks = _declares(conventions)
    return replace(mistake, make=make, asks=asks)


def _otherwise(convention: Convention, others: Sequence[Convention]) -> Mistake:
    """Return what the specification asks for, where a rubric declares something else."""
    unit = convention.unit
    return Mistake(
        name=f"{convention.name} as in the specification",
        unit=unit,
        loses=convention.loses,
        said=convention.otherwise,
        asks=_declares([convention]),
        look="Look at what your course asks for.",
        is_a_convention=True,
        edits=(),
        constant=None,
        make=lambda _: {unit: with_conventions(unit, others)},
    )


def _declares(conventions: Sequence[Convention]) -> str:
    return f"The rubric declares another convention: {' '.join(each.said for each in conventions)}"


def _edits(convention: Convention) -> Sequence[edits.Edit]:
    row = convention.row
    if "was" in row:
        now = [text.replace("{VALUE}", repr(convention.value)) for text in row["is"]]
        return list(zip(row["was"], now, strict=True))
    if "mistake" not in row:
        return []
    (mistake,) = (
        each for each in catalogue() if (each.unit, each.name) == (convention.unit, row["mistake"])
    )
    return mistake.edits
