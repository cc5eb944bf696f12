"""Deploying again into the same folder: what is there is what was asked for, and nothing else."""

import os

import pytest

from cnn_conformance.__main__ import main
from cnn_conformance.deploy import earlier
from cnn_conformance.locations import GOLDEN
from tests.deploy.test_deploy import deploy
from tests.planted.batches import RUBRIC

ROW = '[[expected]]\nrequirement = "RELU-20"\nreason = "known"\n'
KIT = ".github/conformance"


@pytest.fixture
def given(tmp_path):
    """Return options that write a file each: a rubric, a profile, a list of what may fail."""
    texts = {
        "rubric": RUBRIC,
        "profile": 'title = "mine"\n[units]\nReLU = 1\n',
        "expect": ROW,
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.toml").write_text(text, "utf-8")
    return {name: f"--{name}={tmp_path / name}.toml" for name in texts}


def content(folder):
    files = (file for file in sorted(folder.rglob("*")) if not file.is_dir())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def refused(target, out, capsys):
    """Return why a folder cannot be deployed into, after which nothing of it has changed."""
    before = content(out)
    assert main(["deploy", target, f"--out={out}"]) == 2
    assert content(out) == before
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("target", "options"),
    [
        ("github", ["rubric", "profile", "expect"]),
        ("github", ["expect"]),
        ("docker", ["rubric", "profile"]),
        ("prairielearn", ["rubric", "profile"]),
        ("gradescope", ["rubric", "profile"]),
        ("otter", ["rubric"]),
    ],
)
def test_a_folder_is_as_if_nothing_had_been_deployed_there_before(target, options, given, tmp_path):
    again = deploy(target, tmp_path / "again", *(given[name] for name in options))
    (again / "mine.txt").write_text("not the kit's", "utf-8")
    deploy(target, again)
    once = content(deploy(target, tmp_path / "once"))
    assert content(again) == once | {"mine.txt": b"not the kit's"}


def test_a_private_set_goes_with_its_folder(tmp_path, capsys):
    out = deploy("docker", tmp_path / "out", f"--golden={GOLDEN}")
    assert (out / "golden").is_dir()
    capsys.readouterr()
    deploy("docker", out)
    assert "removed, since an earlier deploy wrote it" in capsys.readouterr().out
    assert not (out / "golden").exists()


def test_a_file_that_was_changed_since_is_not_removed(given, tmp_path, capsys):
    out = deploy("github", tmp_path / "out", given["expect"])
    (out / KIT / "expected.toml").write_text(ROW.replace("known", "mine"), "utf-8")
    why = refused("github", out, capsys)
    assert f"{KIT}/expected.toml is no part of what is asked for" in why
    assert "ask for it too, or move it elsewhere" in why
    deploy("github", out, f"--expect={out / KIT / 'expected.toml'}")
    assert b"mine" in (out / KIT / "expected.toml").read_bytes()


def test_a_list_of_another_s_that_the_workflow_would_use_is_said(tmp_path, capsys):
    out = tmp_path / "out"
    (out / KIT).mkdir(parents=True)
    (out / KIT / "expected.toml").write_text(ROW, "utf-8")
    assert "expected.toml is no part of what is asked for" in refused("github", out, capsys)


@pytest.mark.parametrize("name", ["../outside.txt", "link/outside.txt", "linked.txt"])
def test_nothing_outside_of_the_folder_is_removed_whatever_its_record_says(name, tmp_path, capsys):
    out = deploy("docker", tmp_path / "out")
    (tmp_path / "outside.txt").write_text("mine", "utf-8")
    os.symlink(tmp_path, out / "link")
    os.symlink(tmp_path / "outside.txt", out / "linked.txt")
    settings = out / "conformance.toml"
    settings.write_text(
        settings.read_text("utf-8") + earlier.record({name: b"mine"}).partition("]")[2]
    )
    assert main(["deploy", "docker", f"--out={out}"]) == 2
    assert "not as an earlier deploy wrote it" in capsys.readouterr().err
    assert (tmp_path / "outside.txt").exists()


def test_settings_that_cannot_be_read_are_said(tmp_path, capsys):
    out = deploy("docker", tmp_path / "out")
    (out / "conformance.toml").write_text("no toml", "utf-8")
    assert "conformance.toml: Expected '='" in refused("docker", out, capsys)
