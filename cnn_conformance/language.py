"""The language of a report: English, or what a file beside `phrases.toml` has instead.

    with speaking("zh"):
        t("total {points}  ({percent})", points="3.0 / 6.0", percent="50.0 %")

Translated is the frame of a report: its headings, aspects, outcomes and notices. Whatever has no
translation is English: sentences of the specification, findings, and names of mistakes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
ENGLISH = "en"
LANGUAGES = (ENGLISH, *sorted(f.name.split(".")[1] for f in FOLDER.glob("phrases.*.toml")))
_spoken: ContextVar[str] = ContextVar("spoken", default=ENGLISH)


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Have reports speak one of LANGUAGES for a while."""
    token = _spoken.set(name)
    try:
        yield
    finally:
        _spoken.reset(token)


def spoken() -> str:
    """Return the language that is spoken."""
    return _spoken.get()


def t(text: str, /, **facts: object) -> str:
    """Return a text of a report's frame in the language that is spoken, with facts in braces."""
    said = translations(spoken()).get(text, text)
    return said.format_map(facts) if facts else said


@cache
def translations(name: str) -> Mapping[str, str]:
    """Return what stands for each English text in a language; nothing for English itself."""
    if name == ENGLISH:
        return {}
    found: dict[str, str] = tomllib.loads((FOLDER / f"phrases.{name}.toml").read_text("utf-8"))
    return found
