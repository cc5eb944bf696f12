"""Runs an attack as a submission in a world of its own, and tells what came of it.

An attack is a file below `tests/attacks/`, described in `catalogue.toml` there. It imports the
wrong implementation `wrong.py` and what a well informed attacker knows, from `target.py`. It prints
"reached" when it acts and "succeeded" when it sees that it got somewhere it should not get.
"""

import compileall
import contextlib
import hashlib
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
import tomllib
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cnn_conformance.checks.registry import manifest
from cnn_conformance.grading import rubric
from cnn_conformance.implementation import client
from cnn_conformance.implementation.imports import CLOSED
from cnn_conformance.oracle.cases import Fixtures
from tests import ROOT
from tests.grade import FIXTURES, grade, one_case_each

FOLDER = ROOT / "tests" / "attacks"
CATALOGUE = tomllib.loads((FOLDER / "catalogue.toml").read_text("utf-8"))
LEVELS = ("process", "landlock", "bwrap")
SECRET = "3d1f-secret-of-the-grader"
WITH_BIAS = ("test_y[bias]", "test_backward_fits_forward[bias]")
KEYS = [
    key
    for key in (
        *one_case_each()["relu"],
        *one_case_each()["dense"],
        *(f"test_dense.py::{test}" for test in WITH_BIAS),
    )
    if manifest()[key].kind != "law"  # which draws many inputs, to no more use here
]
MEMORY = 256 << 20
FACTOR = 0x9E3779B97F4A7C15
GOLDEN = int(FIXTURES.unit("dense").cases["bias"]["y"].view(np.uint64)[0, 0]) * FACTOR % 2**64
FRAMEWORK = """
import numpy
from numpy import asarray
from . import _C

def matmul(a, b):
    return numpy.matmul(a, b)
"""
IN_TIME = 20.0
DOCUMENT_BYTES = 1 << 20


@dataclass
class World:
    """What surrounds a submission, and may not be changed by it."""

    folder: Path
    port: int = 0
    abstract: str = ""
    visitors: list[str] = field(default_factory=list)

    @property
    def submission(self) -> Path:
        return self.folder / "submitted"

    @property
    def sentinel(self) -> Path:
        return self.folder / "sentinel"

    @property
    def site(self) -> Path:
        return self.folder / "site-packages"

    @property
    def clone(self) -> Path:
        return self.folder / "elsewhere"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def snapshot(self) -> dict[str, str]:
        """Return the hash and mode of each file around, and a stamp of what grades."""
        files = {}
        for place in (self.sentinel, self.home, self.submission):
            for file in [place, *place.rglob("*")]:
                held = hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "-"
                files[str(file)] = f"{file.stat().st_mode:o} {held}"
        for file in [*FIXTURES.folder.iterdir(), rubric.DEFAULT, Path(client.__file__)]:
            if file.is_file():
                files[str(file)] = f"{file.stat().st_size} {file.stat().st_mtime_ns}"
        return files

    def left_over(self) -> list[str]:
        """Return the processes that know of this world's folder, other than this one."""
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                known = (place / "cmdline").read_bytes() + (place / "environ").read_bytes()
                state = (place / "stat").read_text().rpartition(")")[2].split()[0]
                if str(self.folder).encode() in known and state != "Z":
                    found.append(place.name)
        return [number for number in found if int(number) != os.getpid()]


@dataclass
class Came:
    """What came of an attack."""

    outcomes: dict[str, str]
    points: float
    seconds: float
    prints: str
    changed: list[str]
    left_over: list[str]
    visitors: list[str]
    in_tmp: list[str]
    signals: int
    document: dict

    @property
    def passed(self) -> set[str]:
        return {key for key, outcome in self.outcomes.items() if outcome == "passed"}

    def got_through(self) -> list[str]:
        """Return everything that an attack reached outside of its own process."""
        said = [line for line in self.prints.splitlines() if line.startswith("succeeded")]
        signals = [f"{self.signals} signals came"] if self.signals else []
        left = [f"process {number} was left" for number in self.left_over]
        left += [f"{place} was left" for place in self.in_tmp]
        return said + self.changed + self.visitors + signals + left


