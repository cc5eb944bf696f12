"""Writes the student's template: the reference without its bodies.

Signatures, docstrings and constructors are kept; what the student is to write raises
`NotImplementedError("TODO ...")`; private helpers go, and with them the reference's way of doing
things. Files that the rest still imports (the base class, the checks of arguments) are copied.
The reference is read as text, never imported.
"""

from __future__ import annotations

import ast
import keyword
import shlex
import sys
import textwrap
from pathlib import Path

from cnn_conformance import units
from cnn_conformance.language import t
from cnn_conformance.locations import REFERENCE
from cnn_conformance.parsing import Parser

README = Path(__file__).with_name("README.md")
TASKS = "{tasks}"
"""Where the README has the rows of the full profile's units."""
NAME = "student_template"
IMPORT = f"from {NAME} import *"
NUMPY = "import numpy as np"
LINE_LENGTH = 100


def build(reference: Path, name: str = NAME) -> dict[str, str]:
    """Return the template's files by name.

    Parameters
    ----------
    reference : Path
        The folder of the reference implementation.
    name : str
        What the template's folder is called: the README grades and imports it.
    """
    stems = dict.fromkeys(units.of(unit).stem for unit in units.EXPORTED)
    files = {f"{stem}.py": _strip((reference / f"{stem}.py").read_text("utf-8")) for stem in stems}
    files["__init__.py"] = (reference / "clear.py").read_text("utf-8")
    waiting = [*files.values()]
    while waiting:
        for stem in _siblings(waiting.pop()):
            if f"{stem}.py" not in files:
                files[f"{stem}.py"] = (reference / f"{stem}.py").read_text("utf-8")
                waiting.append(files[f"{stem}.py"])
    files["__init__.py"] = _with_docstring(
        files["__init__.py"], "A convolutional network in numpy: yours to write."
    )
    files["README.md"] = readme(name)
    return dict(sorted(files.items()))


def readme(name: str = NAME) -> str:
    """Return the README for a folder of a name, which need not be one that Python imports."""
    text = README.read_text("utf-8").replace(TASKS, tasks())
    if not (name.isidentifier() and not keyword.iskeyword(name)):
        by_name = f"globals().update(vars(importlib.import_module({name!r})))"
        text = text.replace(IMPORT, f"import importlib\n    {by_name}")
    return text.replace(NAME, shlex.quote(name) if " " in name else name)


def tasks() -> str:
    """Return a row of a table for each unit of the full profile, in the language that is spoken."""
    return "\n".join(
        f"| `{row.stem}.py` | {t(row.task)} | `GRADE --profile=full -k test_{row.stem}.py` |"
        for row in units.ROWS
        if row.profile == "full"
    )


def parser() -> Parser:
    """Return what reads the command line."""
    made = Parser("template", "Write the files that students fill in.")
    made.add_argument("folder", nargs="?", type=Path, default=Path(NAME))
    made.add_argument("--check", action="store_true", help="only say what differs")
    made.add_argument("--force", action="store_true", help="overwrite files that differ")
    return made


