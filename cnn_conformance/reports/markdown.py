"""`report.md`: the grade for the summary of a job, and at most ten annotations of GitHub's.

Texts of the implementation's stand in fences that they cannot close; `error_lines` escapes them as
workflow commands ask (`%`, line ends, and in a property `:` and `,` too).
"""

from __future__ import annotations

import re
from typing import Any

from cnn_conformance.language import t
from cnn_conformance.oracle.specification import ASPECTS
from cnn_conformance.outcomes import Outcome
from cnn_conformance.reports import likely, phrases

SHOWN = 40
ANNOTATIONS = 10
LIMIT = 900_000
"""Characters; a job's summary may have 1 MiB."""


def render(document: dict[str, Any]) -> str:
    """Return the report as GitHub's Markdown."""
    document = phrases.prepared(document)
    parts = [_head(document), _table(document), _facts(document)]
    for unit in document["units"]:
        found = likely.told(unit)
        parts += [f"**{inline(unit['unit'])}** {looks_like(each)}" for each in found]
    loud = phrases.loud(document)
    left = LIMIT
    for place, requirement in enumerate(loud):
        text = f"### {requirement['id']} {t(requirement['verdict'])}\n\n" + failure(
            document, requirement
        )
        left -= len(text)
        if place == SHOWN or left < 0:
            ids = ", ".join(r["id"] for r in loud[place:])
            count = len(loud) - place
            parts.append(t("{count} more requirements are not met: {ids}", count=count, ids=ids))
            break
        parts.append(text)
    parts += [
        f"{t('Expected:')} {inline(reason)} ({', '.join(r['id'] for r in together)})"
        for reason, together in phrases.expected(document)
    ]
    return phrases.unheeded("\n\n".join(parts) + "\n")


def error_lines(document: dict[str, Any]) -> str:
    """Return at most ten `::error` lines: GitHub shows no more of one step."""
    document = phrases.prepared(document)
    lines = [_command("Problem", problem) for problem in document["problems"]]
    if document["withheld"]:
        lines.insert(0, _command("Grade withheld", phrases.states(document)[0]))
    if not document.get("expected", {}).get("held", True):
        lines += [_command("Known deviations", text) for text in phrases.expectations(document)]
    for requirement in phrases.loud(document):
        case = phrases.smallest(requirement)
        title = f"{requirement['id']} {requirement['verdict']}"
        text = f"{requirement['sentence']}\n{case['case']}: {phrases.cut(case['message'], 1000)}"
        lines.append(_command(title, text))
    return "".join(f"{line}\n" for line in lines[:ANNOTATIONS])


def _command(title: str, text: str) -> str:
    return f"::error title={_escaped(title, ':,')}::{_escaped(text)}"


def _escaped(text: str, more: str = "") -> str:
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def failure(document: dict[str, Any], requirement: dict[str, Any]) -> str:
    """Return what is wrong with one requirement."""
    case = phrases.smallest(requirement)
    details, sentence = case["details"], prose(t(requirement["sentence"]))
    if not case["message"]:  # the grader shows no more
        return sentence
    parts = [
        sentence,
        t("Case {name}: {why}", name=code(case["case"]), why=prose(case["why"])),
        fenced(case["message"]),
    ]
    parts += [looks_like(each) for each in likely.told(requirement) + likely.told(details)]
    for name, text in (("Traceback", details.get("traceback")), ("Printed output", case["prints"])):
        if isinstance(text, str) and text.strip():
            parts.append(f"{t(name)}:\n\n{fenced(phrases.cut(text.strip(), 3000))}")
    wrong = sum(c["outcome"] == case["outcome"] for c in requirement["cases"])
    if wrong > 1:
        of = len(requirement["cases"])
        parts.append(t("And {count} more of its {of} cases fail.", count=wrong - 1, of=of))
    if document["reveal"] == "all":
        commands = [phrases.command(document, case), phrases.reproduction(document, requirement)]
        shown = "\n".join(command for command in commands if command)
        said = t("Run just this, or get it as a short script:")
        parts.append(f"{said}\n\n{fenced(shown)}")
    return "\n\n".join(parts)


def looks_like(entry: tuple[str, str]) -> str:
    """Return a diagnosis as a sentence."""
    title, text = entry
    return t("Looks like: {what}", what=likely.joined([prose(title), prose(text)]))


def inline(text: str) -> str:
    """Return a text that means nothing to Markdown, in one line."""
    text = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = text.replace("::", ":&#58;")  # two at the start of a line command a runner
    return re.sub(r"([\\`*_\[\]#|~])", r"\\\1", text)


def notice(text: str) -> str:
    """Return a notice: its sentence in bold, then the items of its list."""
    head, *items = text.split("\n")
    shown = [f"- {inline(item.removeprefix(phrases.ITEM))}" for item in items]
    return "\n".join([f"**{inline(head)}**", *([""] if items else []), *shown])


def prose(text: str) -> str:
    """Return a sentence of the specification: what stands in backticks stays code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return inline(text)
    shown = [code(part) if k % 2 else _spaced(part) for k, part in enumerate(parts)]
    return "".join(shown).strip()


def _spaced(text: str) -> str:
    """Return a part of a sentence with the spaces at its ends."""
    return f"{' ' * text[:1].isspace()}{inline(text)}{' ' * (text[-1:].isspace() and text != ' ')}"


def code(text: str) -> str:
    """Return a text as code within a line."""
    text = " ".join(text.split()) or " "
    ticks = "`" * (_longest_run(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def fenced(text: str) -> str:
    """Return a text as a block that it cannot end."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}text\n{text}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def headline(document: dict[str, Any]) -> str:
    """Return the grade in a few words."""
    if document["withheld"]:
        return t("grade withheld")
    facts = {"points": phrases.points(document), "percent": phrases.percent(document)}
    return t("{points} points ({percent})", **facts)


def _head(document: dict[str, Any]) -> str:
    lines = [f"## {code(document['implementation'])}: {headline(document)}"]
    lines += map(notice, phrases.states(document))
    lines += [fenced(problem) for problem in document["problems"]]
    return "\n\n".join(lines)


def _table(document: dict[str, Any]) -> str:
    aspects = map(t, ASPECTS)
    rows = [[t("unit"), *aspects, t("points"), t("verdict")], ["---", *["---:"] * 6, "---"]]
    worth = phrases.points_of(document["units"], document)
    for unit, points in zip(document["units"], worth, strict=True):
        cells = [_cell(unit["aspects"].get(aspect)) for aspect in ASPECTS]
        said = t(unit["verdict"])
        verdict = said if unit["verdict"] == Outcome.PASSED else f"**{said}**"
        rows.append([inline(unit["unit"]), *cells, points, verdict])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(aspect: dict[str, Any] | None) -> str:
    if aspect is None:
        return ""
    text = f"{aspect['passed']}/{aspect['requirements']}"
    return text if aspect["passed"] == aspect["requirements"] else f"**{text}**"


def _facts(document: dict[str, Any]) -> str:
    versions = document["versions"]
    return inline(
        f"{phrases.tallied(document)}; "
        f"cnn-conformance {versions['conformance']}, numpy {versions['numpy']}, "
        f"Python {versions['python']}, fixtures {document['fixtures']['sha256'][:12]}"
    )
