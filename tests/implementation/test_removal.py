"""What a submission leaves behind is removed, whatever it has made of it."""

import os
import sys

import pytest

from cnn_conformance.implementation import removal

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="modes and depths of Unix"
)


def test_a_home_is_removed_however_deep_it_is_and_whatever_its_modes_are(tmp_path):
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    (home / "locked" / "folder").mkdir(parents=True)
    (home / "locked" / "folder" / "file").write_text("x")
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("x")
    (home / "link").symlink_to(elsewhere)
    here = os.open(home, os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d" * 100, dir_fd=here)
        below = os.open("d" * 100, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    (home / "locked" / "folder").chmod(0)
    (home / "locked").chmod(0)
    home.chmod(0)
    removal.remove(str(home))
    assert not home.exists()
    assert (elsewhere / "kept").exists()
    removal.remove(str(home))  # there is nothing to remove, and nothing to say
