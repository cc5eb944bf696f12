"""Writes the table of attacks into docs/security.md: `python tests/attacks/table.py`."""

import ast
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parents[1] / "docs" / "security.md"
BEGIN, END = "<!-- table -->\n", "<!-- end of the table -->\n"


def attacks() -> dict[str, Path]:
    """Return the file of every attack, by its name in the catalogue."""
    found = {}
    for file in sorted(HERE.glob("*/*.py")):
        found[file.relative_to(HERE).with_suffix("").as_posix()] = file
    for file in sorted(HERE.glob("*/*/submission.py")):
        found[file.parent.relative_to(HERE).as_posix()] = file
    return found


def table() -> str:
    """Return the table, in Markdown."""
    catalogue = tomllib.loads((HERE / "catalogue.toml").read_text("utf-8"))
    files = attacks()
    lines = ["| attack | what it does | what stops it | from level |", "|---|---|---|---|"]
    for name, entry in catalogue.items():
        does = ast.get_docstring(ast.parse(files[name].read_text("utf-8"))).partition("\n")[0]
        link = f"[{name}](../{files[name].relative_to(HERE.parents[1])})"
        lines.append(f"| {link} | {does} | {entry['by']} | `{entry['stopped_at']}` |")
    return "\n".join(lines) + "\n"


def written(text: str) -> str:
    """Return a document with the table as it should be."""
    head, _, rest = text.partition(BEGIN)
    return f"{head}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text("utf-8")), "utf-8")
