"""A class of sixty: good work, clumsy work, and what nobody would call work.

`ITEMS` says for each item what becomes of it: the points, or the beginning of its remark.
"""

import bz2
import gzip
import io
import lzma
import os
import socket
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from tests.planted.batches import CRASHES, RIGHT, WRONG, link, zipped
from tests.planted.books import book

ALL = "1.0"
NOT_GRADED = "not graded: "
NOT_OPENED = "the archive was not opened: "
DEEP = 1_200


@dataclass(frozen=True)
class Item:
    """An item of a class.

    Parameters
    ----------
    row : str
        Its name in the gradebook.
    points : str or None
        What it earns; None where that is not known beforehand, "" where it is not graded.
    remark : str
        What its remark has.
    """

    row: str
    points: str | None = ALL
    remark: str = ""


ITEMS: list[Item] = []


def build(folder: Path) -> None:
    """Write the class into a folder that does not exist yet."""
    ITEMS.clear()
    folder.mkdir()
    for part in (_good, _sources, _notebooks, _folders, _names, _zips, _tars, _others):
        part(folder)


def _add(row: str, points: str | None = ALL, remark: str = "") -> None:
    ITEMS.append(Item(row, points, remark))


def _file(folder: Path, name: str, data: bytes | str = RIGHT) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def _good(folder: Path) -> None:
    _file(folder, "ada.py")
    _add("ada")
    _file(folder, "Ada.py")
    _add("Ada")
    _file(folder, "loud.PY")
    _add("loud")
    _file(folder, "loose/relu.py")
    _add("loose")
    _file(folder, "package/work/__init__.py", "from .relu import ReLU\n")
    _file(folder, "package/work/relu.py")
    _add("package")
    _file(folder, "wrong.py", WRONG)
    _add("wrong", None)
    _file(folder, "crashes.py", CRASHES)
    _add("crashes", "0.0")


def _sources(folder: Path) -> None:
    for name, data, why in (
        ("utf16", RIGHT.encode("utf-16"), "is UTF-16, expected UTF-8"),
        ("nul", RIGHT.encode() + b"\0", "has a NUL byte in line"),
        ("latin", b"x = '\xe9'\n" + RIGHT.encode(), "has the byte 0xe9 in line 1"),
        ("blank", b"", ""),
        ("binary", bytes(range(256)) * 100, "has a NUL byte in line 1"),
        ("brackets", b"(" * 100_000, ""),
        ("surrogate", b"raise ValueError('\\ud800 half')\n", "half"),
        ("parser", b"import argparse\nargparse.ArgumentParser().parse_args(['-x'])\n", "line 2"),
    ):
        _file(folder, f"{name}.py", data)
        _add(name, "0.0", why)
    huge = folder / "huge.py"
    with huge.open("wb") as file:
        file.truncate(1 << 40)
    _add("huge", "0.0", "more than 256 MiB")


def _notebooks(folder: Path) -> None:
    magic = "%matplotlib inline\n!rm -rf ~\nwhile True: pass"
    _file(folder, "cells.ipynb", book(magic, RIGHT, "ReLU = ReLU().forward", "open('x', 'w')"))
    _add("cells", "0.0")
    _file(folder, "a folder/final net (2).ipynb", book(magic, RIGHT, "while True: pass", "1 / 0"))
    _add("a folder")
    for name, data, why in (
        ("damaged", book(RIGHT)[:-20], "final.ipynb: is no notebook: in line 1, column"),
        ("nested json", "[" * 1_000_000, "nested too deeply"),
        ("wide", "[" + "[]," * 2_000_000, "lists and objects: clear its outputs"),
        ("long", " " * (17 << 20), "more than 16 MiB"),
        ("in R", book("x <- 1", metadata={"kernelspec": {"language": "R"}}), "a notebook in R"),
        ("no code", book(), ""),
        ("ending", book("import os", RIGHT, "class A(ReLU):\n    os._exit(0)"), ""),
        ("crowd", book(*["%x"] * 6_000), "more than 5,000 cells"),
    ):
        _file(folder, f"{name}/final.ipynb", data)
        _add(name, "0.0", why)


