"""The requirements, read from SPEC.md, which is their only home."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from cnn_conformance.locations import SUITE
from cnn_conformance.unit import PROFILES, Profile
from cnn_conformance.units import UNITS

SPEC = SUITE / "SPEC.md"
ASPECTS = ("forward", "backward", "hygiene", "precision", "robustness")
LINE = re.compile(
    r"^- \*\*(?P<id>[A-Z0-9_]+-\d+)\*\* \((?P<aspect>\w+)(, (?P<profile>\w+))?\) (?P<text>.+)$"
)
OPTIONS = re.compile(r"^Options, each with the requirements about it: (.+?)\.\n\n", re.M | re.S)
OPTION = re.compile(r"(?P<name>[^(]+) \((?P<numbers>[\d, ]+)\)")


class BadSpecification(ValueError):
    """A line of SPEC.md is not what it has to be; says which and why."""


@dataclass(frozen=True)
class Requirement:
    """One sentence of the specification.

    Parameters
    ----------
    id : str
        For example "CONV2D-3"; never changes.
    unit : str
        The unit whose section it stands in.
    aspect : str
        One of ASPECTS.
    sentence : str
        What is required.
    profile : {"core", "extended", "full"}
        The first profile that asks for it: its unit's, or the later one with which it is marked.
    """

    id: str
    unit: str
    aspect: str
    sentence: str
    profile: Profile = "core"


@cache
def requirements() -> dict[str, Requirement]:
    """Return all requirements by id, in the order of SPEC.md."""
    return {requirement.id: requirement for requirement in parse(SPEC.read_text("utf-8"))}


@cache
def of_profile(profile: str) -> dict[str, Requirement]:
    """Return the requirements that a profile asks for, by id."""
    wanted = PROFILES[: PROFILES.index(profile) + 1]
    return {r.id: r for r in requirements().values() if r.profile in wanted}


def least_profile(ids: Iterable[str]) -> Profile:
    """Return the first profile that asks for all of these requirements."""
    known = requirements()
    return max((known[id_].profile for id_ in ids), key=PROFILES.index, default="core")


@cache
def units() -> tuple[str, ...]:
    """Return the units in the order of SPEC.md."""
    return tuple(dict.fromkeys(requirement.unit for requirement in requirements().values()))


@cache
def options() -> dict[str, dict[str, frozenset[str]]]:
    """Return the options of each unit, each with the ids of the requirements about it."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for unit, section in _sections():
        for listed in OPTIONS.findall(section):
            for text in " ".join(listed.split()).split("; "):
                match = OPTION.fullmatch(text)
                if match is None:
                    raise BadSpecification(f"SPEC.md: {unit} has an option without numbers: {text}")
                ids = (f"{unit.upper()}-{number}" for number in match["numbers"].split(", "))
                found.setdefault(unit, {})[match["name"].replace("`", "")] = frozenset(ids)
    return found


@cache
def arguments() -> dict[str, tuple[str, ...]]:
    """Return the arguments of each unit, in the order in which its section has them."""
    found: dict[str, tuple[str, ...]] = {}
    for unit, section in _sections():
        named: list[str] = []
        for call in re.findall(rf"`({re.escape(unit)}\([^`]*\))`", section):
            parsed = ast.parse(" ".join(call.split()).replace("*, ", ""), mode="eval").body
            if isinstance(parsed, ast.Call):
                named += [each.id for each in parsed.args if isinstance(each, ast.Name)]
                named += [each.arg for each in parsed.keywords if each.arg]
        if named:
            found[unit] = tuple(dict.fromkeys(named))
    return found


@cache
def signature(unit: str) -> str:
    """Return how a unit is made or called, as its section has it first; empty for the network."""
    text = dict(_sections())[unit]
    found = re.search(rf"`({re.escape(unit)}\([^`]*\))`", text)
    return " ".join(found[1].split()) if found else ""


def _sections() -> Iterator[tuple[str, str]]:
    """Yield the titles and the texts of the sections."""
    for section in re.split(r"^## ", SPEC.read_text("utf-8"), flags=re.M)[1:]:
        yield section.splitlines()[0].strip(), section


@cache
def prose(unit: str) -> str:
    """Return what the section of a unit says beside its title and its requirements."""
    section = next(section for title, section in _sections() if title == unit)
    lines = _joined(section.partition("\n")[2])
    return re.sub(r"\n{3,}", "\n\n", "\n".join(x for x in lines if not x.startswith("- **")))


def ids(unit: str, text: str) -> tuple[str, ...]:
    """Return the requirements that a text such as "1-3 20 NETWORK-1" means, in order.

    Raises
    ------
    BadSpecification
        If one of them is not in SPEC.md.
    """
    known = requirements()
    meant: set[str] = set()
    for word in text.split():
        first, to, last = word.partition("-")
        if to and first.isdecimal():
            numbers = range(int(first), int(last) + 1)
            meant |= {id_ for n in numbers if (id_ := f"{unit.upper()}-{n}") in known}
        else:
            meant.add(f"{unit.upper()}-{word}" if word.isdecimal() else word)
    if unknown := meant - known.keys():
        raise BadSpecification(f"SPEC.md has no {', '.join(sorted(unknown))}")
    return tuple(id_ for id_ in known if id_ in meant)


def parse(text: str) -> list[Requirement]:
    """Return the requirements in a specification's text.

    Raises
    ------
    BadSpecification
        If an id occurs twice, stands under another unit, or an aspect or a profile is unknown.
    """
    found: list[Requirement] = []
    unit, ids = "", set()
    for line in _joined(text):
        if line.startswith("## "):
            unit = line[3:].strip()
        if not line.startswith("- **"):
            continue
        match = LINE.match(line)
        if match is None:
            raise BadSpecification(
                f"SPEC.md: not of the form '- **ID** (aspect) sentence' or "
                f"'- **ID** (aspect, profile) sentence': {line}"
            )
        if match["id"] in ids:
            raise BadSpecification(f"SPEC.md: {match['id']} occurs twice")
        if match["id"].rsplit("-", 1)[0] != unit.upper():
            raise BadSpecification(f"SPEC.md: {match['id']} stands in the section {unit}")
        if match["aspect"] not in ASPECTS:
            raise BadSpecification(
                f"SPEC.md: {match['id']} has the unknown aspect {match['aspect']}"
            )
        ids.add(match["id"])
        profile = of_unit = UNITS[unit].profile if unit in UNITS else "core"
        if marked := match["profile"]:
            later = PROFILES[PROFILES.index(of_unit) + 1 :]
            if marked not in later:
                raise BadSpecification(
                    f"SPEC.md: {match['id']} is marked {marked}: the profiles after {of_unit}, "
                    f"which has {unit}, are {', '.join(later) or 'none'}"
                )
            profile = marked
        found.append(Requirement(match["id"], unit, match["aspect"], match["text"], profile))
    return found


def _joined(text: str) -> list[str]:
    """Return the lines of a text, indented continuation lines joined to their first."""
    return re.sub(r"\n  (?=\S)", " ", text).splitlines()
