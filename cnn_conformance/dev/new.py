"""A new unit, begun as a copy of another one: in every folder, under its own name.

It stands last, before what is judged of all units together, and belongs to the full profile.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from cnn_conformance import units
from cnn_conformance.dev.missing import ROOT
from cnn_conformance.locations import GOLDEN, PACKAGE, REFERENCE, SUITE
from cnn_conformance.unit import Unit

CLASS, FUNCTION = re.compile(r"[A-Z][A-Za-z0-9]+"), re.compile(r"[a-z][a-z0-9_]+")
DERIVATIONS = (PACKAGE / "docs" / "units").resolve()
ROWS, MISTAKES = PACKAGE / "rows", PACKAGE / "mistakes"
CHANGELOG, ADDED = ROOT / "CHANGELOG.md", "\n### Added\n\n"
KINDS = "from cnn_conformance.rows.kinds import "
SECTION = r"^## {}\n.*?(?=^## |\Z)"
NEXT = """\

Then:
  ruff format . && ruff check --fix . && ruff format .
  python fixtures/generate.py {name}          # needs PyTorch 2.13: pip install -e '.[torch]'
  cnn-conformance template student_template --force
  python -m cnn_conformance.dev check
  pytest conformance -k test_{stem} --impl=reference.clear --profile=full
  cnn-conformance matrix {name}"""


class Refused(ValueError):
    """A unit that cannot be begun; the text says why."""


def unit(name: str, like: str, points: float | None = None) -> list[str]:
    """Write the files of a new unit and its lines in others, all of the full profile.

    Parameters
    ----------
    name : str
        What it is called.
    like : str
        The unit to copy.
    points : float, optional
        What it is worth: as much as the other unless given.

    Returns
    -------
    list of str
        The places that were written, with what to do there.

    Raises
    ------
    Refused
        If there is such a unit already, or none to copy; nothing is written then.
    """
    others = [unit for unit in units.EXPORTED if unit not in units.LOOPS]
    if like not in others:
        raise Refused(f"--like: {units.unknown(like, others)}")
    is_function = like in units.FUNCTIONS
    if not (FUNCTION if is_function else CLASS).fullmatch(name):
        such = "one_hot" if is_function else "Identity"
        raise Refused(f"{name}: expected a name such as {such}, as {like} is")
    old, new = units.of(like), Unit(name, units.of(like).kind)
    if new.stem in {row.stem for row in units.ROWS}:
        raise Refused(f"{name}: there is such a unit already")
    copies = {file: _beside(file, new.stem) for file in _files(old.stem)}
    if absent := [file for file in copies if not file.exists()]:
        raise Refused(f"--like: {like} has no {_shown(absent[0])}; copy another unit")
    if there := [file for file in copies.values() if file.exists()]:
        raise Refused(f"{_shown(there[0])} is there already")
    changed = dict(_lists(old, new, points))
    for file, text in changed.items():
        file.write_text(text, "utf-8", newline="\n")
    for source, file in copies.items():
        text = _renamed(source.read_text("utf-8"), old, new)
        if source.parent == SUITE:
            text = re.sub(rf"\b{old.stem}\b", new.stem, text)
        file.write_text(text, "utf-8", newline="\n")
    written = [f"{_shown(file):<47} a copy of {like}'s" for file in copies.values()]
    written += [f"{_shown(file):<47} lines like {like}'s" for file in changed]
    return [*sorted(written), NEXT.format(name=name, stem=new.stem)]


def _files(stem: str) -> tuple[Path, ...]:
    return (
        SUITE / f"test_{stem}.py",
        GOLDEN / f"{stem}.toml",
        REFERENCE / f"{stem}.py",
        PACKAGE / "mistakes" / f"{stem}.toml",
        DERIVATIONS / f"{stem}.md",
    )


def _beside(file: Path, stem: str) -> Path:
    return file.with_name(f"test_{stem}.py" if file.parent == SUITE else f"{stem}{file.suffix}")


def _renamed(text: str, old: Unit, new: Unit) -> str:
    """Return a text about another unit; what is computed stays: `np.tanh` is no unit."""
    text = re.sub(rf"\b{old.name.upper()}(?=-\d)", new.name.upper(), text)
    return re.sub(rf"\b{old.name}\b", new.name, text)


def _lists(old: Unit, new: Unit, points: float | None) -> Iterator[tuple[Path, str]]:
    """Yield the files that name every unit, with the new one."""
    yield SUITE / "SPEC.md", _with_section(old, new)
    yield SUITE / "rubric.toml", _with_points(old, new, points)
    yield ROWS / "full.py", _with_row(old, new)
    yield (
        CHANGELOG,
        CHANGELOG.read_text("utf-8").replace(
            ADDED, f"{ADDED}- {new.name}, with `--profile=full`.\n", 1
        ),
    )
    for file in (REFERENCE / "clear.py", REFERENCE / "__init__.py"):
        yield file, _exporting(file, new)
    for file in sorted(GOLDEN.glob("*.py")):
        text = file.read_text("utf-8")
        if found := re.search(rf'^    "{old.stem}": (.*),\n', text, re.MULTILINE):
            yield file, text.replace(found[0], f'{found[0]}    "{new.stem}": {found[1]},\n')
    for file in (MISTAKES / "habits.toml", MISTAKES / "shared.toml"):
        text = file.read_text("utf-8")
        line = re.compile(rf"^{old.name} = (.*\n)", re.MULTILINE)
        if line.search(text):
            yield file, line.sub(rf"\g<0>{new.name} = \1", text)


def _with_section(old: Unit, new: Unit) -> str:
    text = (SUITE / "SPEC.md").read_text("utf-8")
    found = re.search(SECTION.format(old.name), text, re.MULTILINE | re.DOTALL)
    assert found is not None
    copied = re.sub(r"(\*\* \(\w+), \w+\)", r"\1)", _renamed(found[0], old, new))
    return text.replace(f"\n## {units.NETWORK}\n", f"\n{copied}## {units.NETWORK}\n")


def _with_points(old: Unit, new: Unit, given: float | None) -> str:
    text = (SUITE / "rubric.toml").read_text("utf-8")
    points = re.findall(rf"^{old.name} = (.+)$", text, re.MULTILINE)[-1]
    worth = points if given is None else f"{given:g}"
    text = text.replace("\n[full]\n", f"\n[full]\n{new.name} = {worth}\n")
    weights = re.findall(rf"^{old.name.upper()}-\d+ = .+\n", text, re.MULTILINE)
    added = "".join(_renamed(line, old, new) for line in weights)
    return text.replace("\n[requirements]\n", f"\n[requirements]\n{added}")


def _with_row(old: Unit, new: Unit) -> str:
    """Return the rows of the full profile with a copy, whose task is yet to be said."""
    source, text = ((ROWS / f"{name}.py").read_text("utf-8") for name in (old.profile, "full"))
    (row,) = (row for row in _rows(source) if f"'{old.name}'" in ast.unparse(row))
    copied = "".join(source.splitlines(keepends=True)[row.lineno - 1 : row.end_lineno])
    copied = re.sub(r',\s*(task|step_taught)=("[^"]*"|\d+)', "", copied)
    copied = copied.replace(f'"{old.name}"', f'"{new.name}", task=""')
    lines = text.splitlines(keepends=True)
    lines.insert(_rows(text)[-1].end_lineno or 0, copied)
    kinds = {node.id for node in ast.walk(row) if isinstance(node, ast.Name)}
    return "".join(lines).replace(KINDS, f"{KINDS}{', '.join(sorted(kinds))}\n{KINDS}", 1)


def _rows(source: str) -> list[ast.expr]:
    """Return what stands in the tuple of a file of rows."""
    return next(
        node.value.elts
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Tuple)
        and ast.unparse(node.targets[0]) == "ROWS"
    )


def _exporting(file: Path, new: Unit) -> str:
    text = file.read_text("utf-8").replace("__all__ = [\n", f'__all__ = [\n    "{new.name}",\n')
    if "from .clear import (\n" in text:
        return text.replace("from .clear import (\n", f"from .clear import (\n    {new.name},\n")
    return text.replace("\nfrom .", f"\nfrom .{new.stem} import {new.name}\nfrom .", 1)


def _shown(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()