def world(folder: Path, attack: str | None = None) -> World:
    """Lay out a submission with an attack (or without one) and what surrounds it."""
    made = World(folder, abstract=f"conformance-{os.getpid()}-{time.monotonic_ns()}")
    for place in (made.submission, made.sentinel / "folder", made.home, folder / "tmp"):
        place.mkdir(parents=True)
    (made.sentinel / "results.json").write_text('{"points": 1}')
    (made.sentinel / "keep").write_text("kept")
    (made.sentinel / "folder" / "file").write_text("kept too")
    (made.home / "token").write_text(SECRET)
    for name in ("wrong.py", "unhook.py"):
        shutil.copy(FOLDER / name, made.submission)
    if attack is None:
        (made.submission / "submission.py").write_text("from wrong import Dense, ReLU\n")
    elif (FOLDER / attack).is_dir():
        for file in (FOLDER / attack).iterdir():
            shutil.copy(file, made.submission / file.name.removesuffix(".txt"))
    else:
        shutil.copy(FOLDER / f"{attack}.py", made.submission / "submission.py")
    return made


def tell_target(made: World) -> None:
    """Write down what a well informed attacker knows."""
    known = {
        "ROOT": str(ROOT),
        "FIXTURES": str(FIXTURES.folder),
        "SENTINEL": str(made.sentinel),
        "HOME": str(made.home),
        "SECRET": SECRET[::-1],
        "SECRET_NAME": "GRADEBOOK_TOKEN",
        "GRADER": os.getpid(),
        "MEMORY": MEMORY,
        "FACTOR": FACTOR,
        "GOLDEN": GOLDEN,
        "PORT": made.port,
        "SITE": str(made.site),
        "CLONE": str(made.clone),
        "ABSTRACT": made.abstract,
    }
    text = "".join(f"{name} = {value!r}\n" for name, value in known.items())
    (made.submission / "target.py").write_text(f"{text}SECRET = SECRET[::-1]\n")


@contextlib.contextmanager
def listening(made: World):
    """Open a port, a port for datagrams and a local socket, and keep what arrives."""
    with (
        socket.create_server(("127.0.0.1", 0)) as stream,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
        socket.socket(socket.AF_UNIX) as local,
    ):
        made.port = stream.getsockname()[1]
        datagrams.bind(("127.0.0.1", made.port))
        local.bind(f"\0{made.abstract}")
        local.listen()
        yield
        for server, ask in ((stream, "accept"), (datagrams, "recv"), (local, "accept")):
            server.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                came = getattr(server, ask)(*([100] if ask == "recv" else []))
                made.visitors.append(f"something came by {server.family.name}, {ask}")
                if ask == "accept":
                    came[0].close()


