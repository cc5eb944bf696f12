"""How the suite hangs in pytest: options, one fixture, and a quiet terminal.

What is checked stands in `checks/registry.py`, how it is graded in `grading/`, how it is shown in
`reports/`.
"""

from __future__ import annotations

import argparse
import gc
import json
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tqdm import tqdm

from conformance.checks.registry import BadManifest, Check, manifest
from conformance.grading import document, reveal, rubric
from conformance.grading.grader import Grader
from conformance.implementation import sandbox
from conformance.implementation.limits import Limits
from conformance.implementation.remote import Implementation
from conformance.oracle import specification
from conformance.oracle.cases import BadFixtures, Fixtures, default_folder
from conformance.outcomes import Outcome
from conformance.reports import terminal

GRADER = pytest.StashKey[Grader]()
UNGRADED = pytest.StashKey[set[str]]()
WORTH = pytest.StashKey[dict[str, float]]()
BAR = pytest.StashKey[Any]()
SUITE_ERROR_STATUS = 3
NEEDLESS = ("logging-plugin", "unraisableexception", "threadexception")
"""Plugins that do something before and after every check, for tests of another kind."""
LARGEST_LIMIT = 1e6


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance")
    group.addoption(
        "--impl",
        default="reference",
        metavar="PATH",
        help="the implementation: a package folder, a folder of .py files, a .py file "
        "or a dotted name (default: reference)",
    )
    group.addoption(
        "--fixture-set",
        metavar="DIR",
        type=Path,
        help="grade with a private fixture set; also --fixtures=DIR (see command_line.py)",
    )
    group.addoption(
        "--profile",
        choices=specification.PROFILES,
        default="core",
        help="what is asked for: the core, or the extended units and arguments too (default: core)",
    )
    group.addoption("--rubric", metavar="FILE", type=Path, help="points other than rubric.toml's")
    group.addoption("--result", metavar="FILE", type=Path, help="write the result document (JSON)")
    group.addoption(
        "--report",
        metavar="DIR",
        type=Path,
        help="write report.html, report.md, junit.xml, results.json (Gradescope) and ctrf.json",
    )
    group.addoption(
        "--isolation",
        choices=("auto", *sandbox.LEVELS),
        default="auto",
        help="how the implementation is confined (default: as strictly as this machine can)",
    )
    group.addoption(
        "--require-isolation",
        choices=sandbox.LEVELS,
        help="refuse to run below this level",
    )
    group.addoption(
        "--reveal",
        choices=reveal.LEVELS,
        default="all",
        help="how much of the golden data the reports show (default: all)",
    )
    limits = Limits()
    for name, default, what in (
        ("--call-timeout", limits.call, "seconds that one call may take"),
        ("--import-timeout", limits.load, "seconds that the import may take"),
        ("--run-timeout", limits.run, "seconds that the implementation may take in all"),
        ("--memory-limit", limits.memory / 2**30, "GiB of memory that it may use"),
    ):
        group.addoption(
            name,
            type=_positive,
            default=default,
            metavar="N",
            help=f"{what} (default: {default:g})",
        )


def pytest_configure(config: pytest.Config) -> None:
    config.option.verbose = -2
    config.option.no_header = True
    config.option.no_summary = True
    config.option.tbstyle = "no"
    options = config.option
    try:
        config.stash[WORTH] = rubric.points(options.rubric or rubric.DEFAULT, options.profile)
        policy = rubric.imports(options.rubric or rubric.DEFAULT)
        fixtures = Fixtures(options.fixture_set or default_folder())
        files = {key: key.partition("::")[0] for key in manifest()}
    except (rubric.BadRubric, BadFixtures) as error:
        raise pytest.UsageError(str(error)) from error
    except (specification.BadSpecification, BadManifest) as error:
        raise pytest.UsageError(f"the suite is inconsistent: {error}") from error
    graded = {files[key] for key, check in manifest().items() if _is_worth(config, check)}
    config.stash[UNGRADED] = set(files.values()) - graded
    if options.result:
        _check_result(options.result.absolute())
    if options.report:
        _check_report(options.report.absolute())
    _check_target(options.impl)
    limits = Limits(
        options.call_timeout,
        options.import_timeout,
        options.run_timeout,
        int(options.memory_limit * 2**30),
    )
    try:
        isolation = sandbox.choose(options.isolation, options.require_isolation)
    except sandbox.Unavailable as error:
        raise pytest.UsageError(str(error)) from error
    given = [fixtures.folder, options.rubric, options.result, options.report]
    implementation = Implementation(
        options.impl,
        specification.units(),
        isolation,
        limits,
        policy=policy,
        hidden=tuple(place.absolute() for place in given if place),
        tells_places=options.reveal == "all" and not (options.report or options.require_isolation),
    )
    config.stash[GRADER] = Grader(implementation, fixtures)


