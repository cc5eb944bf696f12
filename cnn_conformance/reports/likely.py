"""What a diagnosis says, in the language that is spoken.

A result document is English. Beside the title and the text of a known mistake it has the sentences
that they consist of, each of which may have a translation of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cnn_conformance.language import ENGLISH, spoken, t
from cnn_conformance.reports import phrases

ID = "{ID}"
"""What stands for the unit in the ids of a sentence that is translated once for many units."""


def told(entry: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the diagnosis of a unit, a requirement or a case's details, in whole sentences.

    Parameters
    ----------
    entry : dict
        What has a `diagnosis`, or none.

    Returns
    -------
    list of tuple
        For each, what the failures look like, and what is asked and where to look; the latter is
        empty for a clue.
    """
    unit = str(entry.get("unit", ""))
    return [(title(each), text(each, unit)) for each in phrases.named(entry)]


def title(each: dict[str, Any]) -> str:
    """Return what failures look like: one known mistake, either of two, or a clue."""
    either = each.get("either")
    if isinstance(either, list) and len(either) == 2 and spoken() != ENGLISH:
        one, two = (t(f"{said}.") for said in either)
        return t("{one} Or else: {two}", one=one, two=two)
    if "said" in each and spoken() != ENGLISH:
        return t(each["said"], CONSTANT=each["constant"])
    return t(f"{each['title']}.")


def text(each: dict[str, Any], unit: str) -> str:
    """Return what is asked of a unit and where to look; what has no translation is English."""
    sentences = each.get("sentences")
    if isinstance(sentences, list) and spoken() != ENGLISH:
        id_ = unit.upper()
        keys = (str(said).replace(f"{id_}-", f"{ID}-") for said in sentences)
        return joined(t(key).replace(ID, id_) for key in keys)
    return phrases.cut(str(each.get("text") or ""), 1000)


def joined(sentences: Iterable[str]) -> str:
    """Return sentences one after the other, with a space between them but after a Chinese one."""
    return " ".join(sentences).strip().replace("。 ", "。")