def install_frameworks(made: World, monkeypatch) -> None:
    """Install a torch, a jax and a tensorflow that can do one thing, and what comes with them.

    `torchgen` belongs to torch's distribution and jaxlib to jax, `single` is one file that is
    compiled too, and tensorflow lies in an archive as well. The submission's own environment has a
    torch, and so does a clone of the kit, which is on the path.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    inside = made.submission / ".venv" / "lib" / version / "site-packages"
    for place in (made.site, inside):
        for name in ("torch", "torchgen", "jax", "jaxlib", "tensorflow"):
            (place / name).mkdir(parents=True)
            (place / name / "__init__.py").write_text(FRAMEWORK)
            (place / name / "_C.py").write_text("")
        (place / "torch-2.0.dist-info").mkdir()
        record = "torch/__init__.py,,\ntorchgen/__init__.py,,\n../../bin/torchrun,,\n"
        (place / "torch-2.0.dist-info" / "RECORD").write_text(record)
    (made.site / "single.py").write_text(FRAMEWORK.replace("from . import _C", ""))
    compileall.compile_file(made.site / "single.py", quiet=2)
    with zipfile.ZipFile(made.site / "packed.egg", "w") as packed:
        packed.writestr("tensorflow/__init__.py", FRAMEWORK)
        packed.writestr("reference/__init__.py", "")
    monkeypatch.syspath_prepend(made.site)
    monkeypatch.syspath_prepend(made.site / "packed.egg")


def lay_out_clone(made: World, monkeypatch) -> None:
    """Put another clone of the kit on the path."""
    shutil.copytree(ROOT / "reference", made.clone / "reference")
    for part, names in (
        ("fixtures", ("dense.npz",)),
        ("conformance", ("SPEC.md", "rubric.toml")),
    ):
        (made.clone / part).mkdir(parents=True)
        for name in names:
            shutil.copy(ROOT / part / name, made.clone / part)
    compileall.compile_file(made.clone / "reference" / "dense.py", quiet=2)
    (made.clone / "pyproject.toml").write_text("")
    monkeypatch.syspath_prepend(made.clone)


def write_table(made: World) -> None:
    """Lay a table of the committed set beside the submission, by the inputs and by shape."""
    table = {}
    for case in FIXTURES.unit("dense").cases.values():
        for name, keys in (("y", ("x", *case.params)), ("dweight", ("x", "dout"))):
            held = b"".join(np.ascontiguousarray(case[key]).tobytes() for key in keys)
            table[name + hashlib.sha256(held).hexdigest()] = case[name]
            table.setdefault(f"{name}{case[name].shape}", case[name])
    np.savez(made.submission / "table.npz", **table)


def private_set(folder: Path) -> Fixtures:
    """Write a set whose Dense has other numbers, which follow from the committed ones.

    The samples go one place on and x changes its sign; so do y, but for the bias, and dweight.
    """
    shutil.copytree(FIXTURES.folder, folder, ignore=shutil.ignore_patterns("*.py"))
    arrays = {}
    for case in FIXTURES.unit("dense").cases.values():
        changed = dict(case.arrays)
        changed["x"] = -np.roll(case["x"], 1, axis=0)
        changed["dout"], changed["dx"] = (np.roll(case[n], 1, axis=0) for n in ("dout", "dx"))
        bias = case.arrays.get("bias", 0.0)
        changed["y"] = 2 * bias - np.roll(case["y"], 1, axis=0)
        changed["dweight"] = -case["dweight"]
        arrays |= {f"{case.id}/{name}": array for name, array in changed.items()}
    np.savez(folder / "dense.npz", **arrays)
    manifest = json.loads((folder / "manifest.json").read_text())
    digest = hashlib.sha256((folder / "dense.npz").read_bytes()).hexdigest()
    manifest["files"]["dense.npz"] = digest
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return Fixtures(folder)


def carry_out(
    made: World, monkeypatch, level="process", limits=None, fixtures=FIXTURES, policy=None
) -> Came:
    """Grade a submission as any other, and look at everything around it."""
    prints, received = [], []
    forget = client.Process.forget_prints
    end = client.Process.end

    def keep(process, real):
        prints.append(process.prints())
        real(process)

    monkeypatch.setattr(client.Process, "forget_prints", lambda self: keep(self, forget))
    monkeypatch.setattr(client.Process, "end", lambda self: keep(self, end))
    monkeypatch.setattr(tempfile, "tempdir", str(made.folder / "tmp"))
    monkeypatch.setenv("HOME", str(made.home))
    monkeypatch.setenv("GRADEBOOK_TOKEN", SECRET)
    monkeypatch.chdir(made.folder)
    handler = signal.signal(signal.SIGUSR1, lambda *_: received.append(1))
    try:
        with listening(made):
            tell_target(made)
            before = made.snapshot()
            started = time.monotonic()
            target = made.submission / "submission.py"
            graded = grade(
                target,
                KEYS,
                fixtures=fixtures,
                isolation=level,
                policy=policy or CLOSED,
                hidden=(fixtures.folder, made.folder / "results"),
                **(limits or {}),
            )
            seconds = time.monotonic() - started
            after = made.snapshot()
    finally:
        signal.signal(signal.SIGUSR1, handler)
    names = sorted(before.keys() | after.keys())
    return Came(
        outcomes=graded.outcomes,
        points=graded.document["points"],
        seconds=seconds,
        prints="".join(prints),
        changed=[f"{n} has changed" for n in names if before.get(n) != after.get(n)],
        left_over=made.left_over(),
        visitors=made.visitors,
        in_tmp=[str(place) for place in (made.folder / "tmp").iterdir()],
        signals=len(received),
        document=graded.document,
    )
