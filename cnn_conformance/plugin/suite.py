"""A run of the suite in pytest: what it does at each of pytest's hooks.

What is checked stands in `checks/registry.py`, how it is graded in `grading/`, how it is shown in
`reports/`.
"""

from __future__ import annotations

import gc
import json
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tqdm import tqdm

from cnn_conformance.adapt import automatic
from cnn_conformance.checks.registry import BadManifest, manifest
from cnn_conformance.grading import expected, profiles, reveal, rubric
from cnn_conformance.grading.session import Session
from cnn_conformance.implementation import sandbox, styles, target
from cnn_conformance.implementation.limits import Limits
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.locations import GOLDEN
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import BadFixtures, Fixtures
from cnn_conformance.plugin import command_line, options
from cnn_conformance.plugin.collection import CheckItem, SuiteFolder
from cnn_conformance.plugin.state import BAR, EXPECTED, NOTES, SESSION, is_worth
from cnn_conformance.reports import terminal
from cnn_conformance.unit import PROFILES

SUITE_ERROR_STATUS = 3
NEEDLESS = ("logging-plugin", "unraisableexception", "threadexception")
"""Plugins that do something before and after every check, for tests of another kind."""


def pytest_addoption(parser: pytest.Parser) -> None:
    options.add(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    asked = early_config.known_args_namespace
    submission = target.place_of(asked.impl) if asked.impl else None
    early_config.stash[NOTES] = command_line.keep_out(early_config, args, submission)


def pytest_configure(config: pytest.Config) -> None:
    config.option.verbose = -2
    config.option.no_header = True
    config.option.no_summary = True
    config.option.tbstyle = "no"
    asked = config.option
    command_line.check_paths(config, config.args)
    options.check(asked)
    for note in [*config.stash.get(NOTES, []), *options.notes(asked)]:
        print(f"note: {note}", file=sys.stderr)
    try:
        styles.request(asked.style)
    except styles.NoStyle as error:
        raise pytest.UsageError(f"--style: {error}") from error
    try:
        implementation = target.known(asked.impl)
    except target.NoTarget as error:
        raise pytest.UsageError(f"--impl: {error}") from error
    try:
        manifest()
        plan = profiles.plan(asked.profile, asked.rubric or rubric.DEFAULT)
        policy = rubric.imports(asked.rubric or rubric.DEFAULT)
        fixtures = Fixtures(asked.golden or GOLDEN, plan.dialect)
        config.stash[EXPECTED] = expected.read(asked.expect) if asked.expect else None
    except profiles.BadProfile as error:
        raise pytest.UsageError(f"--profile: {error}") from error
    except (rubric.BadRubric, BadFixtures) as error:
        raise pytest.UsageError(str(error)) from error
    except expected.BadList as error:
        raise pytest.UsageError(f"--expect: {error}") from error
    except (specification.BadSpecification, BadManifest) as error:
        raise pytest.UsageError(f"the suite is inconsistent: {error}") from error
    try:
        isolation = sandbox.choose(asked.isolation, asked.require_isolation)
    except sandbox.Unavailable as error:
        raise pytest.UsageError(str(error)) from error
    given = [fixtures.folder, asked.rubric, asked.result, asked.report, asked.expect]
    given.append(profiles.of_file(asked.profile))
    made = Implementation(
        implementation,
        specification.units(),
        isolation,
        Limits.given(asked),
        policy=policy,
        hidden=tuple(place.absolute() for place in given if place),
        style=asked.style,
        usual_style=plan.style,
        tells_places=asked.reveal == "all" and not (asked.report or asked.require_isolation),
    )
    kept, name = asked.report, automatic.DRAFT
    if asked.result and not kept:
        kept, name = asked.result.absolute().parent, f"{asked.result.stem}_{name}"
    code = automatic.adapted(made, kept, name)
    config.stash[SESSION] = Session(code, fixtures, plan.worth, course=plan.course)


def pytest_sessionstart(session: pytest.Session) -> None:
    plugins = session.config.pluginmanager
    for name in NEEDLESS:
        if plugins.has_plugin(name):
            plugins.unregister(name=name)


@pytest.hookimpl(tryfirst=True)
def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    folder = command_line.folder_of_suite(str(path), parent.config)
    return SuiteFolder.from_parent(parent, path=path) if folder is not None else None


@pytest.hookimpl(trylast=True)  # after -k and its like have left out what they leave out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not items and config.option.keyword:
        raise pytest.UsageError(f"-k: no check is called {config.option.keyword!r}")
    checks = [item for item in items if isinstance(item, CheckItem)]
    order = {key: place for place, key in enumerate(manifest())}
    checks.sort(key=lambda item: order[item.key])
    others = [item for item in checks if not is_worth(config, manifest()[item.key])]
    if others and len(others) == len(checks):
        if config.stash[SESSION].course is not None:
            raise pytest.UsageError(
                f"the profile {config.option.profile} asks for nothing of what was selected"
            )
        known, order_of = specification.requirements(), PROFILES.index
        profiles = [known[manifest()[item.key].requirement].profile for item in others]
        first = min(profiles, key=order_of)
        raise pytest.UsageError(
            f"everything that was selected belongs to the {first} profile: add --profile={first}"
            if order_of(first) > order_of(config.option.profile)
            else f"the rubric gives no points in its table [{first}] to anything that was selected"
        )
    if others:
        config.hook.pytest_deselected(items=others)
    items[:] = [item for item in checks if item not in others]


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
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[Any]:
    result = yield
    if bar := item.config.stash.get(BAR, None):  # outside the test, whose output is captured
        bar.set_description_str(item.path.stem.removeprefix("test_"), refresh=False)
        bar.update()
    return result


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    return (report.outcome if report.when == "call" else "", "", "")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    gc.unfreeze()
    graded_run = session.config.stash[SESSION]
    graded_run.implementation.end()
    if bar := session.config.stash.get(BAR, None):
        bar.close()
    if not graded_run.results:
        return
    graded = graded_run.document(explained=bool(exitstatus))
    rows = session.config.stash[EXPECTED]
    if rows is not None:
        graded = expected.apply(graded, rows)
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            held = graded["expected"]["held"]
            session.exitstatus = pytest.ExitCode.OK if held else pytest.ExitCode.TESTS_FAILED
    if graded["withheld"]:
        session.exitstatus = SUITE_ERROR_STATUS
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
        from cnn_conformance.reports import command  # only here: most runs write no report

        _write(session, "--report", folder, lambda: command.write_all(graded, folder))


def _write(session: pytest.Session, option: str, path: Path, write: Callable[[], object]) -> None:
    """Write files, or say in one line why that cannot be."""
    try:
        write()
    except OSError as error:
        session.exitstatus = SUITE_ERROR_STATUS
        place = error.filename or path
        print(f"{option}: {place} cannot be written: {error.strerror}", file=sys.stderr)


def _command(config: pytest.Config) -> str:
    """Return how to call pytest again for the same implementation."""
    where = f"--pyargs {command_line.DOTTED_NAME}" if config.option.pyargs else "conformance"
    call = f"pytest {where} --impl={shlex.quote(config.stash[SESSION].implementation.target)}"
    if config.option.style:
        call += f" --style={shlex.quote(config.option.style)}"
    if config.option.profile != "core":
        call += f" --profile={shlex.quote(config.option.profile)}"
    if config.option.rubric and config.stash[SESSION].grader.fixtures.dialect.conventions:
        call += f" --rubric={shlex.quote(str(config.option.rubric))}"
    private = _private(config)
    return f"{call} --golden={shlex.quote(private)}" if private else call


def _private(config: pytest.Config) -> str:
    """Return the folder of a private set, where reports may tell it; otherwise nothing."""
    folder = config.option.golden
    return str(folder) if folder is not None and config.option.reveal == "all" else ""
