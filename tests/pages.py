"""What is wrong with a page, by rules that axe-core and html-validate have, and how wide it is."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "input", "rect", "br", "wbr", "link", "img", "col"}
NAMED = {"a", "button", "dialog", "form", "input", "main", "nav", "output", "section", "select",
         "summary", "svg", "table", "textarea"}  # fmt: skip
"""Elements that may have an aria-label without a role."""
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


class _Rules(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []
        self.level = 0
        self.buttons: list[bool] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if re.fullmatch(r"h[1-6]", tag):
            if int(tag[1]) > self.level + 1:
                self.found.append(f"{tag} follows a heading of level {self.level}")
            self.level = int(tag[1])
        if "aria-label" in given and "role" not in given and tag not in NAMED:
            self.found.append(f"aria-label on a plain {tag}")
        if tag == "tr" and self.open[-1:] not in (["thead"], ["tbody"], ["tfoot"]):
            self.found.append("tr is in no thead and no tbody")
        if tag == "form":
            self.buttons.append(False)
        if tag == "button" and given.get("type", "submit") == "submit" and self.buttons:
            self.buttons[-1] = True
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and not self.buttons.pop():
            self.found.append("form has no button that submits it")
        if self.open[-1:] != [tag]:
            self.found.append(f"</{tag}> closes {self.open[-1:]}")
        else:
            self.open.pop()


def problems(page: str) -> list[str]:
    """Return which rules a page breaks."""
    rules = _Rules()
    rules.feed(page)
    rules.close()
    return rules.found + [f"{tag} stays open" for tag in rules.open]


def measured(page: str, width: int, expression: str, folder: Path) -> str:
    """Return what an expression of JavaScript gives in a window of a width."""
    assert CHROMIUM is not None
    script = f"<script>document.title = 'measured ' + ({expression})</script></body>"
    file = folder / "page.html"
    without = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    file.write_text(without.replace("</body>", script), "utf-8")
    shown = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--window-size={width},900",
         f"--user-data-dir={folder / 'profile'}", "--dump-dom", file.as_uri()],
        capture_output=True, text=True, timeout=120,
    ).stdout  # fmt: skip
    found = re.search(r"<title>measured (.*?)</title>", shown)
    assert found, shown[:500]
    return html.unescape(found[1])
