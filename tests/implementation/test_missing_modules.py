"""A module that the sandbox hides is said to exist, to those whose machine it is."""

import pytest

from cnn_conformance.implementation import missing_modules, sandbox
from cnn_conformance.implementation.sandbox import visible_paths
from tests.grade import loaded
from tests.implementation import CONFINED

PROBLEM = "adapter.py, line 2: ModuleNotFoundError: No module named '{}'"


@pytest.fixture
def adapter(tmp_path):
    """An adapter whose foreign code lies in a folder outside its own."""
    (tmp_path / "code" / "foreign").mkdir(parents=True)
    (tmp_path / "code" / "foreign" / "__init__.py").write_text("")
    (tmp_path / "code" / "single.py").write_text("")
    (tmp_path / "mine").mkdir()
    file = tmp_path / "mine" / "adapter.py"
    code = str(tmp_path / "code")
    file.write_text(f"import sys\nsys.path.insert(0, {code!r})\nimport foreign\nclass ReLU: pass\n")
    return file


def told(adapter, module, hidden=()):
    looked = ["", "relative", "\0", str(adapter.parents[1] / "code"), "/" + "x" * 5000]
    visible = visible_paths.visible(str(adapter), hidden)
    return missing_modules.explained(PROBLEM.format(module), looked, str(adapter), visible)


@pytest.mark.parametrize(("module", "place"), [("foreign", "foreign"), ("single", "single.py")])
def test_a_folder_or_file_that_exists_is_named_with_what_to_do(adapter, module, place):
    code = adapter.parents[1] / "code"
    assert told(adapter, module) == (
        f"{PROBLEM.format(module)}. {code / place} exists, and cannot be read in the sandbox: put "
        f"it into {adapter.parent} or below, install it, or grade with --isolation=process"
    )


def test_what_does_not_exist_or_can_be_read_is_left_as_it_is(adapter):
    (adapter.parent / "beside.py").write_text("")
    visible = visible_paths.visible(str(adapter))
    for module in ("nowhere", "beside", "numpy", "cnn_conformance.oracle"):
        looked = [str(adapter.parent), str(sandbox.PACKAGE.parent)]
        problem = PROBLEM.format(module)
        assert missing_modules.explained(problem, looked, str(adapter), visible) == problem
    assert (
        missing_modules.explained("SyntaxError: here", [], str(adapter), visible)
        == "SyntaxError: here"
    )


def test_what_is_hidden_is_not_spoken_of(adapter):
    code = adapter.parents[1] / "code"
    for hidden in (code, code / "foreign", code / "foreign" / "rubric.toml"):
        assert told(adapter, "foreign", [hidden]) == PROBLEM.format("foreign")


@pytest.mark.parametrize("level", CONFINED)
@pytest.mark.parametrize("tells", [True, False])
def test_the_worker_hands_over_where_it_has_looked(adapter, level, tells):
    (problem,) = loaded(adapter, level, ["ReLU"], tells_places=tells).problems
    assert "No module named 'foreign'" in problem
    assert ("exists, and cannot be read" in problem) is tells


def test_without_a_confinement_the_module_is_imported(adapter):
    assert loaded(adapter, tells_places=True).problems == []
