"""Grading code as it stands: through a draft, where it has neither the names nor a known style."""

from __future__ import annotations

import os
import re
import tempfile
import zlib
from dataclasses import replace
from pathlib import Path

from cnn_conformance import units
from cnn_conformance.adapt import source
from cnn_conformance.adapt.candidates import fits
from cnn_conformance.adapt.source import Definition
from cnn_conformance.implementation import sandbox, styles
from cnn_conformance.implementation.blame import read_source
from cnn_conformance.implementation.remote import Implementation

DRAFT = "adapter.py"
KEY = re.compile(r"[\"']weight[\"']|(?<![.\w])weight\s*=")
"""How the specification's name of a weight stands in source, as a key or a keyword."""
HAS_PARAMS = re.compile(r"self\.params\b.* = \(?(\{|dict\()")
"""How a layer without parameters says so there."""


def adapted(made: Implementation, place: Path | None, name: str = DRAFT) -> Implementation:
    """Return the implementation through a draft, if it needs one and one is found; else itself.

    `--style=layers` asks for a draft whatever the code has; without one, no unit is graded then.
    Units that a style lacks are drafted beside it, if they go forward and backward.

    Parameters
    ----------
    made : Implementation
        After its import.
    place : Path, optional
        The folder in which the draft is kept: one for this code among the user's caches unless
        given.
    name : str
        What the file is called there.
    """
    path = Path(made.target)
    asked = made.style == styles.DRAFT
    beside = made.units if made.found_style else frozenset()
    is_own = path.exists() and not made.grader_problem and (asked or beside or not made.style)
    known = source.inventory(path.resolve()) if is_own else None
    if not asked and not beside and not is_foreign(made, known):
        return made
    if made.objects is not None or not path.exists():
        return _undrafted(made, "it takes a path") if asked else made
    # Only here: what is no other's code needs no draft, and this takes as long to import as numpy.
    from cnn_conformance.adapt import draft, fitting
    from cnn_conformance.adapt.search import BY_NAMES, assumptions, search

    isolation = made.isolation if made.isolation in sandbox.LEVELS[:-1] else "process"
    why = fitting.misfits(made) if beside else {}
    layouts = styles.layouts(made.found_style) if beside and not why else ()
    result = search(path, isolation, made.hidden, () if why else beside, known, layouts)
    taken = [f"{', '.join(sorted(beside))}: the style {made.found_style}"] if beside else []
    if why and fitting.is_other(made, why, result):
        said = "; ".join(f"{unit}: {text.splitlines()[0]}" for unit, text in why.items())
        taken = [f"the style {made.found_style}, by its names, does not fit ({said})"]
        beside, made.found_style = frozenset(), ""
    if beside:
        result.found = [
            each for each in result.found if each.stage >= 2 and each.plan.unit not in beside
        ]
    if not result.found:
        return _undrafted(made, "nothing in it is called like a unit") if asked else made
    folder = place or _usual_place(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # nothing can be written there
        folder = Path(tempfile.mkdtemp(prefix="conformance-adapter-"))
    file = folder / name
    file.write_text(draft.text(result, path, file, made.found_style), "utf-8")
    made.end()
    through = replace(made, style=str(file), memo={})
    is_flat = path.is_file() or any(path.glob("*.py")) or any(path.glob("*.ipynb"))
    problems = made.problems if is_flat else ()  # of a folder of folders none has been imported
    failed = (f"only definitions are loaded, since {each}" for each in problems)
    through.assumptions = (*taken, *assumptions(result), *failed)
    through.guessed = frozenset(f.plan.unit for f in result.found if f.stage == BY_NAMES)
    return through


def _usual_place(path: Path) -> Path:
    """Return where the draft for some code is kept if nobody says where; it is written anew."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    number = zlib.crc32(str(path.resolve()).encode())
    return caches / "cnn-conformance" / f"{path.resolve().stem}-{number:08x}"


def _undrafted(made: Implementation, why: str) -> Implementation:
    """Return an implementation without units, since only those of a draft were asked for."""
    made.units = frozenset()
    made.problems.append(f"no adapter could be drafted for {made.target}: {why}")
    return made


def is_foreign(made: Implementation, known: list[Definition] | None = None) -> bool:
    """Tell whether code has an interface of its own: no names of units, or not what they mean.

    A class may be called Conv2D and be something else: layers have `forward`, what learns has
    `params` with a `weight` and `grads`, an optimizer has `step(params, grads)`. Code of which one
    such class is the specification's is left alone.

    Parameters
    ----------
    made : Implementation
        After its import.
    known : list of Definition, optional
        What its files define, if they have been read.
    """
    if made.style or made.grader_problem:
        return False
    told = made.units - styles.COMMON
    path = Path(made.target)
    if not path.exists():
        return not told
    inventory = known if known is not None else source.inventory(path.resolve())
    classes = {each.name: each for each in reversed(inventory) if each.is_class}
    if not told:  # it may be the specification's, and fail when it is imported
        named = {*units.EXPORTED} & {*classes} if made.problems else set()
        return not any(_is_ours(classes[name], classes, path) for name in named)
    own = [classes[name] for name in told if name in classes]
    if {each.name for each in own} != told or any(
        not {*each.bases} <= {*classes, "object"} - {each.name} for each in own
    ):  # what it is derived from may have the interface
        return False
    telling = {*units.LEARNING, *units.OPTIMIZERS}.intersection(told)
    if telling:
        return not any(_is_ours(classes[name], classes, path) for name in telling)
    if not any("forward" in each.methods for each in own):
        return True
    learning = [unit for unit in source.vocabulary()["units"] if unit in units.LEARNING]
    others = [each for each in inventory if each.is_class and "forward" in each.methods]
    return any(
        fits(unit, each) and not _is_ours(each, classes, path)
        for unit in learning
        for each in others
    )


def _is_ours(definition: Definition, classes: dict[str, Definition], path: Path) -> bool:
    """Tell whether a class has what the specification asks of a layer or an optimizer."""
    if definition.name in units.OPTIMIZERS:
        step = definition.methods.get("step", [])
        return len([argument for argument in step if not argument.default]) == 2
    text, files, todo = "", {definition.file}, [definition.name]
    while todo:
        each = classes.get(todo.pop())
        if each is not None and each.text not in text:
            text += each.text
            files.add(each.file)
            todo += each.bases
    if definition.name in {*units.EXPORTED} - {*units.LEARNING}:
        return "forward" in definition.methods and bool(HAS_PARAMS.search(text))
    root = path if path.is_dir() else path.parent
    sources = (read_source(root / file).decode("utf-8", errors="replace") for file in files)
    keeps = all(_has_word(text, name) for name in ("params", "grads"))
    return "forward" in definition.methods and keeps and any(map(KEY.search, sources))


def _has_word(text: str, word: str) -> bool:
    return re.search(rf"\b{word}\b", text) is not None
