"""The suite in pytest. Entry point `pytest11`: every pytest of the environment imports this module.

So it does nothing, and imports nothing, unless the command names the suite: `suite` has the options
and the hooks, `command_line` tells what a command names.
"""

from __future__ import annotations

import pytest


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the suite's options and hooks where the command line names the suite."""
    from cnn_conformance.plugin import command_line

    config = pluginmanager.getplugin("pytestconfig")
    if config is not None and command_line.names_the_suite(config):
        command_line.set_aside(config)
        from cnn_conformance.plugin import suite

        pluginmanager.register(suite, "conformance-suite")
