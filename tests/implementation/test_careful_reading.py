"""Reading a stranger's folder: nothing is followed, waited for, or read without an end."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from cnn_conformance.implementation import careful_reading, folders
from cnn_conformance.implementation.careful_reading import Refused, listing, look, read, walk
from cnn_conformance.implementation.imports import named

NAME = "n" * 100


@pytest.fixture
def deep(tmp_path):
    """A folder 1,200 levels deep, whose path no call of the system takes as a whole."""
    top = tmp_path / "deep"
    top.mkdir()
    descriptor = os.open(top, os.O_RDONLY)
    for _ in range(1_200):
        os.mkdir(NAME, dir_fd=descriptor)
        below = os.open(NAME, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)
    yield top
    subprocess.run(["rm", "-rf", str(top)], check=True)  # which pytest's own removal is not up to


def special(folder):
    """Put one of each kind of thing that is no file into a folder; return their names."""
    os.mkfifo(folder / "pipe.py")
    with socket.socket(socket.AF_UNIX) as opened:
        here = os.open(".", os.O_RDONLY)
        os.chdir(folder)  # as the path of a socket has to be short
        opened.bind("socket.py")
        os.fchdir(here)
        os.close(here)
    (folder / "zeros.py").symlink_to("/dev/zero")
    (folder / "nowhere.py").symlink_to("nowhere at all")
    (folder / "loop.py").symlink_to("loop.py")
    (folder / "folder.py").mkdir()
    return {
        "pipe.py": "is a named pipe",
        "socket.py": "is a socket",
        "zeros.py": "is a link",
        "nowhere.py": "is a link",
        "loop.py": "is a link",
        "folder.py": "is a folder",
    }


@pytest.fixture(params=["descriptors", "paths"])
def system(request, monkeypatch):
    """Be on a system that has descriptors of folders, then on one like Windows, that has none."""
    monkeypatch.setattr(folders, "HAS_DESCRIPTORS", request.param == "descriptors")


@pytest.mark.usefixtures("system")
def test_only_a_regular_file_is_read(tmp_path):
    (tmp_path / "right.py").write_bytes(b"x = 1")
    assert read(tmp_path, "right.py", 5) == b"x = 1"
    for name, why in special(tmp_path).items():
        with pytest.raises(Refused, match=f"^{name} {why}"):
            read(tmp_path, name, 100)


def test_a_device_is_refused_before_it_is_opened():
    with pytest.raises(Refused, match="zero is a device"):
        read(careful_reading.Path("/dev"), "zero", 100)


@pytest.mark.usefixtures("system")
@pytest.mark.parametrize("name", ["link/a.py", "link/deep/a.py"])
def test_no_link_is_followed_on_the_way_to_a_file(name, tmp_path):
    (tmp_path / "real" / "deep").mkdir(parents=True)
    (tmp_path / "real" / "a.py").touch()
    (tmp_path / "real" / "deep" / "a.py").touch()
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(Refused, match="link"):
        read(tmp_path, name, 100)
    with pytest.raises(Refused, match="link"):
        listing(tmp_path, "link")
    assert read(tmp_path / "link", "a.py", 100) == b""  # what the caller names is their own word


def test_a_file_that_is_replaced_by_a_pipe_between_look_and_opening_is_not_waited_for(
    tmp_path, monkeypatch
):
    (tmp_path / "a.py").touch()
    real = os.stat

    def stat_and_replace(path, **options):
        status = real(path, **options)
        os.unlink(tmp_path / "a.py")
        os.mkfifo(tmp_path / "a.py")
        return status

    monkeypatch.setattr(os, "stat", stat_and_replace)
    with pytest.raises(Refused, match="named pipe"):
        read(tmp_path, "a.py", 100)


def test_a_file_is_read_up_to_a_size(tmp_path):
    with (tmp_path / "sparse.py").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(Refused, match=r"sparse.py has more than 1 MiB"):
        read(tmp_path, "sparse.py", 1 << 20)
    with pytest.raises(Refused, match="more than 3 bytes"):
        read(tmp_path, "sparse.py", 3)


@pytest.mark.usefixtures("system")
def test_what_is_there_is_told_without_following(tmp_path):
    names = special(tmp_path)
    kinds = {entry.path.name: entry.kind for entry in walk(tmp_path)}
    assert set(kinds) == set(names)
    assert all(kinds[name] in why for name, why in names.items())
    assert look(tmp_path, "zeros.py").kind == "link"
    assert look(tmp_path, "nothing.py") is None
    assert look(tmp_path, "n" * 300) is None
    assert look(tmp_path, "nothing/at/all.py") is None


@pytest.mark.usefixtures("system")
def test_a_walk_goes_through_folders_in_order_and_skips_what_is_not_wanted(tmp_path):
    for name in ("b/x/y.py", "a/z.py", "c.py", ".git/config"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [str(e.path) for e in walk(tmp_path, skip=lambda e: e.path.name == ".git")]
    assert found == ["a", "b", "c.py", "a/z.py", "b/x", "b/x/y.py"]
    assert [str(e.path) for e in walk(tmp_path, "b")] == ["b/x", "b/x/y.py"]


@pytest.mark.usefixtures("system")
def test_a_walk_ends_in_a_crowd_of_files(tmp_path):
    for k in range(3):
        (tmp_path / str(k)).mkdir()
        for j in range(3):
            (tmp_path / str(k) / str(j)).touch()
    assert len(list(walk(tmp_path, max_entries=12))) == 12
    with pytest.raises(Refused, match="more than 11 files and folders"):
        list(walk(tmp_path, max_entries=11))


def test_a_walk_ends_in_folders_that_are_too_deep(deep):
    with pytest.raises(Refused, match="more than 64 levels deep"):
        list(walk(deep))


def test_a_path_longer_than_the_system_takes_is_read(deep):
    inside = "/".join([NAME] * 60)
    here = os.open(".", os.O_RDONLY)
    os.chdir(deep)
    for name in inside.split("/"):
        os.chdir(name)
    Path("a.py").touch()
    os.fchdir(here)
    os.close(here)
    assert read(deep, f"{inside}/a.py", 10) == b""


def test_no_descriptor_is_left_open(tmp_path, deep):
    special(tmp_path)
    before = len(os.listdir("/dev/fd"))
    for name in ("pipe.py", "zeros.py", "folder.py", "nothing.py"):
        with pytest.raises((Refused, OSError)):
            read(tmp_path, name, 10)
    with pytest.raises(Refused):
        list(walk(deep))
    assert len(os.listdir("/dev/fd")) == before


# --- where the grader looks for imports ----------------------------------------------------------


def test_links_pipes_and_depth_beside_a_submission_are_passed_over(tmp_path, deep):
    names = special(tmp_path)
    lines = [f"import {name.removesuffix('.py')}" for name in names]
    lines += ["import deep", "import numpy", f"import {'n' * 300}", "import_module('../a\\0b')"]
    (tmp_path / "submission.py").write_text("\n".join(lines), "utf-8")
    for target in (tmp_path / "submission.py", tmp_path):
        assert dict(named(str(target)))["numpy"].startswith("submission.py, line")


def test_looking_for_imports_takes_no_memory_where_a_link_leads_to_zeros(tmp_path):
    (tmp_path / "submission.py").write_text("import helper", "utf-8")
    (tmp_path / "helper.py").symlink_to("/dev/zero")
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30));"
        "from cnn_conformance.implementation.imports import named;"
        "print([*named(sys.argv[1]), *named(sys.argv[2])])"
    )
    call = [sys.executable, "-c", code, str(tmp_path / "submission.py"), str(tmp_path)]
    ran = subprocess.run(call, capture_output=True, text=True, timeout=30)
    assert ran.stdout.strip() == "[]", ran.stderr


def test_all_that_is_parsed_has_a_bound(tmp_path, monkeypatch):
    monkeypatch.setattr("cnn_conformance.implementation.imports.MOST_SOURCE", 100)
    for k in range(9):
        (tmp_path / f"m{k}.py").write_text(f"import scipy.m{k}  # {'x' * 20}\n", "utf-8")
    assert len(list(named(str(tmp_path)))) == 2
