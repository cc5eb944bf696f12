"""Formulas as MathML, which browsers draw themselves: no script, no picture, no network.

The one thing that a browser may lack is a font for mathematics, so STIX Two Math comes along.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.util import logging

CHANGED = {
    "&#x000AF;": "&#x0203E;",  # a bar as wide as the letter below it
    '<mo stretchy="false">&#x0007C;</mo>': '<mo stretchy="false" lspace="0" rspace="0">|</mo>',
    '<mo>max</mo><mo stretchy="false">&#x00028;': '<mi>max</mi><mo stretchy="false">&#x00028;',
    '<mo>min</mo><mo stretchy="false">&#x00028;': '<mi>min</mi><mo stretchy="false">&#x00028;',
}
"""What browsers show better: with no space round the lines of an absolute value, nor round the name
of a function that has its brackets."""
logger = logging.getLogger(__name__)
FONT = "STIXTwoMath-Regular.ttf"

NAME = "<mi>(?:log|tanh|exp|sin|cos)</mi>"
APPLIED = re.compile(rf"(?:{NAME}|<msup>{NAME}<mn>\d</mn></msup>)(?=<m(?!o[ >]))")
"""The name of a function in front of what it is applied to, where no bracket is between them."""


def font() -> Path:
    """Return where the font is: it comes with ziamath."""
    found = find_spec("ziamath")
    assert found is not None, "ziamath is not installed"
    assert found.origin is not None
    return Path(found.origin).parent / "fonts" / FONT


def inline(self: Any, node: nodes.math) -> None:
    """Write a formula in a line of text."""
    self.body.append(_converted(node, "inline"))
    raise nodes.SkipNode


def displayed(self: Any, node: nodes.math_block) -> None:
    """Write a formula that stands alone; one too wide for the screen is scrolled by itself."""
    text = _converted(node, "block")
    self.body.append(f'<div class="formula" tabindex="0">{text}</div>')
    raise nodes.SkipNode


def _converted(node: nodes.Element, display: str) -> str:
    text = node.astext().strip()
    try:
        made: str = convert(text, display=display)
    except Exception as error:  # of many classes with nothing in common
        logger.warning("no formula: %s: %s", type(error).__name__, text, location=node)
        return ""
    if unknown := re.search(r"\\\w+", made):
        logger.warning("unknown command: %s: %s", unknown[0], text, location=node)
    for was, becomes in CHANGED.items():
        made = made.replace(was, becomes)
    return APPLIED.sub(r'\g<0><mspace width="0.17em"/>', made)
