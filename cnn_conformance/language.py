"""The language of a report: English, or what a folder of `translations` has instead.

    with speaking("zh"):
        t("total {points}  ({percent})", points="3.0 / 6.0", percent="50.0 %")

The English text is the key: one that changes has no translation until it is translated again.
A folder has the frame of a report (headings, aspects, outcomes, notices), what is asked of the
units, and what is told of known mistakes. Whatever has no translation is English, such as the
messages of findings.
"""

from __future__ import annotations

import tomllib
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("translations")
ENGLISH = "en"
LANGUAGES = (ENGLISH, *sorted(file.parent.name for file in FOLDER.glob("*/frame.toml")))
_spoken: ContextVar[str] = ContextVar("spoken", default=ENGLISH)


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Have reports speak one of LANGUAGES for a while."""
    token = _spoken.set(name)
    try:
        yield
    finally:
        _spoken.reset(token)


def add_option(add: Callable[..., object], what: str = "reports") -> None:
    """Add `--lang` to a parser; `what` is said in the language."""
    add(
        "--lang",
        choices=LANGUAGES,
        default=ENGLISH,
        help=f"the language of {what}, but for what is found (default: %(default)s)",
    )


def spoken() -> str:
    """Return the language that is spoken."""
    return _spoken.get()


def t(text: str, /, **facts: object) -> str:
    """Return a text of a report in the language that is spoken, with facts in braces."""
    said = translations(spoken()).get(text, text)
    return said.format_map(facts) if facts else said


@cache
def translations(name: str) -> Mapping[str, str]:
    """Return what stands for each English text in a language; nothing for English itself."""
    if name == ENGLISH:
        return {}
    return ChainMap(*files(name).values())


def files(name: str) -> dict[str, dict[str, str]]:
    """Return the translations of a language by the file that has them."""
    return {
        file.stem: tomllib.loads(file.read_text("utf-8"))
        for file in sorted((FOLDER / name).glob("*.toml"))
    }