def pytest_sessionstart(session: pytest.Session) -> None:
    plugins = session.config.pluginmanager
    for name in NEEDLESS:
        if plugins.has_plugin(name):
            plugins.unregister(name=name)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pass over files of which nothing is graded, unless something is asked for by name."""
    name = collection_path.name
    named = {Path(argument.partition("::")[0]).name for argument in config.args}
    asked_for = config.option.keyword or name in named
    return True if name in config.stash[UNGRADED] and not asked_for else None


@pytest.hookimpl(trylast=True)  # after -k and its like have left out what they leave out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not items and config.option.keyword:
        raise pytest.UsageError(f"-k: no check is called {config.option.keyword!r}")
    order = {key: place for place, key in enumerate(manifest())}
    items.sort(key=lambda item: order.get(_key(item), -1))
    others = [item for item in items if not _is_graded(config, item)]
    if others and len(others) == len(items):
        raise pytest.UsageError(
            "everything that was selected belongs to the extended profile: add --profile=extended"
            if config.option.profile == "core"
            else "the rubric gives no points in its table [extended] to anything that was selected"
        )
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if _is_graded(config, item)]


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.freeze()  # what is there now stays: looking through it again and again takes time
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and not session.config.option.collectonly:
        session.config.stash[BAR] = tqdm(
            total=len(session.items),
            file=reporter._tw._file,
            disable=not reporter.isatty,
            leave=False,
            bar_format="{desc:<20} {bar} {n_fmt}/{total_fmt} checks",
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    result = yield
    if bar := item.config.stash.get(BAR, None):  # outside the test, whose output is captured
        bar.set_description_str(item.path.stem.removeprefix("test_"), refresh=False)
        bar.update()
    return result


@pytest.fixture
def grade(request: pytest.FixtureRequest) -> Callable[[], None]:
    """Return what runs the check of the current test and fails it unless the check passes."""
    grader = request.config.stash[GRADER]
    key = _key(request.node)

    def run() -> None:
        result = grader.run(key)
        if result.outcome is not Outcome.PASSED:
            everything = request.config.option.reveal == "all"
            shown = f"{result.outcome}: {result.message}" if everything else str(result.outcome)
            pytest.fail(shown, pytrace=False)

    return run


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    return (report.outcome if report.when == "call" else "", "", "")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    gc.unfreeze()
    grader = session.config.stash[GRADER]
    grader.implementation.end()
    if bar := session.config.stash.get(BAR, None):
        bar.close()
    if not grader.results:
        return
    graded = document.build(grader, session.config.stash[WORTH])
    if graded["withheld"]:
        session.exitstatus = SUITE_ERROR_STATUS
    elif exitstatus:
        _explain(grader, graded)
    graded = reveal.apply(graded, session.config.option.reveal)
    config = session.config
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        writer = reporter._tw
        writer.line()
        writer.write(terminal.render(graded, writer.markup, _command(config), _private(config)))
    if path := config.option.result:
        text = json.dumps(graded, indent=1, allow_nan=False) + "\n"
        _write(session, "--result", path, lambda: path.write_text(text, "utf-8"))
    if folder := config.option.report:
        from conformance.reports import command  # only here: most runs write no report

        _write(session, "--report", folder, lambda: command.write_all(graded, folder))


def _write(session: pytest.Session, option: str, path: Path, write: Callable[[], object]) -> None:
    """Write files, or say in one line why that cannot be."""
    try:
        write()
    except OSError as error:
        session.exitstatus = SUITE_ERROR_STATUS
        place = error.filename or path
        print(f"{option}: {place} cannot be written: {error.strerror}", file=sys.stderr)


def _explain(grader: Grader, graded: dict[str, Any]) -> None:
    """Add the diagnosis; whatever goes wrong in it costs the grade nothing."""
    try:
        from conformance import diagnosis  # only on failure: it takes a moment to import

        diagnosis.explain(grader, graded)
    except Exception as error:
        graded["problems"].append(f"the diagnosis failed ({type(error).__name__}: {error})")


def _is_graded(config: pytest.Config, item: pytest.Item) -> bool:
    check = manifest().get(_key(item))
    return check is None or _is_worth(config, check)


def _is_worth(config: pytest.Config, check: Check) -> bool:
    return check.requirement in config.stash[WORTH]


def _key(item: pytest.Item) -> str:
    return f"{item.path.name}::{item.name}"


def _command(config: pytest.Config) -> str:
    """Return how to call pytest again for the same implementation."""
    where = "--pyargs conformance" if config.option.pyargs else "conformance"
    call = f"pytest {where} --impl={shlex.quote(config.option.impl)}"
    if config.option.profile != "core":
        call += f" --profile={config.option.profile}"
    private = _private(config)
    return f"{call} --fixtures={shlex.quote(private)}" if private else call


def _private(config: pytest.Config) -> str:
    """Return the folder of a private set, where reports may tell it; otherwise nothing."""
    folder = config.option.fixture_set
    return str(folder) if folder is not None and config.option.reveal == "all" else ""


def _check_target(target: str) -> None:
    """Refuse a path that does not exist, before anything is started."""
    if not target:
        raise pytest.UsageError("--impl: expected a path or a dotted name, got nothing")
    looks_like_a_path = "/" in target or "\\" in target or target.endswith(".py")
    if looks_like_a_path and not Path(target).exists():
        raise pytest.UsageError(f"--impl: there is no file or folder {target}")


def _check_result(path: Path) -> None:
    if not path.parent.is_dir():
        raise pytest.UsageError(f"--result: there is no folder {path.parent}")
    if path.is_dir():
        raise pytest.UsageError(f"--result: {path} is a folder, expected a file to write")


def _check_report(folder: Path) -> None:
    for place in (folder, *folder.parents):
        if place.exists() and not place.is_dir():
            raise pytest.UsageError(f"--report: {place} is a file, expected a folder")


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= LARGEST_LIMIT:
        raise argparse.ArgumentTypeError(
            f"expected a number above 0 and up to {LARGEST_LIMIT:g}, got {text}"
        )
    return value