def main(argv: list[str]) -> int:
    """Write the template, or tell whether a folder has it."""
    options = parser().parse_args(argv)
    folder: Path = options.folder
    files = build(REFERENCE, folder.resolve().name or NAME)
    if folder.exists() and not folder.is_dir():
        print(f"{folder} is a file, expected a folder", file=sys.stderr)
        return 2
    there = {name: folder / name for name in files if (folder / name).exists()}
    differ = [name for name, path in there.items() if path.read_text("utf-8") != files[name]]
    if options.check:
        stale = [f"{name} differs" for name in differ]
        stale += [f"{name} is missing" for name in files if name not in there]
        print("\n".join(stale) or f"{folder} is up to date")
        return 1 if stale else 0
    if differ and not options.force:
        print(
            f"{folder} has other contents in {', '.join(differ)}: nothing was written. "
            "Name another folder, or overwrite them with --force",
            file=sys.stderr,
        )
        return 2
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, "utf-8")
    except OSError as error:
        print(f"{error.filename or folder} cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    print(f"wrote {len(files)} files to {folder}; start with {folder / 'README.md'}")
    return 0


def _strip(source: str) -> str:
    """Return a module without its private parts and its public bodies."""
    lines = source.splitlines()
    kept: list[str] = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            kept += ["", "", *_class(node, lines)]
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            kept += ["", "", *_body_to_write(node, node.name, lines)]
    body = "\n".join(kept)
    imports = [
        text
        for node in ast.parse(source).body
        if isinstance(node, (ast.Import, ast.ImportFrom)) and (text := _used(node, body))
    ]
    if NUMPY not in imports:  # whoever fills this in will need it
        imports.append(NUMPY)
    name = next(
        node.name
        for node in ast.parse(body).body
        if isinstance(node, (ast.ClassDef, ast.FunctionDef))
    )
    title = f'"""{"The training loop" if name in units.LOOPS else name}: yours to write."""'
    return "\n".join([title, "", *_blocks(imports)]).rstrip() + "\n" + body + "\n"


def _class(node: ast.ClassDef, lines: list[str]) -> list[str]:
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    docstring_end = node.body[0].end_lineno or node.lineno
    kept = lines[first - 1 : docstring_end]
    for item in node.body[1:]:
        if isinstance(item, ast.FunctionDef) and item.name == "__init__":
            kept += ["", *_constructor(item, lines)]
        elif isinstance(item, ast.FunctionDef) and not item.name.startswith("_"):
            kept += ["", *_body_to_write(item, f"{node.name}.{item.name}", lines)]
    return kept


def _constructor(node: ast.FunctionDef, lines: list[str]) -> list[str]:
    """Return a constructor without what prepares the private state of the reference."""
    dropped: set[int] = set()
    for item in node.body:
        target = getattr(item, "target", None) or next(iter(getattr(item, "targets", [])), None)
        if isinstance(target, ast.Attribute) and target.attr.startswith("_"):
            dropped |= set(range(item.lineno, (item.end_lineno or item.lineno) + 1))
    last = node.end_lineno or node.lineno
    return [lines[n - 1] for n in range(node.lineno, last + 1) if n not in dropped]


def _body_to_write(node: ast.FunctionDef, name: str, lines: list[str]) -> list[str]:
    """Return a function's head and docstring, and what raises in place of its body."""
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    docstring = ast.get_docstring(node)
    end = node.body[0].end_lineno if docstring else node.body[0].lineno - 1
    summary = (docstring or "this too").splitlines()[0].rstrip(".")
    todo = f"TODO {name}: {summary[0].lower()}{summary[1:]}".replace('"', "'").replace("\\", "/")
    indent = " " * (node.col_offset + 4)
    raising = [f'{indent}raise NotImplementedError("{todo}")']
    if len(raising[0]) > LINE_LENGTH:
        room = LINE_LENGTH - len(indent) - len('    ""')
        parts = [todo] if len(todo) <= room else textwrap.wrap(todo, room - 1)
        texts = [f'{indent}    "{part} "' for part in parts[:-1]] + [f'{indent}    "{parts[-1]}"']
        raising = [f"{indent}raise NotImplementedError(", *texts, f"{indent})"]
    return [*lines[first - 1 : end], *raising]


def _used(node: ast.Import | ast.ImportFrom, body: str) -> str:
    """Return an import with the names that a text still uses; nothing if there are none."""
    words = {word.id for word in ast.walk(ast.parse(body)) if isinstance(word, ast.Name)}
    aliases = [alias for alias in node.names if (alias.asname or alias.name) in words]
    if not aliases:
        return ""
    if isinstance(node, ast.Import):
        return ast.unparse(ast.Import(aliases))
    return ast.unparse(ast.ImportFrom(node.module, aliases, node.level))


def _blocks(imports: list[str]) -> list[str]:
    """Return imports in blocks: the standard library, numpy, the neighbours."""
    blocks = [
        [text for text in imports if "numpy" not in text and "from ." not in text],
        [text for text in imports if "numpy" in text],
        [text for text in imports if "from ." in text],
    ]
    return [line for block in blocks if block for line in [*block, ""]]


def _siblings(source: str) -> list[str]:
    """Return the modules of its own package that a module imports."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            found += [node.module] if node.module else [alias.name for alias in node.names]
    return found


def _with_docstring(source: str, docstring: str) -> str:
    end = ast.parse(source).body[0].end_lineno
    return "\n".join([f'"""{docstring}"""', *source.splitlines()[end:]]) + "\n"
