"""`cnn-conformance compare A.json B.json ...`: results side by side, and what changed."""

from __future__ import annotations

import argparse
import sys
import textwrap
from pathlib import Path
from typing import Any

from tabulate import tabulate

from cnn_conformance import language
from cnn_conformance.language import t
from cnn_conformance.outcomes import Outcome
from cnn_conformance.parsing import Parser
from cnn_conformance.reports import compare_page, load, phrases

KINDS = ("better", "worse", "fails differently")
"""How a requirement can have changed."""


def render(documents: list[dict[str, Any]], names: list[str]) -> str:
    """Return a table of several results, and what every later one gained and lost on the first.

    Parameters
    ----------
    documents : list of dict
        Result documents, at least two.
    names : list of str
        What to call them.
    """
    documents = [phrases.prepared(document) for document in documents]
    parts = [_table(documents, names)]
    if said := cautions(documents, names):
        parts.append("\n".join(said))
    for document, name in zip(documents[1:], names[1:], strict=True):
        parts.append(_changes(documents[0], document, names[0], name))
    return "\n\n".join(parts) + "\n"


def _table(documents: list[dict[str, Any]], names: list[str]) -> str:
    units = list(dict.fromkeys(u["unit"] for d in documents for u in d["units"]))
    rows = [[unit, *(_cell(document, unit) for document in documents)] for unit in units]
    totals = [t("withheld") if d["withheld"] else phrases.points(d) for d in documents]
    return tabulate(
        [*rows, [t("total"), *totals]],
        [t("unit"), *names],
        tablefmt="simple",
        colalign=("left", *["right"] * len(documents)),
        disable_numparse=True,
    )


def _cell(document: dict[str, Any], unit: str) -> str:
    found = [entry for entry in document["units"] if entry["unit"] == unit]
    return phrases.points(found[0]) if found else ""


def cautions(documents: list[dict[str, Any]], names: list[str]) -> list[str]:
    """Return what keeps the results from being compared point by point."""
    first = documents[0]
    found = []
    for document, name in zip(documents, names, strict=True):
        both = {"name": name, "first": names[0]}
        for text in phrases.states(document):
            head, *items = text.split("\n")
            found.append(f"{name}: {head}" + (" " + t("see its report") if items else ""))
        if document["fixtures"]["sha256"] != first["fixtures"]["sha256"]:
            found.append(t("{name} was graded with different golden data than {first}.", **both))
        if document["versions"]["conformance"] != first["versions"]["conformance"]:
            found.append(
                t("{name} was graded with a different version of the kit than {first}.", **both)
            )
        if document.get("dialect") != first.get("dialect"):
            found.append(t("{name} was graded by other conventions than {first}.", **both))
        if document["profile"] != first["profile"]:
            found.append(
                t(
                    "{name} was graded with a different profile than {first}: {profile}, "
                    "not {other}.",
                    profile=document["profile"],
                    other=first["profile"],
                    **both,
                )
            )
        elif _worth(document) != _worth(first):
            found.append(t("{name} was graded with a different rubric than {first}.", **both))
    return found


def _worth(document: dict[str, Any]) -> dict[str, float]:
    return {r["id"]: round(r["max_points"], 6) for r in document["requirements"]}


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[str]]:
    """Return the requirements that got better, got worse and fail differently, in order."""
    old = {r["id"]: r for r in before["requirements"]}
    new = {r["id"]: r for r in after["requirements"]}
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for key in new:
        was, now = (old[key]["verdict"] if key in old else None), new[key]["verdict"]
        if was is None or Outcome.NOT_SELECTED in (was, now):
            continue
        if was != now:
            to = "better" if now == Outcome.PASSED else "worse"
            found[to if Outcome.PASSED in (was, now) else "fails differently"].append(key)
            continue
        less, more = _passed(old[key], new[key])
        if more != less:
            found["better" if more > less else "worse"].append(key)
    return found


