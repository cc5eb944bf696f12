"""What every report says in the same words: points, commands, and texts that cannot do harm."""

from __future__ import annotations

import io
import math
import os
import re
import shlex
import sys
from collections.abc import Sequence
from typing import Any

from cnn_conformance.language import t
from cnn_conformance.outcomes import WRONG, Outcome
from cnn_conformance.reports.shares import added_up, down, settle
from cnn_conformance.unit import PROFILES

BLOCKS = frozenset({"message", "prints", "traceback", "reproduce", "text", "sentences", "problems"})
MAX_TEXT, MAX_NAME = 4000, 300
"""Characters that reports show of such a text, which may have lines, and of any other."""
SHOWN_IDS = 8
COMMAND = re.compile(r"^(\s*)::", re.MULTILINE)
UNKNOWN = "\N{REPLACEMENT CHARACTER}"


def prepared(document: dict[str, Any]) -> dict[str, Any]:
    """Return a result document as reports may show it.

    Texts have no characters that steer a terminal or that XML and UTF-8 do not know, names are one
    line, and what is long loses its middle; where the grade is withheld, no requirement has points;
    where only the verdicts may be seen, there are no requirements.
    """
    clean: dict[str, Any] = _cleaned(document)
    settle(clean)
    if clean["withheld"]:
        for entry in (*clean["units"], *clean["requirements"]):
            entry["points"] = None
        clean["points"] = None
    if clean["reveal"] == "verdict":
        clean["requirements"] = []
        if "expected" in clean:
            clean["expected"] |= {"listed": [], "unlisted": []}
    return clean


def _cleaned(value: Any, field: str = "") -> Any:
    if isinstance(value, str):
        if field in BLOCKS:
            return cut(cleaned(value))
        return cut(cleaned(value).replace("\n", " "), MAX_NAME, " ... ")
    if isinstance(value, dict):
        return {_cleaned(str(key)): _cleaned(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item, field) for item in value]
    return value


def cleaned(text: str) -> str:
    """Return a text without the characters that steer a terminal or that XML has not."""
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n").expandtabs()
    return "".join(c if c.isprintable() or c == "\n" else UNKNOWN for c in text)


def unheeded(text: str) -> str:
    """Return a text without lines that command a runner of GitHub's, which reads what is printed.

    It looks for `::` behind any white space at the start of a line, and for `##[` anywhere.
    """
    return COMMAND.sub(r"\1| ::", text).replace("##[", "# #[")


def cut(text: str, length: int = MAX_TEXT, instead: str = "\n[...]\n") -> str:
    """Return a text without its middle, where it is long."""
    if len(text) <= length:
        return text
    return f"{text[: length // 2]}{instead}{text[-length // 2 :]}"


def points(entry: dict[str, Any], digits: int = 1) -> str:
    """Return the points of something that has `points` and `max_points`, rounded down."""
    of = f"{entry['max_points']:.{digits}f}"
    if entry["points"] is None:
        return f"-- / {of}"
    return f"{down(entry['points'], entry['max_points'], digits):.{digits}f} / {of}"


def points_of(parts: Sequence[dict[str, Any]], whole: dict[str, Any], digits: int = 1) -> list[str]:
    """Return what `points` says of the parts of a whole, so that they add up to what it says."""
    return [
        f"{'--' if got is None else f'{got:.{digits}f}'} / {of:.{digits}f}"
        for got, of in added_up(parts, whole, digits)
    ]


def percent(document: dict[str, Any]) -> str:
    """Return the share of the points as they are shown, 0 only for nothing at all."""
    points, of = document["points"], document["max_points"]
    share = 100 * down(points, of) / of if of else 0.0
    return f"{max(down(share, 100.0), 0.1 if points > 0 else 0.0):.1f} %"


ISOLATION = {
    "landlock": "Isolation landlock: the code could not read golden data or write outside its own "
    "folder, but it shared the machine's disk space.",
    "process": "Isolation process: enough for code that you trust. It could have read the golden "
    "data, and whatever you can read.",
    "none": "No isolation: the implementation could have changed its own result.",
}


def isolation(document: dict[str, Any]) -> list[str]:
    """Return what a level of isolation leaves open, if it leaves something open."""
    said = ISOLATION.get(document["isolation"])
    return [t(said)] if said else []


def states(document: dict[str, Any]) -> list[str]:
    """Return what a reader must know before they believe the points."""
    found = []
    if document["withheld"]:
        found.append(t("The grade is withheld: the suite itself failed. This costs no points."))
    if document["partial"]:
        found.append(t("Partial run: not every check was selected, so this is not a grade."))
    found += isolation(document)
    found += total(document)
    found += dialect(document)
    if document["reveal"] != "all":
        found.append(
            t("The numbers are hidden: reports show only the {level}.", level=document["reveal"])
        )
    return found + notices(document) + expectations(document)


