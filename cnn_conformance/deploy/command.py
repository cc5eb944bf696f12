"""The command line of `cnn-conformance deploy`, and what it writes."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import sys
import tomllib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import jinja2

import cnn_conformance
from cnn_conformance.deploy import earlier, notebook, otter, wheel
from cnn_conformance.deploy.archive import packed
from cnn_conformance.grading import expected, profiles, reveal, rubric
from cnn_conformance.implementation import sandbox
from cnn_conformance.oracle.cases import BadFixtures, Fixtures
from cnn_conformance.parsing import Parser
from cnn_conformance.reports import gradescope

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
SETTINGS, EXPECTED = "conformance.toml", "expected.toml"
PYTHON, UV = "3.12", "0.13.9"
"""What is installed where the system brings no Python that is new enough."""
NOTEBOOKS = {"nbgrader": notebook, "otter": otter}
SHARED = (
    "--golden: students can read what {target} gets, so a private set does not stay private there. "
    "Grade with it where they cannot: gradescope, prairielearn, docker, or cnn-conformance batch"
)


class Usage(ValueError):
    """An option asks for what cannot be; says why."""


def targets() -> dict[str, dict[str, Any]]:
    """Return what each system gets, by its name."""
    found: dict[str, dict[str, Any]] = tomllib.loads((HERE / "targets.toml").read_text("utf-8"))
    return found


def parser() -> Parser:
    """Return what reads the command line."""
    made = Parser("deploy", "Write what a course's system, or a library's CI, wants to have.")
    said = "; ".join(f"{name}: {target['said']}" for name, target in targets().items())
    add = made.add_argument
    add("target", choices=tuple(targets()), metavar="SYSTEM", help=said)
    add("--out", type=Path, required=True, metavar="DIR", help="where to write it")
    add("--rubric", type=Path, metavar="FILE", help="a rubric instead of rubric.toml")
    add("--golden", type=Path, metavar="DIR", help="a private set of golden data")
    add("--profile", default="core", metavar="NAME", help=profiles.HELP)
    add("--expect", type=Path, metavar="FILE", help="github: failures that are accepted")
    add("--reveal", choices=reveal.LEVELS, default="all", help="what reports show (default: all)")
    add("--require-isolation", choices=sandbox.LEVELS, help="refuse to grade below this level")
    add(
        "--visibility",
        action="append",
        default=[],
        metavar="[NAME=]WHEN",
        help=f"gradescope: {', '.join(gradescope.VISIBILITIES)}; of all, or of a unit, an aspect "
        "or a requirement (may be repeated)",
    )
    add("--leaderboard", action="store_true", help="gradescope: show the points of all")
    add("--code", default=".", metavar="PATH", help="github: where the code is (default: .)")
    add(
        "--image",
        default=f"cnn-conformance:{cnn_conformance.__version__}",
        metavar="NAME",
        help="prairielearn, docker: what the image is called (default: %(default)s)",
    )
    return made


def main(argv: Sequence[str]) -> int:
    """Write the files; return 0, or 2 for wrong usage."""
    asked = parser().parse_args(argv)
    try:
        target = targets()[asked.target]
        _check(asked, target)
        files = dict(_files(asked, target))
        programs = frozenset(each["to"] for each in target["files"] if each.get("executable"))
        if name := target.get("archive"):
            files = {name: packed(files, programs)}
        settings = f"{target.get('kit')}/{SETTINGS}".removeprefix("./")
        old: list[Path] = []
        if settings in files:
            used = [f"{target['kit']}/{EXPECTED}"] if asked.target == "github" else []
            old = earlier.left(asked.out, settings, files, used)
            others = {name: data for name, data in files.items() if name != settings}
            files[settings] += earlier.record(others).encode()
        for name, data in files.items():
            place = asked.out / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
            if name in programs:
                place.chmod(0o755)
        earlier.remove(old, asked.out)
    except (Usage, earlier.NotOurs, rubric.BadRubric, BadFixtures, gradescope.BadRule) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except expected.BadList as error:
        print(f"error: --expect: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"error: {error.filename or asked.out}: {error.strerror}", file=sys.stderr)
        return 2
    print(f"wrote {target['said']}, in {asked.out}:")
    print(_listed(files))
    if old:
        print("removed, since an earlier deploy wrote it and it is no longer asked for:")
        print(_listed(place.relative_to(asked.out).as_posix() for place in old))
    return 0


def _listed(names: Iterable[str]) -> str:
    """Return a line for each file, and one for a whole private set."""
    shown = (re.sub(r"(^|/)golden/.*", r"\1golden/", name) for name in names)
    return "\n".join(f"  {name}" for name in dict.fromkeys(shown))


def _check(asked: argparse.Namespace, target: dict[str, Any]) -> None:
    """Refuse what the system cannot have, and files that a run there would refuse.

    Raises
    ------
    Usage, BadRubric, BadFixtures, BadRule, BadList
        With what is wrong.
    """
    plan = profiles.plan(asked.profile, asked.rubric or rubric.DEFAULT)
    if asked.golden and target["shared"]:
        raise Usage(SHARED.format(target=asked.target))
    if asked.golden:
        Fixtures(asked.golden, plan.dialect)
    if (asked.visibility or asked.leaderboard) and asked.target != "gradescope":
        raise Usage("--visibility and --leaderboard are for gradescope")
    if asked.expect and asked.target != "github":
        raise Usage("--expect is for github: a library's known deviations")
    if asked.expect:
        expected.read(asked.expect)
    gradescope.rules(asked.visibility)


def _files(asked: argparse.Namespace, target: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Yield what is written, by name."""
    kit = dict(_kit(asked)) if "kit" in target else {}
    settings = {name.partition("/")[0] for name in kit} - {"requirements.txt", wheel.FILE}
    kept = [] if "also_kit" in target else sorted(settings)
    context = {
        "version": cnn_conformance.__version__,
        "wheel": wheel.FILE,
        "python": PYTHON,
        "uv": UV,
        "image": asked.image,
        "code": asked.code,
        "kept": kept,
        "target": asked.target,
        "uuid": uuid.uuid5(uuid.NAMESPACE_URL, f"cnn-conformance/{asked.profile}"),
    }
    words = _words(
        asked, "/opt/conformance/" if asked.target == "docker" else f"{target.get('kit')}/"
    )
    context |= {"words": words, "arguments": " ".join(map(shlex.quote, words))}
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        variable_start_string="{{",
        autoescape=False,
    )
    for each in target["files"]:
        yield each["to"], environment.get_template(each["template"]).render(context).encode()
    for folder in (target[key] for key in ("kit", "also_kit") if key in target):
        for name, data in kit.items():
            is_image = name in ("requirements.txt", wheel.FILE)
            if "also_kit" in target and is_image != (folder == target["also_kit"]):
                continue  # what is in the image need not be beside the question, nor the reverse
            yield (name if folder == "." else f"{folder}/{name}"), data
    if "notebook" in target:
        made = NOTEBOOKS[asked.target].assignment(asked.profile, asked.rubric)
        yield target["notebook"], made.encode()


