"""Submissions whose code is the same or nearly so: for a person to look at, never for a grade.

Compared is what somebody has written: functions and statements without comments, docstrings and
layout, and without those that were given to all. Near copies are found by copydetect (extra:
copies), which compares tokens as MOSS does.
"""

from __future__ import annotations

import ast
import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path, PurePosixPath

from cnn_conformance.batch import gradebook
from cnn_conformance.batch.submissions import Submission
from cnn_conformance.implementation import careful_reading, notebooks
from cnn_conformance.implementation.careful_reading import Refused

IDENTICAL, RENAMED, SIMILAR = HOW = "identical", "identical but for names", "similar"
MAX_BYTES, MAX_FILES = 2 << 20, 300
FEWEST = 300
"""Characters of one's own from which on code is compared: two short functions are easily alike."""
NEAR = 0.8
"""The share of each other's code from which on two submissions are similar."""
MOST_COMPARED = 400
K, WINDOW = 25, 12
"""Characters of copydetect's shortest match that counts, and of the window of which one is kept."""


@dataclass(frozen=True)
class Alike:
    """Submissions with the same code.

    Parameters
    ----------
    names : tuple of str
        Whose they are.
    how : str
        "identical", "identical but for names" or "similar".
    share : float
        The share of the code that they have in common: of the one that has less in common.
    """

    names: tuple[str, ...]
    how: str
    share: float = 1.0


@dataclass(frozen=True)
class _Code:
    name: str
    pieces: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.pieces)


def find(submissions: Iterable[Submission], given: frozenset[str]) -> list[Alike]:
    """Return which submissions are alike, the surest first.

    Parameters
    ----------
    submissions : iterable of Submission
        Those without anything to grade are left out.
    given : frozenset of str
        What was given to all: see `pieces`.
    """
    codes = [_Code(s.name, _own(s.target, given)) for s in submissions if _is_there(s)]
    codes = [code for code in codes if len(code.text) >= FEWEST]
    found, codes = _grouped(codes, lambda code: code.text, IDENTICAL)
    more, codes = _grouped(codes, _renamed, RENAMED)
    return [*found, *more, *_similar(codes)]


def can_compare() -> bool:
    """Tell whether near copies can be found: whether copydetect is installed."""
    try:
        import copydetect  # noqa: F401
    except ImportError:
        return False
    return True


def of_folder(folder: Path) -> frozenset[str]:
    """Return what a folder gives to all."""
    return frozenset(piece for source in _sources(folder) for piece in pieces(source))


def of_texts(texts: Iterable[str]) -> frozenset[str]:
    """Return what some files give to all."""
    return frozenset(piece for text in texts for piece in pieces(text))


def table(found: Sequence[Alike]) -> str:
    """Return the groups as CSV."""
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n").writerow
    write(["submissions", "how", "share"])
    for each in found:
        write([gradebook.cell("; ".join(each.names)), each.how, f"{each.share:.2f}"])
    return text.getvalue()


def _is_there(submission: Submission) -> bool:
    return not (submission.problem or submission.not_graded or submission.error)


def _own(target: Path, given: frozenset[str]) -> tuple[str, ...]:
    """Return the pieces of a submission that nobody has given, in an order that says nothing."""
    found = (piece for source in _sources(target) for piece in pieces(source))
    return tuple(sorted(piece for piece in found if piece not in given))


def _sources(target: Path) -> Iterator[str]:
    """Yield the Python files and notebooks of a submission, as far as they can be read."""
    folder = target if target.is_dir() else target.parent
    try:
        entries = [
            entry.path
            for entry in careful_reading.walk(folder)
            if entry.kind == "file" and (target.is_dir() or folder / entry.path == target)
        ]
    except (OSError, Refused):  # it has no grade either, and says why
        return
    left = MAX_BYTES
    for path in sorted(path for path in entries if _is_source(path))[:MAX_FILES]:
        try:
            most = notebooks.MAX_BYTES if notebooks.is_notebook(path) else left
            data = careful_reading.read(folder, path, most)
            if notebooks.is_notebook(path):
                data = notebooks.read(data).text.encode()
        except (OSError, Refused, notebooks.BadNotebook):
            continue
        left -= len(data)
        if left < 0:
            return
        yield data.decode(errors="replace")


def _is_source(path: PurePosixPath) -> bool:
    return path.suffix == ".py" or notebooks.is_notebook(path)


def pieces(source: str) -> list[str]:
    """Return the functions, methods and other statements of a source, without what says nothing.

    Imports are left out; of a source that cannot be parsed, its lines are the pieces.
    """
    try:
        return [ast.unparse(node) for node in _statements(ast.parse(source).body)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [line.strip() for line in source.splitlines() if line.strip()]


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)) or _is_text(node):
            continue
        if isinstance(node, ast.ClassDef):
            yield from _statements(node.body)
            continue
        for inner in ast.walk(node):
            if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
                inner.body = [n for n in inner.body if not _is_text(n)] or [ast.Pass()]
                inner.returns = None
            elif isinstance(inner, ast.arg):
                inner.annotation = None
        yield node


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _renamed(code: _Code) -> str:
    """Return code with numbers for the names that its author has chosen, piece by piece."""
    return "\n".join(sorted(map(_with_numbers, code.pieces)))


def _with_numbers(piece: str) -> str:
    try:
        tree = ast.parse(piece)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return piece
    numbers: dict[str, str] = {}
    bound = {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    names = [n for n in ast.walk(tree) if isinstance(n, ast.Name)]
    bound |= {n.id for n in names if isinstance(n.ctx, ast.Store)}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.arg = numbers.setdefault(node.arg, f"v{len(numbers)}")
        elif isinstance(node, ast.Name) and node.id in bound:
            node.id = numbers.setdefault(node.id, f"v{len(numbers)}")
    return ast.unparse(tree)


def _grouped(
    codes: Sequence[_Code], form: Callable[[_Code], str], how: str
) -> tuple[list[Alike], list[_Code]]:
    """Return the groups of which all have the same form, and one of each form."""
    groups: dict[str, list[_Code]] = {}
    for code in codes:
        digest = hashlib.sha256(form(code).encode(errors="replace")).hexdigest()
        groups.setdefault(digest, []).append(code)
    found = [
        Alike(tuple(code.name for code in group), how) for group in groups.values() if group[1:]
    ]
    return found, [group[0] for group in groups.values()]


def _similar(codes: Sequence[_Code]) -> list[Alike]:
    """Return the pairs that have most of their tokens in common, if that can be told."""
    if not can_compare() or len(codes) > MOST_COMPARED:
        return []
    import copydetect

    prints = [
        copydetect.CodeFingerprint("code.py", K, WINDOW, fp=io.StringIO(code.text))
        for code in codes
    ]
    found = []
    for (one, mine), (other, theirs) in combinations(zip(codes, prints, strict=True), 2):
        if not (mine.hashes and theirs.hashes):
            continue
        _, shares, _ = copydetect.compare_files(mine, theirs)
        if min(shares) >= NEAR:
            found.append(Alike((one.name, other.name), SIMILAR, round(float(min(shares)), 2)))
    return sorted(found, key=lambda each: -each.share)
