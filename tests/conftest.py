"""Wiring of the kit's own tests: warnings are errors, some tests need an optional library."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from cnn_conformance import extras
from cnn_conformance.grading import rubric

HOW_TO_INSTALL = {
    "torch": extras.install("torch"),
    "nbclient": extras.install("notebook"),
    "jax": "pip install jax",
    "otter": "pip install otter-grader ipykernel",
    "scipy": "pip install scipy",
    "copydetect": extras.install("copies"),
    "shtab": extras.install("completion"),
    "sphinx": extras.install("docs"),
}
ABSENT = [library for library in HOW_TO_INSTALL if find_spec(library) is None]
LEFT_OUT = pytest.StashKey[dict[str, int]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--all-pairs",
        action="store_true",
        help="try the script of every mistake for every requirement that it loses",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("filterwarnings", "error")
    config.stash[LEFT_OUT] = {}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for library in ABSENT:
        left_out = [item for item in items if item.get_closest_marker(library)]
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if item not in left_out]
            config.stash[LEFT_OUT][library] = len(left_out)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for library, count in config.stash[LEFT_OUT].items():
        terminalreporter.write_line(
            f"{count} tests that need {library} were deselected: "
            f"{HOW_TO_INSTALL[library]} runs them too."
        )


@pytest.fixture(scope="session")
def allowing_reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default rubric with one change: planted implementations build on the reference."""
    text = rubric.DEFAULT.read_text("utf-8")
    changed = text.replace('forbidden = ["reference"]', "").replace(
        "allowed = [", 'allowed = ["reference", '
    )
    assert changed != text
    file = tmp_path_factory.mktemp("rubric") / "allows.toml"
    file.write_text(changed, "utf-8")
    return file