def _changes(before: dict[str, Any], after: dict[str, Any], old_name: str, new_name: str) -> str:
    old = {r["id"]: r for r in before["requirements"]}
    new = {r["id"]: r for r in after["requirements"]}
    blocks = [t("From {old} to {new}:", old=old_name, new=new_name)]
    for title, keys in changes(before, after).items():
        if keys:
            blocks.append(f"{t(title)} ({len(keys)}):")
            blocks += [_line(old[key], new[key]) for key in keys]
    if len(blocks) == 1:
        blocks.append(t("no verdict changed."))
    lonely = sorted(old.keys() ^ new.keys())
    if lonely:
        blocks.append(t("only in one of them: {ids}", ids=", ".join(lonely)))
    return "\n".join(blocks)


def _passed(old: dict[str, Any], new: dict[str, Any]) -> tuple[int, int]:
    """Return how many of the cases that both have passed before, and pass now."""
    was, now = ({c["check"]: c["outcome"] for c in r["cases"]} for r in (old, new))
    both = was.keys() & now.keys()
    less, more = (sum(o[key] == Outcome.PASSED for key in both) for o in (was, now))
    return less, more


def _line(old: dict[str, Any], new: dict[str, Any]) -> str:
    change = f"{t(old['verdict'])} -> {t(new['verdict'])}"
    if old["verdict"] == new["verdict"]:
        less, more = _passed(old, new)
        change += ", " + t(
            "{less} -> {more} of {of} cases", less=less, more=more, of=len(new["cases"])
        )
    sentence = textwrap.shorten(t(new["sentence"]), 100, placeholder=" ...")
    return f"  {new['id']:<24}{change}\n      {sentence}"


def _names(paths: list[Path], documents: list[dict[str, Any]]) -> list[str]:
    """Return the implementations' names; where those are the same, the files' or their folders'."""
    ways = (
        [Path(document["implementation"]).name for document in documents],
        [path.stem for path in paths],
        [path.absolute().parent.name for path in paths],
        [str(path) for path in paths],
    )
    names = next((names for names in ways if len(set(names)) == len(names)), ways[-1])
    return [phrases.cut(phrases.cleaned(name).replace("\n", " "), 30, "...") for name in names]


def parser() -> Parser:
    """Return what reads the command line."""
    made = Parser("compare", "Compare results: what got better and what got worse.")
    made.add_argument(
        "results",
        type=Path,
        metavar="RESULT.json",
        nargs="+",
        help="result documents; the first is what the others are compared with",
    )
    made.add_argument(
        "--html",
        type=Path,
        metavar="DIR",
        help="write a page with all of them as columns, and the report of each",
    )
    made.add_argument(
        "--fail-on-worse", action="store_true", help="end with 1 if anything got worse"
    )
    language.add_option(made.add_argument)
    return made


def main(argv: list[str]) -> int:
    """Run the command; return the exit status."""
    read = parser()
    options = read.parse_args(argv)
    paths: list[Path] = options.results
    if len(paths) < 2 and options.html is None:
        read.error("expected two results or more, got one (a page may have one: --html DIR)")
    try:
        documents = [load.load(path) for path in paths]
    except load.BadDocument as error:
        print(phrases.cleaned(str(error)), file=sys.stderr)
        return 2
    with language.speaking(options.lang):
        return _shown(documents, _names(paths, documents), options)


def _shown(documents: list[dict[str, Any]], names: list[str], options: argparse.Namespace) -> int:
    """Show results, in the terminal or as a page; return the exit status."""
    if options.html is None:
        said = phrases.say(render(documents, names))
    else:
        try:
            page = compare_page.write(documents, names, cautions(documents, names), options.html)
        except OSError as error:
            print(f"--html: {error.filename} cannot be written: {error.strerror}", file=sys.stderr)
            return 2
        said = phrases.say(f"wrote {page}\n")
    got_worse = any(changes(documents[0], document)["worse"] for document in documents[1:])
    return 1 if options.fail_on_worse and got_worse else said
