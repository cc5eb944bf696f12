"""A grader's own rubric, for the tests of what it may say."""

import pytest


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a rubric and returns where it is."""

    def write(text):
        file = tmp_path / "rubric.toml"
        file.write_text(text, "utf-8")
        return file

    return write
