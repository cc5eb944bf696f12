"""`report.html`: one self-contained page that loads nothing and runs nothing of anybody else's."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnn_conformance import language
from cnn_conformance.language import t
from cnn_conformance.oracle.specification import ASPECTS
from cnn_conformance.outcomes import WRONG, Outcome
from cnn_conformance.reports import likely, phrases
from cnn_conformance.reports.heatmap import heat_map

if TYPE_CHECKING:
    import jinja2

TEMPLATES = Path(__file__).with_name("templates")
PICTURES = 2
FIRST = 12
SIGNS = {
    Outcome.PASSED: "\N{CHECK MARK}",
    Outcome.SUITE_ERROR: "!",
    Outcome.MISSING: "\N{WHITE CIRCLE}",
    Outcome.NOT_STARTED: "\N{WHITE CIRCLE}",
    Outcome.UNSUPPORTED: "\N{EN DASH}",
    Outcome.BLOCKED: "\N{CIRCLED DIVISION SLASH}",
    Outcome.NOT_SELECTED: "\N{MIDDLE DOT}",
}
KNOWN_DETAILS = (
    ("expected_shape", "expected shape"),
    ("got_shape", "actual shape"),
    ("shape", "shape"),
    ("allowed", "allowed difference"),
)


def render(document: dict[str, Any]) -> str:
    """Return the page for a result document."""
    document = phrases.prepared(document)
    script = asset("report.js")
    return page(
        "report.html.j2",
        ["report.css"],
        document=document,
        units=[
            {**_unit(document, unit), "worth": worth}
            for unit, worth in zip(
                document["units"], phrases.points_of(document["units"], document), strict=True
            )
        ],
        aspects=ASPECTS,
        loud=phrases.loud(document)[:FIRST],
        more=max(0, len(phrases.loud(document)) - FIRST),
        diagnosed=[(u["unit"], found) for u in document["units"] if (found := likely.told(u))],
        states=phrases.states(document),
        tally=[(outcome, sign(outcome), n) for outcome, n in document["counts"].items()],
        script=script,
    )


def page(template: str, styles: Sequence[str], script: str = "", **values: Any) -> str:
    """Return a page that loads nothing, and runs nothing but one script of ours.

    Parameters
    ----------
    template : str
        A file of `templates`.
    styles : sequence of str
        Files of `templates` that make its style together.
    script : str
        The script, if there is one.
    **values
        What the template shows.
    """
    style = asset(styles[0])
    for name in styles[1:]:
        style += asset(name)
    policy = _policy(style, script)
    shown = _environment().get_template(template)
    return shown.render(style=style, script=script, policy=policy, **values).strip() + "\n"


@cache
def _environment() -> jinja2.Environment:
    import jinja2  # here, because a run that writes no report has no use for it

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"points": phrases.points, "percent": phrases.percent, "sign": sign}
    environment.filters |= {"prose": prose, "breakable": breakable}
    environment.globals |= {"state": state, "gist": gist, "clues": clues}
    environment.globals |= {"t": language.t, "lang": language.spoken}
    return environment


@cache
def asset(name: str) -> Any:
    """Return a file of ours that goes into the page as it is."""
    from markupsafe import Markup

    return Markup((TEMPLATES / name).read_text("utf-8"))


def _policy(style: str, script: str) -> str:
    """Return a policy that allows our one style and our one script, and nothing else."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    digest = hashlib.sha256(str(text).encode()).digest()
    return "sha256-" + base64.b64encode(digest).decode()


def sign(outcome: str) -> str:
    """Return the sign of an outcome, which stands beside its name."""
    return SIGNS.get(Outcome(outcome), "\N{BALLOT X}")


def state(outcome: str) -> str:
    """Return which of the four colours an outcome has."""
    if outcome == Outcome.PASSED:
        return "good"
    if outcome in WRONG or outcome == Outcome.SUITE_ERROR:
        return "bad"
    return "quiet" if outcome == Outcome.NOT_SELECTED else "open"


def prose(text: str) -> Any:
    """Return a sentence of the specification with what stands in backticks as code."""
    from markupsafe import Markup

    parts = text.split("`")
    if len(parts) % 2 == 0:
        return text
    marked = [Markup("<code>{}</code>").format(p) if k % 2 else p for k, p in enumerate(parts)]
    return Markup("").join(marked)


