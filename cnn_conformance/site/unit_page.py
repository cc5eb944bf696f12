"""What a unit's page has beside its derivation: a picture, the code, what is required."""

from __future__ import annotations

import ast
import re

from cnn_conformance import units
from cnn_conformance.locations import REFERENCE
from cnn_conformance.mistakes.catalogue import catalogue
from cnn_conformance.oracle import specification
from cnn_conformance.site import field_guide, html, pictures
from cnn_conformance.unit import Unit

KINDS = {
    "layer": "Layers",
    "wrapper": "Layers",
    "container": "Layers",
    "loss": "Losses",
    "optimizer": "Optimizers",
    "schedule": "Learning rates",
    "loop": "Training",
    "network": "Training",
    "function": "Functions",
}
UNFOLDED = ("forward", "backward")


def complete(stem: str, written: str) -> str:
    """Return a page: what is written by hand, with a picture in front and the rest behind.

    Parameters
    ----------
    stem : str
        What the unit's files are called.
    written : str
        The Markdown in `docs/units/<stem>.md`, whose first chapter has the title alone.
    """
    of_page = [row for row in units.ROWS if row.stem == stem]
    head, chapter, rest = written.partition("\n## ")
    parts = [head, _picture(stem), _check(of_page), chapter + rest, _code(stem)]
    parts += [_required(row) for row in of_page]
    parts.append(field_guide.guide([row.name for row in of_page]))
    return "\n".join(parts)


def index() -> str:
    """Return a table of all units by kind, and the tree of their pages, as Markdown."""
    parts = []
    for heading in dict.fromkeys(KINDS.values()):
        rows = [row for row in units.ROWS if KINDS[row.kind] == heading]
        parts.append(f"\n## {heading}\n\n| unit | profile | requirements | known mistakes |")
        parts.append("|---|---|---|---|")
        for row in rows:
            required = sum(r.unit == row.name for r in specification.requirements().values())
            known = sum(m.unit == row.name for m in catalogue())
            parts.append(f"| [{row.name}]({row.stem}.md) | {row.profile} | {required} | {known} |")
        stems = "\n".join(dict.fromkeys(row.stem for row in rows))
        parts.append(f"\n```{{toctree}}\n:hidden:\n:caption: {heading}\n\n{stems}\n```\n")
    return "\n".join(parts)


def _picture(stem: str) -> str:
    caption, drawn = pictures.picture(stem)
    return html.raw(
        f'<figure class="unit">{drawn}<figcaption>{html.text(caption)}</figcaption></figure>'
    )


def _check(of_page: list[Unit]) -> str:
    """Return how to check one's own code."""
    profile = of_page[0].profile
    option = "" if profile == "core" else f" --profile={profile}"
    return (
        f"\nGrade yours with `cnn-conformance grade my_cnn -k test_{of_page[0].stem}{option}`. "
        "A bar over a letter is the gradient of the loss ([notation](../notation.md)).\n"
    )


def _code(stem: str) -> str:
    """Return the clear code without imports and docstrings, which the reference has."""
    file = REFERENCE / f"{stem}.py"
    if not file.exists():
        return ""
    source = file.read_text("utf-8")
    lines = source.splitlines()
    tree = ast.parse(source)
    hidden: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            hidden |= _lines(node.body[0]) if ast.get_docstring(node) else set()
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            hidden |= _lines(node)
    kept = "\n".join(line for number, line in enumerate(lines, 1) if number not in hidden)
    kept = re.sub(r"\n{3,}", "\n\n\n", kept.strip())
    kept = re.sub(r":\n\n+(?= )", ":\n", kept)
    return f"\n## The clear code\n\n```python\n{kept}\n```\n"


def _lines(node: ast.stmt) -> set[int]:
    return set(range(node.lineno, (node.end_lineno or node.lineno) + 1))


def _required(row: Unit) -> str:
    """Return a unit's section of the specification, its requirements by aspect."""
    found = [r for r in specification.requirements().values() if r.unit == row.name]
    parts = [f"\n## {row.name} as specified\n", specification.prose(row.name)]
    for aspect in specification.ASPECTS:
        of_aspect = [r for r in found if r.aspect == aspect]
        if not of_aspect:
            continue
        items = "\n".join(
            f'<li id="{r.id}"><b>{r.id}</b> {_profile(r, row)}{html.text(r.sentence)}</li>'
            for r in of_aspect
        )
        title = f"{aspect.capitalize()}: {len(of_aspect)} "
        title += "requirement" if len(of_aspect) == 1 else "requirements"
        listed = f"<ul>{items}</ul>"
        parts.append(html.raw(html.folded(title, listed, "required", is_open=aspect in UNFOLDED)))
    return "\n".join(parts)


def _profile(requirement: specification.Requirement, row: Unit) -> str:
    later = requirement.profile != row.profile
    return f"<i>({requirement.profile} profile)</i> " if later else ""
