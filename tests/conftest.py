"""Wiring of the kit's own tests: warnings are errors, torch tests need torch."""

from importlib.util import find_spec

import pytest

HAS_TORCH = find_spec("torch") is not None


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("filterwarnings", "error")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if HAS_TORCH:
        return
    needs_torch = [item for item in items if item.get_closest_marker("torch")]
    config.hook.pytest_deselected(items=needs_torch)
    items[:] = [item for item in items if item not in needs_torch]
    config.stash[WITHOUT_TORCH] = len(needs_torch)


WITHOUT_TORCH = pytest.StashKey[int]()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if left_out := config.stash.get(WITHOUT_TORCH, 0):
        terminalreporter.write_line(
            f"{left_out} tests that compare with PyTorch were deselected: "
            "pip install 'cnn-conformance[torch]' runs them too."
        )
