"""Small pieces of HTML."""

from __future__ import annotations

import re
from html import escape


def text(sentence: str) -> str:
    """Return a sentence of the kit as HTML: what stands in backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(sentence, quote=False))


def raw(lines: str) -> str:
    """Return HTML as a block of Markdown; an empty line would end it, so none is left."""
    return f"\n```{{raw}} html\n{lines}\n```\n"


def folded(summary: str, body: str, kind: str, *, is_open: bool = False) -> str:
    """Return what is shown when its summary is clicked."""
    state = " open" if is_open else ""
    return f'<details class="{kind}"{state}><summary>{summary}</summary>\n{body}</details>'
