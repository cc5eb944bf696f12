"""A submission that does as it is told."""

import pytest

from tests.grade import in_worker

SOURCE = """
import os, sys
import numpy as np
%s

class ReLU:
    def __init__(self):
        self.params, self.grads, self.training = {}, {}, True

    def forward(self, x):
        %s
        return np.maximum(x, 0)
"""


@pytest.fixture
def relu(tmp_path):
    """Return what makes an implementation whose ReLU runs some lines: in forward, and at its top.

    It lies in `submitted/submission.py`. Further options are those of `in_worker`.
    """
    made = []

    def make(lines="pass", isolation="process", top="", **options):
        file = tmp_path / "submitted" / "submission.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(SOURCE % (top, lines.replace("\n", "\n" + " " * 8)), "utf-8")
        made.append(in_worker(file, isolation, ["ReLU"], **options))
        return made[-1]

    yield make
    for implementation in made:
        implementation.end()