def _folders(folder: Path) -> None:
    (folder / "empty").mkdir()
    _add("empty", "0.0", "it contains neither a Python file nor a notebook")
    _file(folder, "documents/cnn.docx", "")
    _add("documents", "", "it contains neither a Python file nor a notebook, only cnn.docx")
    _file(folder, "links/relu.py")
    (folder / "links" / "zeros.py").symlink_to("/dev/zero")
    (folder / "links" / "nowhere.py").symlink_to("nowhere")
    (folder / "links" / "loop.py").symlink_to("loop.py")
    (folder / "links" / "up").symlink_to("..")
    _add("links", ALL, "zeros.py: is a device")
    _file(folder, "pipes/relu.py", "import pipe\n" + RIGHT)
    os.mkfifo(folder / "pipes" / "pipe.py")
    _add("pipes", "0.0", "pipe.py: is a named pipe")
    deep(folder / "deep")
    _add("deep", "0.0", "folders more than 64 levels deep")
    _file(folder, "readonly/relu.py").chmod(0o400)
    (folder / "readonly").chmod(0o500)
    _add("readonly")


def deep(folder: Path, levels: int = DEEP) -> None:
    """Make folders in folders, deeper than a path can tell."""
    folder.mkdir()
    descriptor = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("deeper", dir_fd=descriptor)
        below = os.open("deeper", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)


def _names(folder: Path) -> None:
    for stem, row in (
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("line\nbreak", "line break"),
        ("<script>alert(1)", "<script>alert(1)"),
        ("esc\x1b[2J", "esc\N{REPLACEMENT CHARACTER}[2J"),
        ("n" * 250, "n" * 250),
        ("Ünï çødé 学生", "Ünï çødé 学生"),
        ("a, \"b\"; 'c'", "a, \"b\"; 'c'"),
    ):
        _file(folder, f"{stem}.py")
        _add(row)
    os.rename(_file(folder, "bytes.py"), os.fsencode(folder) + b"/caf\xe9.py")
    _add(r"caf\xe9.py")
    _file(folder, r"caf\xe9.py")
    _add(r"caf\xe9.py (2)")
    os.rename(_file(folder, "bytes/relu.py").parent, os.fsencode(folder) + b"/\xff\xfe folder")
    _add(r"\xff\xfe folder")


def _zips(folder: Path) -> None:
    zipped(folder / "zip.zip", {"work/relu.py": RIGHT, "__MACOSX/._relu.py": "\0"})
    _add("zip")
    for name, member, why in (
        ("climbs", ("../relu.py", RIGHT), "a path that leads outside"),
        ("absolute", ("/etc/relu.py", RIGHT), "an absolute path"),
        ("linked", link("/dev/zero"), "a link or a device"),
        ("nested", ("inner.zip", "PK"), "it contains neither a Python file nor a notebook, only"),
    ):
        zipped(folder / f"{name}.zip", dict([member]))
        _add(name, "" if name == "nested" else "0.0", why)
    lzma_data = _packed("relu.py", zipfile.ZIP_LZMA)
    place = lzma_data.index(b"relu.py") + 30
    _file(folder, "lzma.zip", lzma_data[:place] + b"\xff" * 40 + lzma_data[place + 40 :])
    _add("lzma", "0.0", NOT_OPENED)
    _file(folder, "cut.zip", _packed("relu.py", zipfile.ZIP_DEFLATED)[:200])
    _add("cut", "0.0", NOT_OPENED)
    encrypted = bytearray(_packed("relu.py", zipfile.ZIP_STORED))
    encrypted[6] |= 1
    encrypted[encrypted.index(b"PK\1\2") + 8] |= 1
    _file(folder, "locked.zip", bytes(encrypted))
    _add("locked", "0.0", f"{NOT_OPENED}it is encrypted")
    for name, method in (("bomb", zipfile.ZIP_DEFLATED), ("bombs", zipfile.ZIP_BZIP2)):
        _file(folder, f"{name}.zip", _packed("zeros.py", method, b"\0" * (80 << 20)))
        _add(name, "0.0", f"{NOT_OPENED}more than 64 MiB")