def total(document: dict[str, Any]) -> list[str]:
    """Return which points count on top, and which are not given because there are too many."""
    if "total" not in document:
        return []
    of, found = document["total"], []
    units = {unit["unit"]: unit for unit in document["units"]}
    if of["bonus"]:
        told = ", ".join(f"{unit} {points(units[unit])}" for unit in of["bonus"])
        found.append(t("Bonus, on top of the other points: {units}.", units=told))
    if "most" in of:
        earned = of["points"]
        facts = {"most": f"{of['most']:g}", "earned": f"{earned or 0:.1f}"}
        if earned is None or earned <= of["most"]:
            found.append(t("At most {most} points are given.", **facts))
        else:
            found.append(t("At most {most} points are given; {earned} were earned.", **facts))
    return found


def dialect(document: dict[str, Any]) -> list[str]:
    """Return by which conventions other than the specification's a result was judged."""
    declared = document.get("dialect", ())
    if not declared:
        return []
    names = ", ".join(f"{each['name']} = {each['value']}" for each in declared)
    said = " ".join(t(each["said"]) for each in declared)
    head = t("Graded by conventions that the rubric declares ({names}).", names=names)
    return [f"{head} {said}"]


def expectations(document: dict[str, Any]) -> list[str]:
    """Return what a list of known deviations has come to: first whether it holds."""
    if "expected" not in document:
        return []
    expected = document["expected"]
    count = sum("expected" in requirement for requirement in document["requirements"])
    if expected["held"]:
        found = [t("All is as the list of known deviations (--expect) says.")]
    else:
        found = [t("Not all is as the list of known deviations (--expect) says.")]
    if count:
        found[0] += " " + t("Expected failures: {count}; their points stay lost.", count=count)
    for row in expected["listed"]:
        if row["passes"] and document["reveal"] != "verdict":
            found.append(_stale(row))
    if expected["unlisted"] and document["reveal"] != "verdict":
        found.append(t("Not on the list: {ids}.", ids=", ".join(_units_or_ids(document))))
    return found


def _units_or_ids(document: dict[str, Any]) -> list[str]:
    """Return what is not on the list: of a unit that is missing its name, of others the ids."""
    gone = {u["unit"] for u in document["units"] if u["verdict"] == Outcome.MISSING.value}
    unit_of = {r["id"]: r["unit"] for r in document["requirements"]}
    named = (
        f"{unit_of[id_]} (missing)" if unit_of.get(id_) in gone else id_
        for id_ in document["expected"]["unlisted"]
    )
    return list(dict.fromkeys(named))


def _stale(row: dict[str, Any]) -> str:
    """Say which row is no longer true, and what to do."""
    passes = ", ".join(row["passes"][:SHOWN_IDS]) + ", ..." * (len(row["passes"]) > SHOWN_IDS)
    unit, mistake = (cleaned(row.get(key, "")) for key in ("unit", "mistake"))
    if row.get("requirement"):
        return f"{passes} passes, and is listed as expected to fail: drop its row."
    if mistake and row["fails"]:
        return (
            f'{passes} passes, and would not with the listed mistake "{mistake}" of {unit}: list '
            "the requirements that still fail instead."
        )
    if mistake:
        return f'The listed mistake "{mistake}" of {unit} is gone: drop its row.'
    return f"{unit} is listed as not there, and is: list the requirements that fail instead."


ITEM = "- "
"""How a line of a notice begins that is an item of a list."""


def notices(document: dict[str, Any]) -> list[str]:
    """Return what a reader should know of a style and of the imports, which prove nothing.

    A notice of several lines is a sentence and a list of items.
    """
    look: list[str] = []
    refused: list[str] = []
    for entry in document["imports"]:
        where = cleaned(entry["where"]).replace("\n", " ") or t("seen in its process")
        group = refused if entry["policy"] == "forbidden" else look
        group.append(f"{cleaned(entry['name'])} ({where})")
    found = [_through(document)] if _style(document) else []
    if document.get("notes"):
        left_out = [f"{ITEM}{cleaned(text)}" for text in document["notes"]]
        found.append("\n".join([t("Left out of the notebook:"), *left_out]))
    if document.get("not_enforced"):
        names = ", ".join(cleaned(name).replace("\n", " ") for name in document["not_enforced"])
        level = document["isolation"]
        found.append(
            t(
                "The import rules were not enforced: the rubric forbids {names}, and at isolation "
                "{level} the code may have used it anyway.",
                names=names,
                level=level,
            )
        )
    if refused:
        found.append(t("Forbidden imports, which fail here: {names}.", names=", ".join(refused)))
    if look:
        found.append(t("Imports worth a look: {names}.", names=", ".join(look)))
    if refused or look:
        found[-1] += " " + t("An editor may have added an import that nothing uses.")
    return found


