"""A unit is begun by one command, and what it lacks is said by another."""

import re
import shutil
import subprocess
import sys

import pytest

from cnn_conformance import units
from cnn_conformance.dev import missing, new
from cnn_conformance.dev.__main__ import main
from tests import ROOT

PARTS = "cnn_conformance", "conformance", "docs", "fixtures", "reference", "student_template"


@pytest.fixture
def clone(tmp_path):
    """Return a copy of what the commands read and write."""
    for name in PARTS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, symlinks=True, ignore=ignored)
    shutil.copy(ROOT / "CHANGELOG.md", tmp_path)
    return tmp_path


def dev(clone, *words):
    """Run a command in a copy."""
    return subprocess.run(
        [sys.executable, "-m", "cnn_conformance.dev", *words],
        cwd=clone,
        capture_output=True,
        text=True,
    )


def lacking(clone):
    """Return what `check` says, that the command itself works aside."""
    done = dev(clone, "check")
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout.splitlines()


def copied(clone, name, like):
    """Return what is said of the page and the section of a unit that are still another one's."""
    old = f"docs/units/{units.of(like).stem}.md"
    count = (clone / old).read_text("utf-8").count("$$") // 2
    return [
        f"docs/units/{name.lower()}.md has {count} formula{'s' * (count > 1)} of {old}: "
        f"write those of {name}",
        f"conformance/SPEC.md says of {name} what it says of {like}",
    ]


def test_a_page_is_named_until_none_of_its_formulas_is_another_unit_s(clone):
    assert dev(clone, "new", "unit", "Softsign", "--like=SiLU").returncode == 0
    page, spec = clone / "docs/units/softsign.md", clone / "conformance/SPEC.md"
    first, *parts = page.read_text("utf-8").split("$$")
    parts[0] = "\ny_i = x_i / (1 + |x_i|)\n"
    page.write_text("$$".join([first, *parts]), "utf-8")
    said = lacking(clone)
    assert "docs/units/softsign.md has 2 formulas of docs/units/silu.md: write those of" in str(
        said
    )
    parts[2] = parts[4] = parts[0]
    page.write_text("$$".join([first, *parts]), "utf-8")
    text = spec.read_text("utf-8").replace(
        "`Softsign()`; no parameters; y = x / (1 + exp(-x))", "`Softsign()`; y = x / (1 + |x|)"
    )
    spec.write_text(text, "utf-8")
    left = str(lacking(clone))
    assert "formula" not in left
    assert "says of Softsign" not in left


def test_nothing_is_missing():
    assert list(missing.found()) == []


@pytest.mark.parametrize("like", ["ReLU", "MaxPool2D", "Tanh", "MSE", "Adam", "BatchNorm2D"])
def test_a_copy_lacks_what_only_its_author_or_pytorch_can_add(clone, like):
    done = dev(clone, "new", "unit", "Stranger", f"--like={like}")
    assert done.returncode == 0, done.stderr
    assert lacking(clone) == [
        "Stranger of rows/ has no task for the students' README",
        "Stranger of rows/ has no file fixtures/stranger.npz",
        *copied(clone, "Stranger", like),
    ]
    spec = (clone / "conformance" / "SPEC.md").read_text("utf-8")
    assert re.findall(r"^## (\w+)", spec, re.M)[-2:] == ["Stranger", "Network"]
    added = spec.partition("## Stranger\n")[2].partition("\n## ")[0]
    ids = re.findall(r"\*\*([A-Z0-9_]+)-\d+\*\* \((\w+)\)", added)
    assert {name for name, _ in ids} == {"STRANGER"}
    assert "extended)" not in added
    rows = (clone / "cnn_conformance" / "rows" / "full.py").read_text("utf-8")
    assert rows.count('"Stranger", task=""') == 1
    assert "step_taught" not in rows
    assert "- Stranger, with `--profile=full`.\n" in (clone / "CHANGELOG.md").read_text("utf-8")


