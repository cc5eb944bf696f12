"""The known mistakes of a unit as a field guide: what each looks like, as a diff and in words."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from html import escape
from itertools import groupby

from cnn_conformance import units
from cnn_conformance.mistakes import edits
from cnn_conformance.mistakes.catalogue import FOLDER, Mistake, catalogue, read
from cnn_conformance.oracle import specification
from cnn_conformance.site import html

CONTEXT = 1
"""Lines around what a diff changes."""
CONVENTIONS = "Conventions"
EVERYWHERE = "Habits of many units"
HEADINGS = {
    "forward": "Wrong output",
    "backward": "Wrong gradients",
    "hygiene": "Side effects and state",
    "precision": "Loss of precision",
    "robustness": "Bad input accepted",
}
MARKS = {"-": "del", "+": "ins"}
IN_MANY = frozenset(("habits.toml", "shared.toml"))
CODE_PAGE = "habits"
MISTAKES = "cnn_conformance.mistakes."


@cache
def of_many() -> frozenset[tuple[str, str]]:
    """Return the units and names of what has one row for many units."""
    return frozenset((m.unit, m.name) for file in IN_MANY for m in read(FOLDER / file))


def guide(names: Sequence[str]) -> str:
    """Return the chapter on the known mistakes of a page's units, as Markdown."""
    found = [mistake for mistake in catalogue() if mistake.unit in names]
    forms = _forms(found)
    parts = [
        "\n## Known mistakes\n",
        f"{_counted(len(forms), 'mistake')} that the kit knows by name, by what they touch first. "
        "Each line is what the report says when it recognises the mistake; open it for the diff "
        "against the clear code above, and for the requirements that it fails.\n",
    ]
    headings = [*HEADINGS.values(), CONVENTIONS, EVERYWHERE]
    for heading in headings:
        if group := [each for each in forms if _heading(each[0]) == heading]:
            parts.append(f"\n### {heading} ({len(group)})\n")
            if heading == EVERYWHERE:
                parts.append(f"What they look like in code is on [one page](../{CODE_PAGE}.md).\n")
            parts.append(html.raw("\n".join([_entry(each) for each in group])))
    return "\n".join(parts)


def habits() -> str:
    """Return the page of the mistakes that go wrong in many units alike, as Markdown."""
    by_name: dict[str, list[Mistake]] = {}
    for mistake in read(FOLDER / "habits.toml"):
        by_name.setdefault(mistake.name, []).append(mistake)
    shown = []
    for name, rows in by_name.items():
        said = rows[0].said.replace(f"{rows[0].unit.upper()}-", "…-")
        of_units = ", ".join(dict.fromkeys(row.unit for row in rows))
        body = f"<p>{html.text(rows[0].look)}</p><p>Units: {of_units}</p>{_code(rows[0])}"
        shown.append(
            f'<div id="{_anchor(name)}">{html.folded(html.text(said), body, "mistake")}</div>'
        )
    return html.raw("\n".join(shown))


def _anchor(name: str) -> str:
    return "-".join(name.split())


def _forms(mistakes: Sequence[Mistake]) -> list[list[Mistake]]:
    """Return the mistakes, those that are said alike together: they are forms of one."""
    groups: dict[tuple[str, str], list[Mistake]] = {}
    for mistake in mistakes:
        groups.setdefault((mistake.unit, mistake.said), []).append(mistake)
    return list(groups.values())


def _heading(mistake: Mistake) -> str:
    if (mistake.unit, mistake.name) in of_many():
        return EVERYWHERE
    if mistake.is_a_convention:
        return CONVENTIONS
    known = specification.requirements()
    lost = {known[id_].aspect for id_ in mistake.loses}
    return next(HEADINGS[aspect] for aspect in specification.ASPECTS if aspect in lost)


def _entry(forms: Sequence[Mistake]) -> str:
    first = forms[0]
    parts = [f"<p>{html.text(first.asks)} {html.text(first.look)}</p>"]
    for number, form in enumerate(forms):
        parts.append(f"<p>{'Or it' if number else 'It'} fails {_ids(form.loses)}.</p>")
        if form.edits:
            parts.append(f'<pre class="diff">{_diff(form)}</pre>')
        elif (form.unit, form.name) not in of_many():
            parts.append(_code(form))
    said = first.said
    if first.constant is not None:
        said = said.replace("{CONSTANT}", f"{first.constant.value:g}")
    return html.folded(html.text(said), "\n".join(parts), "mistake")


def _diff(mistake: Mistake) -> str:
    """Return what a mistake changes in the clear code, line by line."""
    pair = (
        edits.source(mistake.unit, mistake.needs),
        edits.source(mistake.unit, mistake.needs + mistake.edits),
    )
    constant = "" if mistake.constant is None else f"{mistake.constant.value:g}"
    before, after = (text.replace("CONSTANT", constant).splitlines() for text in pair)
    found = list(difflib.unified_diff(before, after, lineterm="", n=CONTEXT))[2:]
    lines = []
    for line in found[1:]:
        if line.startswith("@@"):
            lines.append('<span class="gap">…</span>')
        elif mark := MARKS.get(line[0]):
            lines.append(f"<{mark}>{escape(line, quote=False)}</{mark}>")
        else:
            lines.append(escape(line, quote=False) or " ")
    return "\n".join(line or " " for line in lines)


def _code(mistake: Mistake) -> str:
    """Return the code of a mistake that is no edit."""
    written = [found for made in mistake.replaces.values() for found in _written(made)]
    if not written:
        return ""  # an edit of what several units use: the sentences say it
    sources = "\n\n".join(dict.fromkeys(written)).strip()
    shown = "\n".join(line or " " for line in escape(sources, quote=False).splitlines())
    return f'<pre class="diff">{shown}</pre>'


def _written(made: object) -> Iterator[str]:
    """Yield the source of what a mistake is made of, so far as it stands in a file of mistakes."""
    for kind in (made, *(made.__mro__ if isinstance(made, type) else ())):
        if getattr(kind, "__module__", "").startswith(MISTAKES):
            with suppress(OSError, TypeError):  # made when it is asked for: its bases are written
                yield inspect.getsource(kind)  # type: ignore[arg-type]
                return


def _ids(ids: Sequence[str]) -> str:
    """Return ids as links, a run of them as its ends."""
    order = list(specification.requirements())
    places = sorted(order.index(id_) for id_ in ids)
    return ", ".join(_runs(order, places))


def _runs(order: Sequence[str], places: Sequence[int]) -> Iterator[str]:
    for _, run in groupby(enumerate(places), lambda pair: pair[1] - pair[0]):
        members = [order[place] for _, place in run]
        joined = " to " if len(members) > 2 else ", "
        yield joined.join(_link(id_) for id_ in dict.fromkeys((members[0], members[-1])))


def _link(id_: str) -> str:
    return f'<a href="{page_of(id_)}#{id_}">{id_}</a>'


def page_of(id_: str) -> str:
    """Return the page of a requirement, as seen from that of another unit."""
    return f"{units.of(specification.requirements()[id_].unit).stem}.html"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
