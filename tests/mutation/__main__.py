"""Changes the reference in one place at a time, and lists the changes that no check notices.

    python -m tests.mutation [STEM ...] [--fast] [--again SURVIVORS] > survivors.jsonl

A mutant is graded in a child of this process, which has imported everything already, by the checks
of its unit alone and up to the first that fails; a file that is no unit's by those of all units.
mutmut says what may be changed; it is needed for this only.
"""

import argparse
import ast
import importlib
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

import libcst as cst
import numpy as np
from mutmut.mutation.mutators import mutation_operators

from cnn_conformance import reference, units
from cnn_conformance.checks.registry import manifest
from cnn_conformance.grading.session import Session
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.locations import GOLDEN, REFERENCE
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import fixtures
from cnn_conformance.outcomes import WRONG, Outcome
from cnn_conformance.reference import clear

PACKAGE = reference.__name__
SECONDS = 60
MEMORY = 4 << 30
NAMES = {*units.EXPORTED}
"""What errors begin with: how it is written is no matter."""


class Places(cst.CSTVisitor):
    """Collects what may be changed, but for annotations, imports and the words of errors."""

    def __init__(self) -> None:
        self.found: list[tuple[cst.CSTNode, cst.CSTNode]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Take what may be changed in a node; tell whether to look into it."""
        if isinstance(node, (cst.Annotation, cst.Import, cst.ImportFrom)):
            return False
        if isinstance(node, cst.SimpleString) and (" " in node.value or node.value[1:-1] in NAMES):
            return False
        for kind, operator in (*mutation_operators, *MORE):
            if isinstance(node, kind):
                self.found += [(node, now) for now in operator(node)]
        return True


def smaller(node: cst.Integer) -> Iterator[cst.CSTNode]:
    """Yield the number before a number."""
    yield cst.parse_expression(f"({node.evaluated_value - 1})")


def turned(node: cst.ComparisonTarget) -> Iterator[cst.CSTNode]:
    """Yield the comparison the other way round."""
    other = {cst.LessThan: cst.GreaterThan, cst.GreaterThan: cst.LessThan}
    other |= {cst.LessThanEqual: cst.GreaterThanEqual, cst.GreaterThanEqual: cst.LessThanEqual}
    if kind := other.get(type(node.operator)):
        yield node.with_changes(operator=kind())


def not_called(node: cst.Call) -> Iterator[cst.CSTNode]:
    """Yield what a method without arguments is called on, for example what would be copied."""
    if not node.args and isinstance(node.func, cst.Attribute):
        yield node.func.value


MORE: tuple[tuple[type, Callable[[Any], Iterator[cst.CSTNode]]], ...] = (
    (cst.Integer, smaller),
    (cst.ComparisonTarget, turned),
    (cst.Call, not_called),
)
"""What mutmut does not change."""


def mutants(text: str) -> Iterator[str]:
    """Yield the texts that differ from a module's in one place, each meaning something else."""
    places, module = Places(), cst.parse_module(text)
    module.visit(places)
    known = {ast.dump(ast.parse(text))}
    for was, now in places.found:
        try:
            mutant = cst.ensure_type(module.deep_replace(was, now), cst.Module).code
            meaning = ast.dump(ast.parse(mutant))
        except (cst.CSTValidationError, TypeError, SyntaxError):  # no Python comes of it
            continue
        if meaning not in known:
            known.add(meaning)
            yield mutant


def checks_of(stem: str, fast: bool) -> list[str]:
    """Return the checks of a unit's file; for another file those of all units of its folder."""
    stems = {check.stem for check in manifest().values()}
    if fast:
        stems &= {path.stem for path in (REFERENCE / "fast").glob("*.py")}
    return [
        key
        for key, check in manifest().items()
        if check.stem == stem or (stem not in stems and check.stem in stems)
    ]


LARGE: tuple[tuple[str, tuple[Any, ...], dict[str, Any]], ...] = (
    ("Conv2D", (8, 8, 3), {"padding": 1}),
    ("Conv2D", (8, 4, (3, 2)), {"stride": 2, "groups": 2, "dilation": 2, "bias": False}),
    ("Conv2D", (8, 2, (17, 16)), {"padding": (3, 2)}),
    ("MaxPool2D", (3,), {"stride": 2, "padding": 1}),
    ("MaxPool2D", (2,), {}),
    ("MaxPool2D", ((3, 2),), {"stride": (1, 3), "padding": (1, 0)}),
    ("AvgPool2D", (3,), {"stride": 2, "padding": 1}),
    ("AvgPool2D", (2,), {}),
    ("AvgPool2D", ((3, 2),), {"stride": (1, 3), "padding": (1, 0)}),
)
"""Fast units that are compared with the clear ones on images that do not fit into one block."""
CACHE = 60_000
"""The bytes of a cache into which a few rows of an image fit, for poolings."""


def _wrong_for_large_images(made: Any) -> str:
    windows: Any = importlib.import_module(f"{PACKAGE}.fast.windows")
    windows.cache_size = lambda: CACHE
    x = np.random.default_rng(0).standard_normal((20, 8, 41, 40))
    for unit, args, options in LARGE:
        fast, right = (getattr(each, unit)(*args, **options) for each in (made, clear))
        right.params |= {name: array.copy() for name, array in fast.params.items()}
        found = []
        for layer in (fast, right):
            y = layer.forward(x)
            found.append([y, layer.backward(np.cos(y)), *layer.grads.values()])
        if not all(map(np.allclose, *found)):
            return f"{unit} on large images"
    return ""


def killed_by(path: Path, text: str, keys: list[str], package: str) -> str | None:
    """Return the first check that notices a mutant, or what else became of it; None for nothing."""
    read, write = os.pipe()
    if not (child := os.fork()):
        os.close(read)
        came = _grade(path, text, keys, package)
        os.write(write, came.encode()[:4000])
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        came = pipe.read().decode(errors="replace")
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return signal.Signals(os.WTERMSIG(status)).name
    return came or None


def _grade(path: Path, text: str, keys: list[str], package: str) -> str:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.alarm(4 * SECONDS)
    kept = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, name: str) -> CodeType | None:
        if Path(self.path).resolve() == path.resolve():
            return compile(text, str(path), "exec")
        return kept(self, name)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign]
    for name in [name for name in sys.modules if name.split(".")[:2] == PACKAGE.split(".")]:
        del sys.modules[name]
    try:
        made = importlib.import_module(package)
    except Exception as error:
        return f"import: {type(error).__name__}"
    if package == PACKAGE:
        try:
            if wrong := _wrong_for_large_images(made):
                return wrong
        except Exception as error:
            return f"large images: {type(error).__name__}"
    objects = {name: getattr(made, name) for name in units.EXPORTED}
    session = Session(Implementation("mutant", specification.units(), "none", objects=objects))
    for key in keys:
        if session.run(key).outcome in (*WRONG, Outcome.SUITE_ERROR):
            return key
    return ""


