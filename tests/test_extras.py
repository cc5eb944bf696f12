"""What is said to be installed can be installed, whichever way the kit has come."""

import subprocess
import tomllib

import pytest

from cnn_conformance import extras
from tests import ROOT

DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
METADATA = [
    "numpy>=2.0",
    "matplotlib>=3.8.4; extra == 'plots'",
    'cnn-conformance[plots,torch]; extra == "bench"',
    'dezero==0.0.13 ; extra == "bench"',
    "torch==2.13.0; extra == 'torch'",
]


def test_no_hint_names_the_kit_which_no_index_has():
    listed = subprocess.run(
        [
            "git",
            "-C",
            str(ROOT),
            "grep",
            "-nI",
            r"install .cnn-conformance\\[",
            "--",
            "*.py",
            "*.md",
        ],
        capture_output=True,
        text=True,
    ).stdout
    lines = [line for line in listed.splitlines() if "tests/test_extras.py" not in line]
    assert [line for line in lines if "cnn_conformance/extras.py" not in line] == []


@pytest.mark.parametrize("extra", DECLARED["optional-dependencies"])
def test_an_extra_is_the_packages_that_it_needs(extra):
    packages = extras.packages(extra)
    assert packages
    assert not [package for package in packages if package.startswith("cnn-conformance")]


def test_a_wheel_knows_it_from_its_metadata(monkeypatch, tmp_path):
    monkeypatch.setattr(extras, "PROJECT", tmp_path / "none.toml")
    monkeypatch.setattr(extras.metadata, "requires", lambda name: METADATA)
    assert extras.install("bench") == "pip install 'matplotlib>=3.8.4' torch==2.13.0 dezero==0.0.13"
    (tmp_path / "other.toml").write_text('[project]\nname = "other"\n')
    monkeypatch.setattr(extras, "PROJECT", tmp_path / "other.toml")
    assert extras.install("plots") == "pip install 'matplotlib>=3.8.4'"