def _packed(name: str, method: int, data: bytes = RIGHT.encode()) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr(name, data)
    return packed.getvalue()


def tarred(data: bytes = RIGHT.encode(), name: str = "work/relu.py", kind: bytes = b"0") -> bytes:
    """Return a tar file with one member."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, "/etc/passwd" if kind in (b"1", b"2") else ""
        info.size = len(data) if kind == b"0" else 0
        archive.addfile(info, io.BytesIO(data))
    return packed.getvalue()


def _tars(folder: Path) -> None:
    _file(folder, "tar.tar", tarred())
    _file(folder, "targz.tar.gz", gzip.compress(tarred()))
    _file(folder, "tgz.TGZ", gzip.compress(tarred()))
    _file(folder, "tarbz.tar.bz2", bz2.compress(tarred()))
    _file(folder, "tarxz.tar.xz", lzma.compress(tarred()))
    _file(folder, "relu.py.gz", gzip.compress(RIGHT.encode()))
    for name in ("tar", "targz", "tgz", "tarbz", "tarxz", "relu"):
        _add(name)
    for name, data, why in (
        ("tarlink", tarred(kind=b"2"), "a link, a device"),
        ("tarhard", tarred(kind=b"1"), "a link, a device"),
        ("tarzero", tarred(kind=b"3"), "a link, a device"),
        ("tarpipe", tarred(kind=b"6"), "a link, a device"),
        ("tarclimbs", tarred(name="../relu.py"), "a path that leads outside"),
        ("tarabsolute", tarred(name="/etc/relu.py"), "an absolute path"),
        ("tarcut", tarred()[:700], "it is damaged"),
    ):
        _file(folder, f"{name}.tar", data)
        _add(name, "0.0", NOT_OPENED + why)
    _file(folder, "tarbomb.tgz", gzip.compress(tarred(b"\0" * (80 << 20))))
    _add("tarbomb", "0.0", f"{NOT_OPENED}more than 64 MiB")


def _others(folder: Path) -> None:
    for name, why in (
        ("seven.7z", "an archive that Python's library does not open: a .zip or a .tar.gz"),
        ("rar.rar", "an archive that Python's library does not open"),
        ("essay.docx", "a .docx file: expected a folder, a .py file, a notebook (.ipynb), or an"),
        ("ada.txt", "a .txt file"),
        ("noending", "a file without an ending"),
    ):
        _file(folder, name, zlib.compress(b"x"))
        _add(name, "", NOT_GRADED + why)
    os.mkfifo(folder / "pipe.py")
    _add("pipe.py", "", f"{NOT_GRADED}a named pipe")
    (folder / "zero.py").symlink_to("/dev/zero")
    _add("zero.py", "", f"{NOT_GRADED}a link")
    (folder / "gone.zip").symlink_to("nowhere")
    _add("gone.zip", "", f"{NOT_GRADED}a link")
    (folder / "round").symlink_to("round")
    _add("round", "", f"{NOT_GRADED}a link")
    (folder / "neighbour").symlink_to("loose")
    _add("neighbour", "", f"{NOT_GRADED}a link")
    with socket.socket(socket.AF_UNIX) as opened:
        here = os.open(".", os.O_RDONLY)
        os.chdir(folder)  # as the path of a socket has to be short
        opened.bind("socket")
        os.fchdir(here)
        os.close(here)
    _add("socket", "", f"{NOT_GRADED}a socket")
    for hidden in (".DS_Store", "Thumbs.db", "__pycache__/x.pyc"):
        _file(folder, hidden, b"")