def change(was: str, now: str) -> list[str]:
    """Return the number of the first line that a mutant changes, and the lines before and after."""
    before, after = was.splitlines(), now.splitlines()
    start = next(i for i, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1])
    back = 1
    while back < min(len(before), len(after)) - start and before[-back] == after[-back]:
        back += 1
    return [
        f"{start + 1}",
        *(f"-{line}" for line in before[start : len(before) - back + 1]),
        *(f"+{line}" for line in after[start : len(after) - back + 1]),
    ]


def main() -> None:
    """Grade the mutants of some files, or those that had survived."""
    parser = argparse.ArgumentParser(
        allow_abbrev=False, prog="python -m tests.mutation", description=__doc__.splitlines()[0]
    )
    parser.add_argument("stems", nargs="*")
    parser.add_argument("--fast", action="store_true", help="the files of reference/fast")
    parser.add_argument("--again", type=Path, help="only those that this file lists")
    options = parser.parse_args()
    folder = REFERENCE / "fast" if options.fast else REFERENCE
    package = PACKAGE if options.fast else f"{PACKAGE}.clear"
    again = None
    if options.again:
        rows = [json.loads(line) for line in options.again.read_text("utf-8").splitlines()]
        again = {(row["file"], *row["change"]) for row in rows}
    for stem in options.stems or [unit.stem for unit in units.ROWS if unit.name != units.NETWORK]:
        path = folder / f"{stem}.py"
        for read_once in {manifest()[key].stem for key in checks_of(stem, options.fast)}:
            fixtures(GOLDEN).unit(read_once)
        text, keys, counts, started = (
            path.read_text("utf-8"),
            checks_of(stem, options.fast),
            [0, 0],
            time.time(),
        )
        for mutant in mutants(text):
            lines = change(text, mutant)
            if again is not None and (stem, *lines) not in again:
                continue
            killer = killed_by(path, mutant, keys, package)
            counts[killer is None] += 1
            if killer is None:
                print(json.dumps({"file": stem, "change": lines}), flush=True)
        seconds = time.time() - started
        print(f"{stem}: {counts[0]} killed, {counts[1]} survived, {seconds:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
