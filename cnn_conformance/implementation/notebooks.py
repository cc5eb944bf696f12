"""Notebooks as Python source: their code cells one below the other, without what is IPython's own.

A notebook is JSON (format 4), which needs no library to be read. It is a stranger's: it is bounded
before it is parsed, and nothing in it is run here.

References
----------
https://nbformat.readthedocs.io/en/latest/format_description.html
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

SUFFIX = ".ipynb"
MAX_BYTES = 16 << 20
MAX_CONTAINERS = 1 << 20
"""How many lists and objects: the smallest takes 64 bytes of memory once it is parsed."""
MAX_CELLS = 5_000
MAX_MESSAGE, MAX_WORD = 200, 20
FORMAT = 4
CODING = "# coding: utf-8\n"
"""The first line of the source: a cell cannot declare another encoding after it."""
RUN_PYTHON = ("%%time", "%%timeit", "%%capture", "%%prun")
"""Magics whose cell is Python all the same."""
OPENED = re.compile(r"\"\"\"|'''|[\"'#()\[\]{}]")
CLOSED = {quote: re.compile(rf"\\.|{quote}") for quote in ('"""', "'''", '"', "'")}
ASKS_IPYTHON = re.compile(
    r"[%!?]|[^\W\d][\w.]*\?{1,2}$|[^\W\d][\w., ]*= *[%!]",
)
"""How a line begins that only IPython understands: `%magic`, `!shell`, `name?`, `files = !ls`."""


class BadNotebook(ValueError):
    """A file is no notebook of Python; the text says why."""


@dataclass(frozen=True)
class Cell:
    """A code cell.

    Parameters
    ----------
    number : int
        Its place among the code cells, from 1.
    begins : int
        The line of the whole source in which it begins, from 1.
    source : str
        What Python understands of it, line by line where it stands in the notebook.
    """

    number: int
    begins: int
    source: str


@dataclass(frozen=True)
class Notebook:
    """The code of a notebook.

    Parameters
    ----------
    cells : tuple of Cell
        Its code cells; those that Python cannot read are empty.
    notes : tuple of str
        What was left out of them on purpose, with its cell.
    errors : tuple of str
        What was left out as Python cannot read it, with cell and line.
    """

    cells: tuple[Cell, ...]
    notes: tuple[str, ...]
    errors: tuple[str, ...]

    @property
    def text(self) -> str:
        """All cells as one source."""
        return CODING + "".join(f"{cell.source}\n" for cell in self.cells)

    def place(self, line: int) -> str:
        """Return where a line of the whole source stands in the notebook."""
        at = bisect_right([cell.begins for cell in self.cells], line) - 1
        if at < 0:
            return f"line {line}"
        return f"cell {self.cells[at].number}, line {line - self.cells[at].begins + 1}"


def is_notebook(file: PurePath) -> bool:
    """Tell whether a file is a notebook, by its name."""
    return file.suffix.lower() == SUFFIX


def read(data: bytes) -> Notebook:
    """Return the code of a notebook.

    Parameters
    ----------
    data : bytes
        The file, of at most `MAX_BYTES`.

    Raises
    ------
    BadNotebook
        If it is none, or its code is not Python.
    """
    cells: list[Cell] = []
    notes: list[str] = []
    errors: list[str] = []
    magic: list[int] = []
    begins = 2
    for number, given in enumerate(_sources(_parsed(data)), start=1):
        source = given
        if not _error(source):
            pass
        elif other := _other_language(source):
            notes.append(f"cell {number} is for {other}, and was left out")
            source = ""
        else:
            source = "\n".join(_without_magic(textwrap.dedent(given).split("\n")))
            if error := _error(source):
                errors.append(f"cell {number}{error}, so the cell was left out")
                source = "\n" * given.count("\n")
            else:
                magic.append(number)
        cells.append(Cell(number, begins, source))
        begins += source.count("\n") + 1
    if magic:
        where = ", ".join(map(str, magic))
        which = "cell" if len(magic) == 1 else "cells"
        notes.insert(0, f"{which} {where}: lines for IPython or a shell (%, !, ?) were left out")
    return Notebook(tuple(cells), tuple(notes), tuple(errors))