def breakable(name: str) -> Any:
    """Return the name of a unit that may be broken before its inner capitals."""
    from markupsafe import Markup

    parts = re.split(r"(?<=[a-z0-9])(?=[A-Z][a-z])", name)
    return Markup("<wbr>").join(parts)


def clues(requirement: dict[str, Any]) -> list[str]:
    """Return the clues of a requirement, which no known mistake explains."""
    return [title for title, text in phrases.diagnosis(requirement) if not text]


def gist(requirement: dict[str, Any]) -> str:
    """Return the first line of what is wrong with a requirement."""
    message: str = phrases.smallest(requirement).get("message", "")
    return phrases.cut(message.strip().partition("\n")[0], 200, " ... ")


def _unit(document: dict[str, Any], unit: dict[str, Any]) -> dict[str, Any]:
    mine = [r for r in document["requirements"] if r["unit"] == unit["unit"]]
    known = likely.told(unit)
    worth = dict(zip((r["id"] for r in mine), phrases.points_of(mine, unit, 2), strict=True))
    return {
        **unit,
        "diagnosis": known,
        "loud": any(phrases.is_loud(r) for r in mine),
        "groups": [
            (
                aspect,
                [
                    {**_requirement(document, r, known), "worth": worth[r["id"]]}
                    for r in mine
                    if r["aspect"] == aspect
                ],
            )
            for aspect in ASPECTS
            if any(r["aspect"] == aspect for r in mine)
        ],
    }


def _requirement(
    document: dict[str, Any], requirement: dict[str, Any], known: list[tuple[str, str]]
) -> dict[str, Any]:
    cases = requirement["cases"]
    wrong = [c for c in cases if state(c["outcome"]) == "bad" and c["message"]]
    everything = document["reveal"] == "all"
    wrong.sort(key=phrases.elements)
    passed = [c for c in cases if c["outcome"] == Outcome.PASSED]
    open_cases: dict[tuple[str, str], list[str]] = {}
    for case in cases:
        if case not in wrong and case not in passed:
            key = case["outcome"], case.get("message", "")
            open_cases.setdefault(key, []).append(case["case"])
    return {
        **requirement,
        "diagnosis": [
            (title, "" if (title, text) in known else text)  # it stands above, at the unit
            for title, text in likely.told(requirement)
        ],
        "script": phrases.reproduction(document, requirement) if wrong and everything else "",
        "wrong": [_case(document, case, place < PICTURES) for place, case in enumerate(wrong)],
        "open_cases": [(*key, names) for key, names in open_cases.items()],
        "passed": [(case["case"], _share(case)) for case in passed],
    }


def _share(case: dict[str, Any]) -> str:
    share = case.get("share_of_tolerance")
    return "" if share is None else t("used {share} of its tolerance", share=f"{share:.1g}")


def _case(document: dict[str, Any], case: dict[str, Any], picture: bool) -> dict[str, Any]:
    details = case["details"]
    texts = {
        name: value if isinstance(value := details.get(name), str) else ""
        for name in ("traceback", "reproduce")
    }
    return {
        **case,
        **texts,
        "diagnosis": likely.told(details),
        "facts": _facts(details),
        "map": heat_map(details) if picture else None,
        "command": phrases.command(document, case) if document["reveal"] == "all" else "",
    }


def _facts(details: dict[str, Any]) -> list[tuple[str, str]]:
    facts = [(t(name), _plain(details[key])) for key, name in KNOWN_DETAILS if key in details]
    wrong, elements = details.get("wrong_elements"), details.get("elements")
    if isinstance(wrong, int) and isinstance(elements, int) and elements > 1:
        facts.append((t("wrong elements"), t("{count} of {of}", count=wrong, of=elements)))
    return facts


def _plain(value: Any) -> str:
    if isinstance(value, list):
        text = f"({', '.join(map(str, value))}{',' * (len(value) == 1)})"
    else:
        text = f"{value:.3g}" if isinstance(value, float) else str(value)
    return phrases.cut(text, 100, " ... ")