def _kit(asked: argparse.Namespace) -> Iterator[tuple[str, bytes]]:
    """Yield the kit itself, and what it is told."""
    yield wheel.FILE, packed(wheel.files())
    yield "requirements.txt", "".join(f"{pin}\n" for pin in wheel.pins()).encode()
    settings = {
        "profile": asked.profile,
        "reveal": asked.reveal,
        "visibility": asked.visibility,
        "leaderboard": asked.leaderboard,
        "require_isolation": asked.require_isolation or "",
    }
    for name, path in (
        ("rubric", asked.rubric),
        ("expect", asked.expect),
        ("profile", profiles.of_file(asked.profile)),
    ):
        if path is not None:
            file = {"rubric": "rubric.toml", "expect": EXPECTED}.get(name, "profile.toml")
            settings |= {} if name == "expect" else {name: file}
            yield file, path.read_bytes()
    if asked.golden:
        settings["golden"] = "golden"
        for file in sorted(asked.golden.iterdir()):
            if file.is_file():
                yield f"golden/{file.name}", file.read_bytes()
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in settings.items()]
    yield SETTINGS, "\n".join([f"# cnn-conformance deploy {asked.target}", *lines, ""]).encode()


def _words(asked: argparse.Namespace, kit: str) -> list[str]:
    """Return the options of `cnn-conformance grade` for a command that is written down."""
    own = profiles.of_file(asked.profile)
    profile = f"{kit}profile.toml" if own else asked.profile
    words = [] if profile == "core" else [f"--profile={profile}"]
    words += [f"--rubric={kit}rubric.toml"] if asked.rubric else []
    words += [f"--golden={kit}golden"] if asked.golden else []
    words += [] if asked.reveal == "all" else [f"--reveal={asked.reveal}"]
    level = asked.require_isolation
    words += [f"--require-isolation={level}"] if level else []
    return words
