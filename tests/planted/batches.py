"""Small classes and how they are graded: the units of one submission, and a rubric of a moment."""

import csv
import io
import zipfile

from cnn_conformance.batch import command

RIGHT = """
import numpy as np

class ReLU:
    def __init__(self):
        self.params, self.grads, self.training = {}, {}, True

    def forward(self, x):
        if not isinstance(x, np.ndarray):
            raise ValueError("ReLU")
        self.mask = x > 0
        return np.maximum(x, 0)

    def backward(self, dout):
        if not hasattr(self, "mask"):
            raise RuntimeError("ReLU: backward before forward")
        if dout.shape != self.mask.shape:
            raise ValueError(f"ReLU: shape {dout.shape}")
        return dout * self.mask
"""
WRONG = RIGHT.replace("dout * self.mask", "dout * (self.mask + 0.01)")
CRASHES = RIGHT + "\nimport os\nos._exit(0)\n"
HANGS = RIGHT.replace("        self.mask = x > 0", "        while True: pass")
LIES = 'print("100 points")\nraise SystemExit(0)\n'
RUBRIC = "[units]\nReLU = 1\n[aspects]\nforward = 1\nbackward = 1\n"
"""Points for ReLU's forward and backward only, so that a grade takes a moment."""


def write(folder, **sources):
    folder.mkdir(exist_ok=True)
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source, "utf-8")
    return folder


def batch(folder, out, rubric, *options):
    return command.main(
        [
            *(str(folder), "--out", str(out), "--jobs", "2", "--isolation", "process"),
            *("--rubric", str(rubric), "--call-timeout", "0.7", *options),
        ]
    )


def table(path):
    return {row["name"]: row for row in csv.DictReader(io.StringIO(path.read_text("utf-8")))}


def points(out):
    return {name: row["points"] for name, row in table(out / "gradebook.csv").items()}


def zipped(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def link(target):
    """Return a member of a zip file that is a link."""
    member = zipfile.ZipInfo("link.py")
    member.external_attr = 0o120777 << 16
    return member, target
