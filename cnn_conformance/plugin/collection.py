"""The checks as pytest's items: made from the manifest, whatever names an ini file looks for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cnn_conformance.checks.registry import Check, manifest
from cnn_conformance.outcomes import Outcome
from cnn_conformance.plugin.state import RUN, is_asked_for, is_worth


class SuiteFolder(pytest.Directory):
    """The folder with a `test_<unit>.py` file for each unit."""

    def collect(self) -> Iterator[pytest.Collector]:
        """Yield the files of which something is graded, or that the command names."""
        by_file: dict[str, dict[str, Check]] = {}
        for key, check in manifest().items():
            file, _, name = key.partition("::")
            by_file.setdefault(file, {})[name] = check
        for file, checks in by_file.items():
            graded = any(is_worth(self.config, check) for check in checks.values())
            if graded or is_asked_for(self.config, file):
                node: SuiteFile = SuiteFile.from_parent(self, path=self.path / file)
                node.checks = checks
                yield node


class SuiteFile(pytest.File):
    """The checks of one unit."""

    checks: dict[str, Check]

    def collect(self) -> Iterator[pytest.Item]:
        """Yield every check on every case."""
        for name in self.checks:
            yield CheckItem.from_parent(self, name=name, nodeid=f"{self.nodeid}::{name}")


class CheckItem(pytest.Item):
    """One check on one case."""

    @property
    def key(self) -> str:
        """The name of the check in the manifest."""
        return f"{self.path.name}::{self.name}"

    def runtest(self) -> None:
        """Run the check, and fail unless it passes."""
        session = self.config.stash[RUN].session
        if self.key in session.results:
            session.results.clear()  # nothing is reported
            pytest.exit(f"{self.key} would run twice: every check counts once", returncode=4)
        result = session.run(self.key)
        if result.outcome is not Outcome.PASSED:
            everything = self.config.option.reveal == "all"
            shown = f"{result.outcome}: {result.message}" if everything else str(result.outcome)
            pytest.fail(shown, pytrace=False)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Return where the check is, for reports of other plugins."""
        return self.path, None, self.key
