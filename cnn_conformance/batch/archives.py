"""Opening an archive that a stranger has sent: zip, tar in its compressions, or a file in gzip."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO

from cnn_conformance.implementation.careful_reading import MAX_DEPTH

MAX_FILES = 2_000
MAX_BYTES = 64 << 20
MAX_DIRECTORY = 4 << 20
"""Of a zip file's table of contents, which is read at once."""
MAX_NAME, MAX_PATH = 255, 1_000
"""Bytes that a name may have on most file systems, and a path within an archive."""
SKIPPED = ("__MACOSX", ".DS_Store", "__pycache__", ".git")
PART = 1 << 12
"""Bytes that are read at a time: few, as some of zip's decoders unpack all that they are given."""
DECODERS: dict[str, Callable[[BinaryIO], Any]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
}
ENDS = ("EOFHeaderError", "EmptyHeaderError")
"""What tarfile raises where a file ends as it should."""
SHORT = {".tgz": ".tar.gz", ".tbz2": ".tar.bz2", ".tbz": ".tar.bz2", ".txz": ".tar.xz"}


class BadArchive(ValueError):
    """An archive that is not opened; the text says why."""


def suffix_of(name: str) -> str:
    """Return by which ending a file is known as an archive that is opened; empty if it is none."""
    lower = name.lower()
    known = (".zip", ".tar", *(f".tar{packed}" for packed in DECODERS), *SHORT)
    return next((end for end in (*known, ".py.gz") if lower.endswith(end) and lower != end), "")


@dataclass(frozen=True)
class Member:
    """A file in an archive.

    Parameters
    ----------
    name : str
        Its path, as the archive says.
    read : callable
        Returns its next bytes, as many as it is asked for, none at its end.
    """

    name: str
    read: Callable[[int], bytes]


def unpack(archive: BinaryIO, name: str, folder: Path) -> None:
    """Write the files of an archive into a folder.

    Parameters
    ----------
    archive : file
        The archive, open to be read.
    name : str
        What it is called; its ending tells its kind.
    folder : Path
        Where the files go; nothing is written anywhere else.

    Raises
    ------
    BadArchive
        If it is damaged, encrypted, too large, or has links, absolute paths, paths that lead out of
        it, or two files of one name. What is in the folder by then is of no use.
    OSError
        If a file cannot be written, which is no fault of the archive's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    members = _members(archive, name)
    taken: dict[str, bool] = {}
    files, left = 0, MAX_BYTES
    while True:
        with _damage_named():
            member = next(members, None)
        if member is None:
            return
        if any(part in SKIPPED for part in PurePosixPath(member.name).parts):
            continue
        files += 1
        if files > MAX_FILES:
            raise BadArchive(f"more than {MAX_FILES:,} files")
        place = _place(member.name)
        _take(place, taken)
        left = _write(member, folder / place, left)


def _write(member: Member, target: Path, left: int) -> int:
    """Write one file; return how many bytes may still come, whatever its header claims."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        while True:
            with _damage_named():
                data = member.read(PART)
            if not data:
                return left
            left -= len(data)
            if left < 0:
                raise BadArchive(f"more than {MAX_BYTES >> 20} MiB when unpacked")
            file.write(data)


@contextmanager
def _damage_named() -> Iterator[None]:
    """Say of whatever goes wrong within an archive that the archive is damaged."""
    try:
        yield
    except BadArchive:
        raise
    except NotImplementedError as error:
        raise BadArchive(f"its compression is not supported: {error}") from error
    except MemoryError as error:
        raise BadArchive("it needs more memory than there is") from error
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):  # the machine's, not one of a decoder
            raise
        raise BadArchive(f"it is damaged, or not such an archive: {error}") from error
    except Exception as error:  # of whatever kind: each decoder has others
        said = str(error) or type(error).__name__
        raise BadArchive(f"it is damaged, or not such an archive: {said}") from error


