"""What Sphinx loads to make the site: pages are completed as they are read."""

from __future__ import annotations

import os.path
import posixpath
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

from cnn_conformance import template, units
from cnn_conformance.commands import COMMANDS
from cnn_conformance.language import speaking
from cnn_conformance.locations import PACKAGE
from cnn_conformance.reference import clear
from cnn_conformance.site import charts, field_guide, mathml, unit_page

FROM_ELSEWHERE = {
    "specification": "conformance/SPEC.md",
    "changelog": "CHANGELOG.md",
    "contributing": "CONTRIBUTING.md",
    "examples": "examples/README.md",
    "fixtures": "fixtures/README.md",
    "template": "student_template/README.md",
}
"""Pages whose text is at home in another folder, to which `docs/from` has links."""
PAGE_OF = {home: name for name, home in FROM_ELSEWHERE.items()} | {"README.md": "index"}
LINK = re.compile(
    r"(?<!!)\[(?P<text>[^\]]+)\]\((?P<target>(?!\w+:|#)[^)\s#]+)(?P<part>#[^)\s]*)?\)"
)
KINDS_OF_PAGE = {
    "layers": ("layer", "wrapper", "container"),
    "losses": ("loss",),
    "optimizers": ("optimizer", "schedule"),
    "functions": ("function",),
}
"""The kinds of unit that a page of the reference has."""
COMPLETED: dict[str, Callable[[str], str]] = {
    "units/index": lambda text: text + unit_page.index(),
    "habits": lambda text: text + field_guide.habits(),
    "frequencies": lambda text: text + charts.frequencies(),
    "reference/kit": lambda text: text + _commands(),
    "zh/template": lambda text: text.replace(template.TASKS, _spoken("zh", template.tasks)),
}
TOP = PACKAGE.parent
IS_A_CLONE = (TOP / "conformance").exists()
"""Whether there are files outside of the package for links to lead to."""
logger = logging.getLogger(__name__)
STEMS = frozenset(row.stem for row in units.ROWS)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect with Sphinx."""
    app.add_html_math_renderer("mathml", (mathml.inline, _nothing), (mathml.displayed, _nothing))
    app.connect("source-read", complete)
    app.connect("autodoc-process-docstring", link_addresses)
    app.connect("html-page-context", say_language)
    app.connect("build-finished", bring_font)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def complete(app: Sphinx, name: str, source: list[str]) -> None:
    """Complete the text of a page, and turn its links to files into links to pages."""
    folder_of_docs = Path(app.srcdir)
    if name in FROM_ELSEWHERE:
        source[0] = (folder_of_docs / "from" / f"{name}.md").read_text("utf-8")
    text = _linked(name, source[0])
    folder, _, stem = name.rpartition("/")
    if folder == "units" and stem in STEMS:
        text = unit_page.complete(stem, text)
    if folder == "reference" and stem in KINDS_OF_PAGE:
        text += _documented(KINDS_OF_PAGE[stem])
    source[0] = COMPLETED.get(name, str)(text)


def link_addresses(
    app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]
) -> None:
    """Mark addresses in a docstring as such: `..._.html` would be taken for a reference."""
    lines[:] = [re.sub(r"(https?://\S+)", r"`\1 <\1>`__", line) for line in lines]


def say_language(
    app: Sphinx, name: str, template: str, context: dict[str, Any], tree: object
) -> None:
    """Say in a page's head that a translation is in another language."""
    if name.startswith("zh/"):
        context["language"] = "zh-CN"


def bring_font(app: Sphinx, error: Exception | None) -> None:
    """Lay the font for formulas beside the style sheets."""
    if error is None:
        shutil.copyfile(mathml.font(), Path(app.outdir) / "_static" / mathml.FONT)


def _nothing(self: Any, node: object) -> None:
    """Write nothing at the end of a formula."""


def _documented(kinds: Sequence[str]) -> str:
    """Return directives that document the units of some kinds."""
    lines = []
    for row in units.ROWS:
        if row.kind in kinds:
            what = "function" if row.kind == "function" else "class"
            lines.append(f".. auto{what}:: {clear.__name__}.{row.name}")
            lines += ["   :members:", "   :inherited-members:"] if what == "class" else []
            lines.append("")
    return "\n```{eval-rst}\n" + "\n".join(lines) + "```\n"


def _commands() -> str:
    """Return a table of the commands."""
    rows = [
        f"| `{name}` | {command.said} | {command.group} |" for name, command in COMMANDS.items()
    ]
    return "\n".join(["", "| command | what it does | for |", "|---|---|---|", *rows, ""])


def _spoken(language: str, say: Callable[[], str]) -> str:
    """Return what a function says in a language."""
    with speaking(language):
        return say()


def _linked(name: str, text: str) -> str:
    """Return a text whose links lead to pages; what is no page is named without a link."""
    home = FROM_ELSEWHERE.get(name, f"docs/{name}.md")

    def linked(found: re.Match[str]) -> str:
        meant = posixpath.normpath(posixpath.join(posixpath.dirname(home), found["target"]))
        page = PAGE_OF.get(meant) or PAGE_OF.get(f"{meant}/README.md")
        if page is None and meant.startswith("docs/"):
            page = meant.removeprefix("docs/").removesuffix(".md")  # Sphinx says if it is not there
        elif page is None:
            if IS_A_CLONE and not (TOP / meant).exists():
                logger.warning("no such file: %s", meant, location=name)
            return found["text"]
        start = posixpath.dirname(name) or "."
        path = os.path.relpath(page, start).replace(os.sep, "/")
        return f"[{found['text']}]({path}.md{found['part'] or ''})"

    return LINK.sub(linked, text)
