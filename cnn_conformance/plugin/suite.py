"""A run of the suite in pytest: what it does at each of pytest's hooks.

What is checked stands in `checks/registry.py`, how it is graded in `grading/`, how it is shown in
`reports/`.
"""

from __future__ import annotations

import gc
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tqdm import tqdm

from cnn_conformance import language
from cnn_conformance.checks.registry import manifest
from cnn_conformance.grading import run
from cnn_conformance.grading.options import WrongUsage, add
from cnn_conformance.implementation import target
from cnn_conformance.plugin import command_line, options
from cnn_conformance.plugin.collection import CheckItem, SuiteFolder
from cnn_conformance.plugin.state import BAR, NOTES, RUN, is_worth
from cnn_conformance.reports import terminal

NEEDLESS = ("logging-plugin", "unraisableexception", "threadexception")
"""Plugins that do something before and after every check, for tests of another kind."""


def pytest_addoption(parser: pytest.Parser) -> None:
    add(parser.getgroup("conformance").addoption)


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
        config.stash[RUN] = run.prepared(asked)
    except WrongUsage as error:
        raise pytest.UsageError(str(error)) from error


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
    if why := run.ungraded(config.stash[RUN], [item.key for item in checks], config.option):
        raise pytest.UsageError(why)
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
    config = session.config
    graded_run = config.stash[RUN]
    graded_run.session.implementation.end()
    if bar := config.stash.get(BAR, None):
        bar.close()
    if not graded_run.session.results:
        return
    graded, session.exitstatus = run.concluded(graded_run, config.option, int(exitstatus))
    with language.speaking(config.option.lang):
        _report(session, graded)


def _report(session: pytest.Session, graded: dict[str, Any]) -> None:
    """Show the report at the end of the run, and write the files that options ask for."""
    config, graded_run = session.config, session.config.stash[RUN]
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        writer = reporter._tw
        where = f"--pyargs {command_line.DOTTED_NAME}" if config.option.pyargs else "conformance"
        impl = shlex.quote(graded_run.session.implementation.target)
        command = run.again(graded_run, config.option, f"pytest {where} --impl={impl}")
        writer.line()
        private = run.private_set(config.option)
        writer.write(terminal.render(graded, writer.markup, command, private, config.option.full))
    if not run.written(graded, config.option):
        session.exitstatus = run.SUITE_ERROR
