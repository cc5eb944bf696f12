"""What the project says of itself: versions, and paths that files outside the package name."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version

import pytest

import cnn_conformance
from tests import ROOT

METADATA = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_one_version_is_told_everywhere():
    cited = re.search(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.M)
    assert cited is not None
    assert cited[1] == cnn_conformance.__version__ == version("cnn-conformance")


@pytest.mark.parametrize("file", [".github/workflows/ci.yml", ".ci/run"])
def test_paths_in_ci_exist(file):
    named = re.findall(
        r"\b(?:tests|fixtures|conformance)/[\w/.]+", (ROOT / file).read_text("utf-8")
    )
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_hooks_run_tools_whose_versions_are_pinned():
    text = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    tools = {line.split()[0] for line in re.findall(r"entry: (.+)", text)}
    pinned = {
        requirement.partition("==")[0]
        for requirement in METADATA["project"]["optional-dependencies"]["lint"]
        if "==" in requirement
    }
    assert tools <= pinned


def test_every_dependency_has_a_lower_bound_that_ci_tries():
    run = [sys.executable, str(ROOT / ".ci" / "lowest.py")]
    constraints = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()
    declared = [*METADATA["project"]["dependencies"]]
    for extra in METADATA["project"]["optional-dependencies"].values():
        declared += extra
    others = {re.sub(r"\[.+?\]", "", r).replace(">=", "==") for r in declared if "[" not in r}
    assert set(constraints) == others
