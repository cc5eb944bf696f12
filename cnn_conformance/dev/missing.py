"""What a unit lacks: a row, a section, a file in a folder, a line in a list."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from cnn_conformance import language, template, units
from cnn_conformance.checks.registry import BadManifest, manifest
from cnn_conformance.locations import GOLDEN, PACKAGE, REFERENCE, SUITE
from cnn_conformance.mistakes import catalogue
from cnn_conformance.oracle import specification
from cnn_conformance.unit import Unit

ROOT = PACKAGE.parent
TEMPLATE = ROOT / "student_template"
DERIVATIONS = ROOT / "docs" / "units"
FORMULA = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
FOLDERS = ((SUITE, "test_", ".py"), (GOLDEN, "", ".toml"), (GOLDEN, "", ".npz"))
"""Folders in which each file of such a name belongs to a unit."""


def found() -> Iterator[str]:
    """Yield what is missing, one sentence each."""
    said = [*units.audit(specification.units(), specification.arguments())]
    yield from said
    for row in units.ROWS:
        yield from _of(row)
    yield from _strays()
    yield from _copied()
    yield from _untranslated()
    if said:  # what follows reads the files that are missing
        return
    try:
        manifest()
    except BadManifest as error:
        yield from str(error).split("; ")
    yield from _unlost()
    yield from _of_template()


def _unlost() -> Iterator[str]:
    """Yield the requirements that no mistake loses, or the units that have no mistake."""
    mistakes = catalogue()
    judged = {mistake.unit for mistake in mistakes}
    lost = {requirement for mistake in mistakes for requirement in mistake.loses}
    for row in units.ROWS:
        if row.name not in judged:
            yield f"{row.name} has no mistake in {_shown(_mistakes(row))}"
    for id_, requirement in specification.requirements().items():
        if requirement.unit in judged and id_ not in lost:
            yield f"{id_} is lost by no mistake in {_shown(_mistakes(units.of(requirement.unit)))}"


def _of(row: Unit) -> Iterator[str]:
    rubric = tomllib.loads((SUITE / "rubric.toml").read_text("utf-8"))
    if row.name not in rubric["units"] | rubric["extended"] | rubric["full"]:
        yield f"{row.name} has no points in conformance/rubric.toml"
    if not any(f'"{row.stem}": ' in file.read_text("utf-8") for file in GOLDEN.glob("*.py")):
        yield f"{row.name} has no line in ORACLES of a file of fixtures/"
    if row.name == units.NETWORK:
        return
    for file in (REFERENCE / "clear.py", REFERENCE / "__init__.py"):
        if row.name not in _exported(file):
            yield f"{row.name} is not imported and in __all__ of {_shown(file)}"
    page = DERIVATIONS / f"{row.stem}.md"
    if not page.exists():
        yield f"{row.name} has no page {_shown(page)}"
    if f"`{row.stem}.py`" not in template.readme():
        yield f"{row.name} has no row in a table of {_shown(template.README)}"


def _exported(file: Path) -> set[str]:
    """Return the names that a module both imports and exports."""
    tree = ast.parse(file.read_text("utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    imported = {alias.name for node in imports for alias in node.names}
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return imported & set(ast.literal_eval(node.value))
    return set()


def _copied() -> Iterator[str]:
    """Yield the pages and sections that say of a unit what an earlier one's say of that."""
    formulas: dict[str, Path] = {}
    sections: dict[str, str] = {}
    for row in units.ROWS:
        page = DERIVATIONS / f"{row.stem}.md"
        text = page.read_text("utf-8") if page.exists() else ""
        mine = {" ".join(formula.split()) for formula in FORMULA.findall(text)}
        for other in sorted({formulas[each] for each in mine & formulas.keys()} - {page}):
            count = sum(formulas.get(each) == other for each in mine)
            shared = f"{count} formula{'s' * (count > 1)} of {_shown(other)}"
            yield f"{_shown(page)} has {shared}: write those of {row.name}"
        formulas |= dict.fromkeys(mine - formulas.keys(), page)
        if row.name not in specification.units():
            continue
        prose = re.sub(rf"\b{row.name}\b", "", specification.prose(row.name))
        if (first := sections.setdefault(prose, row.name)) != row.name:
            yield f"conformance/SPEC.md says of {row.name} what it says of {first}"


def _untranslated() -> Iterator[str]:
    """Yield the units of which something is said in English only, with the first sentence."""
    for name in language.LANGUAGES[1:]:
        known = language.translations(name)
        for row in units.ROWS:
            asked = [
                r.sentence for r in specification.requirements().values() if r.unit == row.name
            ]
            texts = [text for text in (row.task, *asked) if text and text not in known]
            if texts:
                place = _shown(language.FOLDER / name / "units.toml")
                count = f"{len(texts)} sentence{'s' * (len(texts) > 1)}"
                yield f"{row.name} has {count} without a translation in {place}: {texts[0]}"


def _strays() -> Iterator[str]:
    """Yield the files that belong to no unit."""
    stems = {row.stem for row in units.ROWS}
    for folder, prefix, suffix in FOLDERS:
        for file in sorted(folder.glob(f"{prefix}*{suffix}")):
            if file.stem.removeprefix(prefix) not in stems:
                yield f"{_shown(file)} belongs to no unit of rows/"


def _of_template() -> Iterator[str]:
    for name, text in template.build(REFERENCE).items():
        file = TEMPLATE / name
        if not file.exists() or file.read_text("utf-8") != text:
            yield f"{_shown(file)} is not up to date: cnn-conformance template --force"


def _mistakes(row: Unit) -> Path:
    return PACKAGE / "mistakes" / f"{row.stem}.toml"


def _shown(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()