def _parsed(data: bytes) -> dict[str, Any]:
    """Return a notebook's JSON.

    Raises
    ------
    BadNotebook
        If it is none.
    """
    clear = "clear its outputs and save it again"
    if len(data) > MAX_BYTES:
        raise BadNotebook(f"has more than {MAX_BYTES >> 20} MiB: {clear}")
    if data.count(b"[") + data.count(b"{") > MAX_CONTAINERS:
        raise BadNotebook(f"has more than {MAX_CONTAINERS:,} lists and objects: {clear}")
    try:
        book = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadNotebook(f"is no notebook: byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise BadNotebook(
            f"is no notebook: in line {error.lineno}, column {error.colno} it is not JSON: "
            f"{error.msg}. It is damaged, or was not saved completely"
        ) from None
    except RecursionError:
        raise BadNotebook("is no notebook: its JSON is nested too deeply") from None
    except ValueError as error:  # a number of too many digits
        raise BadNotebook(f"is no notebook: {error}") from None
    version = book.get("nbformat") if isinstance(book, dict) else None
    if not isinstance(version, int) or not isinstance(book, dict):
        raise BadNotebook('is no notebook: expected an object with "nbformat" and "cells"')
    if version != FORMAT or not isinstance(book.get("cells"), list):
        raise BadNotebook(
            f"is a notebook of format {version}, expected {FORMAT}: open it in Jupyter and save it"
        )
    if len(book["cells"]) > MAX_CELLS:
        raise BadNotebook(f"has more than {MAX_CELLS:,} cells")
    if language := _language(book):
        raise BadNotebook(f"is a notebook in {language[:40]}, expected Python")
    return book


def _language(book: dict[str, Any]) -> str:
    """Return the language that a notebook says it is in, if that is not Python."""
    metadata = book.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    for table, key in (("kernelspec", "language"), ("language_info", "name")):
        said = metadata.get(table)
        name = said.get(key) if isinstance(said, dict) else None
        if isinstance(name, str) and name:
            return "" if name.lower().startswith(("python", "ipython")) else name
    return ""


def _sources(book: dict[str, Any]) -> Iterator[str]:
    """Yield the text of each code cell, its lines ended as Python's."""
    for cell in book["cells"]:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source", "")
        if isinstance(source, list):
            source = "".join(line for line in source if isinstance(line, str))
        text = source if isinstance(source, str) else ""
        text = text.encode(errors="backslashreplace").decode()  # half characters
        yield text.replace("\r\n", "\n").replace("\r", "\n")


def _other_language(source: str) -> str:
    """Return the magic that gives a whole cell to something other than Python; nothing for none."""
    first = source.lstrip().partition("\n")[0].split(" ")[0]
    return first[:MAX_WORD] if first.startswith("%%") and first not in RUN_PYTHON else ""


def _error(source: str) -> str:
    """Return what is wrong with a cell, after its number; nothing for one that can be parsed."""
    try:
        ast.parse(source)
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        return f"{line}: {type(error).__name__}: {error.msg}"[:MAX_MESSAGE]
    except (ValueError, RecursionError, MemoryError) as error:
        return f": {type(error).__name__}: {error}"[:MAX_MESSAGE]
    return ""


def _without_magic(lines: list[str]) -> Iterator[str]:
    """Yield lines, with `pass` for those that are IPython's or a shell's.

    Within brackets or a string of several lines, a line that begins with % is Python.
    """
    depth, quote = 0, ""
    is_first = True  # of a statement
    in_magic = False
    for line in lines:
        stripped = line.strip()
        if in_magic or (is_first and ASKS_IPYTHON.match(stripped)):
            yield "" if in_magic else f"{line[: len(line) - len(line.lstrip())]}pass"
            in_magic = stripped.endswith("\\")
            continue
        yield line
        depth, quote = _after(line, depth, quote)
        is_first = not (depth or quote or line.endswith("\\"))


def _after(line: str, depth: int, quote: str) -> tuple[int, str]:
    """Return how many brackets are open after a line, and the quotes of a string that is."""
    place = 0
    while place < len(line):
        if quote:
            for found in CLOSED[quote].finditer(line, place):
                if found[0] == quote:
                    quote, place = "", found.end()
                    break
            else:
                break
            continue
        match = OPENED.search(line, place)
        if match is None or match[0] == "#":
            break
        place = match.end()
        if match[0] in "([{":
            depth += 1
        elif match[0] in ")]}":
            depth = max(depth - 1, 0)
        else:
            quote = match[0]
    goes_on = len(quote) == 3 or line.endswith("\\")
    return depth, quote if goes_on else ""