def _place(name: str) -> PurePosixPath:
    """Return where a file goes, relative to the folder."""
    shown = repr(name[:100])
    name = name.replace("\\", "/")
    place = PurePosixPath(name)
    if place.is_absolute() or (len(name) > 1 and name[1] == ":"):
        raise BadArchive(f"an absolute path: {shown}")
    if ".." in place.parts or not place.parts:
        raise BadArchive(f"a path that leads outside: {shown}")
    if "\0" in name:
        raise BadArchive(f"a name with a NUL: {shown}")
    sizes = [len(part.encode(errors="surrogateescape")) for part in place.parts]
    if max(sizes) > MAX_NAME or sum(sizes) > MAX_PATH or len(place.parts) > MAX_DEPTH:
        raise BadArchive(f"a path that is too long: {shown}")
    return place


def _take(place: PurePosixPath, taken: dict[str, bool]) -> None:
    """Note a file and its folders; refuse a file that another, or a folder, would be mixed with."""
    for folder in place.parents:
        if taken.setdefault(str(folder).casefold(), False):
            raise BadArchive(f"a file and a folder of the same name: {str(folder)[:100]!r}")
    if str(place).casefold() in taken:
        raise BadArchive(f"two files of the same name: {str(place)[:100]!r}")
    taken[str(place).casefold()] = True


# --- the kinds -----------------------------------------------------------------------------------


def _members(archive: BinaryIO, name: str) -> Iterator[Member]:
    suffix = suffix_of(name)
    suffix = SHORT.get(suffix, suffix)
    if suffix == ".zip":
        yield from _of_zip(archive)
    elif suffix == ".py.gz":
        with gzip.open(archive) as opened:
            yield Member(name[: -len(".gz")], opened.read)
    elif suffix == ".tar":
        yield from _of_tar(archive)
    else:
        with DECODERS[suffix.removeprefix(".tar")](archive) as opened:
            yield from _of_tar(opened)


def _of_zip(archive: BinaryIO) -> Iterator[Member]:
    with zipfile.ZipFile(_Piecewise(archive, MAX_DIRECTORY)) as opened:
        for info in opened.infolist():
            mode = info.external_attr >> 16
            if info.is_dir():
                continue
            if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
                raise BadArchive(f"a link or a device: {info.filename[:100]!r}")
            if info.flag_bits & 1:
                raise BadArchive("it is encrypted")
            with opened.open(info) as member:
                yield Member(info.filename, member.read)


def _of_tar(archive: IO[bytes]) -> Iterator[Member]:
    """Yield the files of a tar file as they come, without a way back to what has been read."""
    stream: Any = _Bounded(archive, 2 * MAX_BYTES)
    with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Header) as opened:
        for info in opened:
            if info.isdir():
                continue
            if not info.isreg() or info.issparse():
                raise BadArchive(f"a link, a device or a sparse file: {info.name[:100]!r}")
            _place(info.name)  # before the filter, which only makes an absolute path relative
            if hasattr(tarfile, "data_filter"):  # Python has it since 3.11.4
                info = tarfile.data_filter(info, "/nowhere")
            member = opened.extractfile(info)
            if member is not None:
                yield Member(info.name, member.read)


class _Header(tarfile.TarInfo):
    """What stands above a file in a tar file; one that is damaged is no end, as for tarfile."""

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> _Header:
        try:
            return super().fromtarfile(tarfile_)
        except tarfile.HeaderError as error:
            if type(error).__name__ in ENDS:
                raise
            raise BadArchive(f"it is damaged, or not such an archive: {error}") from error


class _Piecewise(io.BufferedIOBase):
    """A file of which nothing is read in larger pieces than a limit."""

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self._file, self._limit = file, limit

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= self._limit:
            size = self._limit + 1
        data = self._file.read(size)
        if len(data) > self._limit:
            raise BadArchive(f"a table of contents of more than {self._limit >> 20} MiB")
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True


class _Bounded(io.RawIOBase):
    """What comes out of a decoder, up to a limit."""

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self._file, self._left = file, limit

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(min(size, PART) if size >= 0 else PART)
        self._left -= len(data)
        if self._left < 0:
            raise BadArchive(f"more than {MAX_BYTES >> 20} MiB when unpacked")
        return data
