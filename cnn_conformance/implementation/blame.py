"""Which line of a submission an error belongs to, and what is wrong with a file of it.

Runs where the implementation runs. An error that Python's library, numpy or another package raises
belongs to the line of the submission that called it.
"""

from __future__ import annotations

import ast
import codecs
import importlib
import io
import linecache
import os
import sysconfig
import tokenize
import traceback
from collections.abc import Iterator
from pathlib import Path

from cnn_conformance.implementation import careful_reading, notebooks

MAX_SOURCE = 16 << 20
MAX_ERROR_TEXT = 2000
INSTALLATIONS = frozenset({"site-packages", "dist-packages"})
KIT = str(Path(__file__).parent)
LIBRARY = tuple(
    {
        *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib")),
        str(Path(importlib.__file__).parents[1]),
        KIT,
    }
)
MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
"""How a file begins that is not of bytes; the longer ones first, as one begins like a shorter."""


class BadSource(ImportError):
    """A file that Python cannot read as source; the text says why."""


def read_source(file: Path) -> bytes:
    """Return what is in a Python file, or the code of a notebook.

    Raises
    ------
    BadSource
        If no Python could read that as source.
    """
    if notebooks.is_notebook(file):
        return notebook(file).text.encode()
    return _text(file)


def notebook(file: Path) -> notebooks.Notebook:
    """Return the code of a notebook.

    Raises
    ------
    BadSource
        If it is none.
    """
    try:
        return notebooks.read(_text(file))
    except notebooks.BadNotebook as error:
        raise BadSource(str(error), path=str(file)) from None


def place(file: Path, line: int) -> str:
    """Return where a line of `read_source` is: "line 7", in a notebook "cell 3, line 7"."""
    return notebook(file).place(line) if notebooks.is_notebook(file) else f"line {line}"


def of_cell(file: Path | str, number: int) -> str:
    """Return what stands for a file in the tracebacks of a notebook's cell."""
    return f"{file}, cell {number}"


def _text(file: Path) -> bytes:
    """Return what is in a file of text.

    Raises
    ------
    BadSource
        If it is none.
    """
    try:
        data = careful_reading.read_through_links(file, MAX_SOURCE)
    except careful_reading.Refused as error:
        raise BadSource(str(error).removeprefix(f"{file} "), path=str(file)) from None
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
        if file.is_symlink() and not file.exists():
            why = f"is a link to {os.readlink(file)}, which is not there"
        raise BadSource(why, path=str(file)) from None
    if why := _no_text(data):
        raise BadSource(why, path=str(file))
    return data


def flaw(file: Path) -> str:
    """Return why a file that Python has refused is no source; nothing if it only has mistakes."""
    try:
        return _wrong_encoding(read_source(file))
    except BadSource as error:
        return str(error.msg)


def _no_text(data: bytes) -> str:
    for mark, encoding in MARKS.items():
        if data.startswith(mark):
            return f"is {encoding}, expected UTF-8: save it again as UTF-8"
    if b"\0" not in data:
        return ""
    if max(data[::2].count(0), data[1::2].count(0)) > len(data) // 4:
        return "is UTF-16, expected UTF-8: save it again as UTF-8"
    return f"has a NUL byte in line {_line(data, data.index(0))}: it is damaged, or no text"


def _wrong_encoding(data: bytes) -> str:
    """Return what keeps a source from being decoded; nothing if nothing does."""
    try:
        encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except SyntaxError as error:
        if "unknown encoding" in str(error):
            return f"declares an encoding that Python does not know: {error.msg}"
        encoding = "utf-8"
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        return (
            f"has the byte 0x{data[error.start]:02x} in line {_line(data, error.start)}, which is "
            f"not {encoding}: save it again as UTF-8"
        )
    except (UnicodeError, LookupError) as error:
        return f"is not {encoding}, which it declares to be: {error}"
    return ""


def _line(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, place) + 1


def text_of(error: BaseException) -> str:
    """Return an error's text, also of one whose text cannot be read."""
    try:
        return str.__str__(str(error))[:MAX_ERROR_TEXT]
    except BaseException:
        return "(its text cannot be read)"


def describe(error: BaseException, where: str, home: Path | None = None) -> str:
    """Return one line for an import that failed: the file, the line and the reason.

    Parameters
    ----------
    error : BaseException
        What was raised.
    where : str
        What was imported.
    home : Path, optional
        The submission's folder, wherever it lies.
    """
    try:
        place, reason = _place_and_reason(error, where, home)
        return f"{place}: {reason}"
    except BaseException:  # an error that raises when it is looked at
        return f"{where}: an error that cannot be read"


def _place_and_reason(error: BaseException, where: str, home: Path | None) -> tuple[str, str]:
    if isinstance(error, BadSource):
        return str(error.path), str(error.msg)
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [f for f in frames if _is_theirs(f.filename, home)]
    if theirs and isinstance(error, (SyntaxError, ValueError, ImportError, OSError)):
        for file in _imported(Path(theirs[-1].filename), theirs[-1].lineno or 0, home):
            if os.path.lexists(file) and (why := flaw(file)):
                return str(file), why
    name = type(error).__name__
    if isinstance(error, SyntaxError) and _is_file(error.filename):
        if why := flaw(Path(str(error.filename))):
            return str(error.filename), why
        line = f", line {error.lineno}" if error.lineno else ""
        return f"{error.filename}{line}", f"{name}: {error.msg}"
    text = text_of(error)
    reason = f"{name}: {text}" if text else name
    if theirs:
        return f"{theirs[-1].filename}, line {theirs[-1].lineno}", reason
    return where, reason


def _imported(file: Path, line: int, home: Path | None) -> Iterator[Path]:
    """Yield the files that a line imports, beside its own file and in the submission's folder.

    Python takes a file that it cannot open for no module, and names none that it cannot decode. A
    cell of a notebook is no file, but its lines are known.
    """
    text = read_source(file) if file.is_file() else "".join(linecache.getlines(str(file)))
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        if not node.lineno <= line <= (node.end_lineno or node.lineno):
            continue
        module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
        level = node.level if isinstance(node, ast.ImportFrom) else 0
        folders = [file.parents[level - 1]] if level else [file.parent, *([home] if home else [])]
        for name in (module, *(f"{module}.{alias.name}" for alias in node.names)):
            for folder in folders:
                place = folder.joinpath(*name.strip(".").split("."))
                yield from (place.with_suffix(".py"), place / "__init__.py")


def _is_file(filename: object) -> bool:
    return isinstance(filename, str) and "\0" not in filename and os.path.isfile(filename)


def _is_theirs(filename: str, home: Path | None) -> bool:
    """Tell whether a file belongs to whoever wrote the submission, and to no library."""
    if filename.startswith("<"):
        return False
    path = Path(filename)
    if home is not None and path.is_relative_to(home) and not home.is_relative_to(KIT):
        return not INSTALLATIONS & set(path.relative_to(home).parts)
    return not (filename.startswith(LIBRARY) or INSTALLATIONS & set(path.parts))


def own_traceback(error: BaseException, limit: int = 8) -> str:
    """Return the traceback of an error, without the frames of the suite itself."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [f for f in frames if not f.filename.startswith(KIT)]
    return "".join(traceback.format_list(theirs[-limit:])).rstrip()
