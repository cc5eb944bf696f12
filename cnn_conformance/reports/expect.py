"""`cnn-conformance expect RESULT.json`: the list for `--expect` that a result fits."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnn_conformance import units
from cnn_conformance.mistakes import Mistake, catalogue
from cnn_conformance.outcomes import Outcome
from cnn_conformance.parsing import Parser
from cnn_conformance.reports import load, phrases

HEAD = """\
# What is expected to fail in {implementation}, for --expect. Edit the reasons: say why each
# failure is accepted. A row whose failure is gone fails the run, until the row is dropped.
"""
WHOLE_UNIT = {Outcome.MISSING: "not exported", Outcome.NOT_STARTED: "not started"}


def render(document: dict[str, Any]) -> str:
    """Return the list: mistakes by name where the diagnosis has exactly one, else requirements.

    Parameters
    ----------
    document : dict
        A result document.
    """
    name = phrases.cleaned(document["implementation"]).replace("\n", " ")
    parts = [HEAD.format(implementation=name)]
    for unit in document["units"]:
        graded = [r for r in document["requirements"] if r["unit"] == unit["unit"]]
        mine = [r for r in graded if r["max_points"]]
        parts += [_toml({"unit": unit["unit"], **row}) for row in _rows(unit, mine)]
    return "\n".join(parts)


def _rows(unit: dict[str, Any], mine: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    """Yield the rows of a unit: without it where it is missing as a whole."""
    verdicts = {r["id"]: Outcome(r["verdict"]) for r in mine}
    if len(set(verdicts.values())) == 1 and unit["verdict"] in WHOLE_UNIT:
        yield {"reason": WHOLE_UNIT[Outcome(unit["verdict"])]}
        return
    fine = (Outcome.PASSED, Outcome.NOT_SELECTED)
    left = {id_: verdict for id_, verdict in verdicts.items() if verdict not in fine}
    for title, text in phrases.diagnosis(unit):
        mistake = _mistake(unit["unit"], title, verdicts) if text else None
        if mistake is not None and any(id_ in left for id_ in mistake.loses):
            yield {"mistake": mistake.name, "reason": title}
            left = {id_: verdict for id_, verdict in left.items() if id_ not in mistake.loses}
    others = any(v not in (*fine, Outcome.BLOCKED) for v in verdicts.values())
    is_waiting = others or unit["unit"] == units.NETWORK
    for requirement in mine:
        verdict = left.get(requirement["id"])
        if verdict is not None and not (verdict is Outcome.BLOCKED and is_waiting):
            yield {"requirement": requirement["id"], "reason": _reason(requirement)}


def _mistake(unit: str, title: str, verdicts: dict[str, Outcome]) -> Mistake | None:
    """Return the mistake of a title, in the form that loses most of what does not pass.

    A form of which something passes is not the one. One with a number of its author's choice has
    another title with each.
    """
    forms = [m for m in catalogue() if m.unit == unit and not m.constant and m.title == title]
    graded = [(m, [id_ for id_ in m.loses if id_ in verdicts]) for m in forms]
    fitting = [
        (len(ids), m)
        for m, ids in graded
        if ids and all(verdicts[id_] is not Outcome.PASSED for id_ in ids)
    ]
    return max(fitting, key=lambda each: each[0])[1] if fitting else None


def _reason(requirement: dict[str, Any]) -> str:
    """Return what the diagnosis says of a requirement, or how much of it fails; no number of it."""
    for title, _ in phrases.diagnosis(requirement):
        return title
    verdict, cases = requirement["verdict"], requirement["cases"]
    same = [case["case"] for case in cases if case["outcome"] == verdict]
    return f"{verdict} in {len(same)} of {len(cases)} cases, such as {same[0]}"


def _toml(row: dict[str, str]) -> str:
    clean = {key: phrases.cleaned(text).replace("\n", " ") for key, text in row.items()}
    lines = [f"{key} = {json.dumps(text, ensure_ascii=False)}" for key, text in clean.items()]
    return "\n".join(["[[expected]]", *lines, ""])


def parser() -> Parser:
    """Return what reads the command line."""
    made = Parser("expect", "Write the list of expected failures that a result fits, for --expect.")
    made.add_argument("result", type=Path, metavar="RESULT.json", help="what --result wrote")
    made.add_argument("--out", type=Path, metavar="FILE", help="write a file, not to stdout")
    return made


def main(argv: list[str]) -> int:
    """Run the command; return the exit status."""
    options = parser().parse_args(argv)
    try:
        document = load.load(options.result)
    except load.BadDocument as error:
        print(phrases.cleaned(str(error)), file=sys.stderr)
        return 2
    if document["withheld"]:
        print(
            f"{options.result}: the grade is withheld: nothing of it can be expected",
            file=sys.stderr,
        )
        return 2
    text = render(document)
    if options.out is None:
        return phrases.say(text)
    try:
        options.out.write_text(text, "utf-8", newline="\n")
    except OSError as error:
        print(f"--out: {options.out} cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    return 0