def _through(document: dict[str, Any]) -> str:
    """Return through which style code was graded, and in lines what it assumes if drafted."""
    style = cleaned(_style(document))
    assumed = [f"{ITEM}{cleaned(text)}" for text in document.get("assumptions", ())]
    if not assumed:
        return t("Graded through the style {style}.", style=style)
    said = t("Graded through {style}, a drafted adapter. Check what it assumes:", style=style)
    return "\n".join([said, *assumed])


def _style(document: dict[str, Any]) -> str:
    """Return the style through which code was graded, empty for none."""
    style = str(document.get("style", ""))
    return "" if style == "none" else style


def command(document: dict[str, Any], case: dict[str, Any]) -> str:
    """Return how to run one check on one case again."""
    return f'{run_command(document)} -k "{selection(case["check"])}"'


def run_command(document: dict[str, Any]) -> str:
    """Return how to grade the same implementation again."""
    call = f"cnn-conformance grade {shlex.quote(document['implementation'])}"
    style = document.get("style")
    call += f" --style={shlex.quote(style)}" if style else ""
    if document["profile"] in PROFILES[1:]:
        call += f" --profile={document['profile']}"
    return call + _declared(document, "=")


def reproduction(document: dict[str, Any], requirement: dict[str, Any], fixtures: str = "") -> str:
    """Return how to get a script that shows a failure.

    `fixtures` is the folder of a private set, where the report may tell it.
    """
    target = shlex.quote(cleaned(document["implementation"]))
    private = f" --golden {shlex.quote(fixtures)}" if fixtures else ""
    declared = _declared(document, " ")
    style = cleaned(document.get("style", "")) if document.get("assumptions") else ""
    draft = f" --style={shlex.quote(style)}" if style else ""
    return (
        f"cnn-conformance reproduce {requirement['id']} --impl={target}{draft}{private}{declared}"
    )


def _declared(document: dict[str, Any], equals: str) -> str:
    """Return the options that say by which list and which conventions was graded."""
    if document["profile"] not in PROFILES:  # a course's, which may have conventions of its own
        return f" --profile{equals}{shlex.quote(document['profile'])}"
    return f" --rubric{equals}RUBRIC" if document.get("dialect") else ""


def selection(check: str) -> str:
    """Return the expression for pytest's -k that selects one check on one case."""
    file, _, test = check.partition("::")
    return f"{file} and {test}"


def smallest(requirement: dict[str, Any]) -> dict[str, Any]:
    """Return the case of a requirement's verdict whose array has the fewest elements.

    Cases that only complete the combinations come after those that show one thing.
    """
    cases = [c for c in requirement["cases"] if c["outcome"] == requirement["verdict"]]
    return min(cases, key=lambda case: (completes(case["case"]), elements(case)))


def completes(case: str) -> bool:
    """Tell by its id whether a case is there to complete the combinations of arguments."""
    return case.startswith("combined-")


def elements(case: dict[str, Any]) -> float:
    """Return how many elements the compared array of a case has: infinity where none was."""
    count = case.get("details", {}).get("elements")
    return float(count) if isinstance(count, int) else math.inf


def diagnosis(entry: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the diagnosis of a unit, a requirement or a case's details: titles and texts."""
    return [(str(each["title"]), cut(str(each.get("text") or ""), 1000)) for each in named(entry)]


def named(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a diagnosis consists of, with all that a result document says of it."""
    found = entry.get("diagnosis")
    if not isinstance(found, list):
        return []
    return [each for each in found if isinstance(each, dict) and each.get("title")]


def is_loud(requirement: dict[str, Any]) -> bool:
    """Tell whether a requirement shows a mistake, of the implementation or of the suite.

    One that fails as a list of known deviations says is no news.
    """
    if "expected" in requirement:
        return False
    return requirement["verdict"] in WRONG or requirement["verdict"] == Outcome.SUITE_ERROR


def expected(document: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the requirements that fail as expected, those of one and the same reason together."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for requirement in document["requirements"]:
        if "expected" in requirement:
            groups.setdefault(requirement["expected"], []).append(requirement)
    return list(groups.items())


def stale(document: dict[str, Any]) -> set[str]:
    """Return the requirements by which rows of a list of known deviations are no longer true."""
    rows = document.get("expected", {}).get("listed", ())
    return {id_ for row in rows for id_ in row["passes"]}


def loud(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the requirements that show a mistake."""
    return [r for r in document["requirements"] if is_loud(r)]


def tally(document: dict[str, Any]) -> str:
    """Return how many checks had each outcome."""
    return ", ".join(f"{count} {t(outcome)}" for outcome, count in document["counts"].items())


def tallied(document: dict[str, Any]) -> str:
    """Return the same, and how the code was kept apart."""
    return t("{tally}; isolation: {level}", tally=tally(document), level=document["isolation"])


def say(text: str) -> int:
    """Write a report to stdout, whatever its encoding; return the exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