def test_a_function_is_begun_like_another(clone):
    done = dev(clone, "new", "unit", "strange_norm", "--like=clip_grad_norm")
    assert done.returncode == 0, done.stderr
    assert lacking(clone) == [
        "strange_norm of rows/ has no task for the students' README",
        "strange_norm of rows/ has no file fixtures/strange_norm.npz",
        *copied(clone, "strange_norm", "clip_grad_norm"),
    ]
    spec = (clone / "conformance" / "SPEC.md").read_text("utf-8")
    assert "- **STRANGE_NORM-1** (forward)" in spec


def test_what_common_mistakes_lose_and_the_points_are_copied_unless_they_are_given(clone):
    assert dev(clone, "new", "unit", "Stranger", "--like=Conv1D", "--points=7").returncode == 0
    habits = (clone / "cnn_conformance" / "mistakes" / "habits.toml").read_text("utf-8")
    assert habits.count("\nStranger = ") == habits.count("\nConv1D = ") > 1
    assert "\nStranger = 7\n" in (clone / "conformance" / "rubric.toml").read_text("utf-8")


def test_a_function_is_no_copy_of_a_class(clone):
    done = dev(clone, "new", "unit", "strange_norm", "--like=ReLU")
    assert done.returncode == 2
    assert done.stderr == "strange_norm: expected a name such as Identity, as ReLU is\n"


@pytest.mark.parametrize(
    ("file", "was", "becomes", "says"),
    [
        ("conformance/rubric.toml", "ReLU = 6\n", "", "ReLU has no points"),
        ("reference/clear.py", '    "ReLU",\n', "", "__all__ of reference/clear.py"),
        ("reference/__init__.py", "    LeakyReLU,\n", "", "__all__ of reference/__init__.py"),
        ("fixtures/oracles.py", '    "conv2d": affine,\n', "", None),
        ("cnn_conformance/template/README.md", "`relu.py`", "", "ReLU has no row in a table"),
        ("cnn_conformance/rows/full.py", 'task="a power"', 'task=""', "ExponentialLR of rows/ has"),
        ("student_template/tanh.py", "Tanh", "tanH", "student_template/tanh.py is not up to date"),
        (
            "cnn_conformance/translations/zh/units.toml",
            '"A batch gives the same output as its samples one at a time."',
            '"A batch gives something else."',
            "Conv2D has 1 sentence without a translation in cnn_conformance/translations/zh/units",
        ),
    ],
)
def test_what_is_missing_is_named(clone, file, was, becomes, says):
    text = (clone / file).read_text("utf-8")
    assert was in text
    (clone / file).write_text(text.replace(was, becomes), "utf-8")
    if says is None:  # the line in modules.py is another list
        assert dev(clone, "check").stdout.startswith("nothing is missing")
    else:
        assert any(says in line for line in lacking(clone))


def test_a_unit_without_a_mistake_is_named(clone):
    (clone / "cnn_conformance" / "mistakes" / "tanh.toml").write_text("mistake = []\n", "utf-8")
    habits = clone / "cnn_conformance" / "mistakes" / "habits.toml"
    habits.unlink()
    assert "Tanh has no mistake in cnn_conformance/mistakes/tanh.toml" in lacking(clone)


@pytest.mark.parametrize("file", ["conformance/test_swish.py", "fixtures/swish.toml"])
def test_a_file_of_no_unit_is_named(clone, file):
    (clone / file).touch()
    assert f"{file} belongs to no unit of rows/" in lacking(clone)


@pytest.mark.parametrize(
    ("name", "like", "says"),
    [
        ("Stranger", "Conv3D", "--like: unknown unit 'Conv3D'"),
        ("Stranger", "fit", "--like: unknown unit 'fit'"),
        ("stranger", "ReLU", "stranger: expected a name such as Identity"),
        ("Relu", "Tanh", "Relu: there is such a unit already"),
        ("Layer", "Tanh", "reference/layer.py is there already"),
    ],
)
def test_a_unit_that_cannot_be_begun_is_refused_and_nothing_is_written(name, like, says):
    with pytest.raises(new.Refused, match=f"^{says}"):
        new.unit(name, like)
    assert list(missing.found()) == []


def test_without_a_clone_it_says_so_in_one_line(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("cnn_conformance.dev.__main__.SUITE", tmp_path / "package" / "suite")
    assert main(["check"]) == 2
    assert (
        capsys.readouterr().err
        == "python -m cnn_conformance.dev works in a clone of the kit only\n"
    )
