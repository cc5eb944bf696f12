"""Opening a zip file that a stranger has sent."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

MOST_FILES = 2_000
MOST_BYTES = 64 << 20
SKIPPED = ("__MACOSX", ".DS_Store", "__pycache__", ".git")
PART = 1 << 16


class BadArchive(ValueError):
    """A zip file that is not opened; the text says why."""


def unpack(archive: Path, folder: Path) -> None:
    """Write the files of an archive into a folder that does not exist yet.

    Parameters
    ----------
    archive : Path
        A zip file.
    folder : Path
        Where the files go; nothing is written anywhere else.

    Raises
    ------
    BadArchive
        If it is no zip file or damaged, encrypted, too large, or has links, absolute paths, paths
        that lead out of it, or two files of one name. What is in the folder by then is of no use.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [m for m in opened.infolist() if not m.is_dir() and not _is_skipped(m)]
            if len(members) > MOST_FILES:
                raise BadArchive(f"{len(members)} files, more than {MOST_FILES}")
            places = [_place(member) for member in members]
            if len({str(place).casefold() for place in places}) < len(places):
                raise BadArchive("two files of the same name")
            left = MOST_BYTES
            for member, place in zip(members, places, strict=True):
                left = _write(opened, member, folder / place, left)
    except BadArchive:
        raise
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError) as error:
        raise BadArchive(f"not a zip file that can be read: {error}") from error
    except (NotImplementedError, zlib.error) as error:
        raise BadArchive(f"packed in a way that is not known: {error}") from error


def _is_skipped(member: zipfile.ZipInfo) -> bool:
    return any(part in SKIPPED for part in PurePosixPath(member.filename).parts)


def _place(member: zipfile.ZipInfo) -> PurePosixPath:
    """Return where a file goes, relative to the folder."""
    name = member.filename.replace("\\", "/")
    place = PurePosixPath(name)
    if place.is_absolute() or (len(name) > 1 and name[1] == ":"):
        raise BadArchive(f"an absolute path: {name[:100]!r}")
    if ".." in place.parts or not place.parts:
        raise BadArchive(f"a path that leads out of it: {name[:100]!r}")
    mode = member.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise BadArchive(f"a link or a device: {name[:100]!r}")
    if member.flag_bits & 1:
        raise BadArchive("it is encrypted")
    return place


def _write(opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, left: int) -> int:
    """Write one file; return how many bytes may still come, whatever its header claims."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(member) as source, target.open("xb") as file:
        while data := source.read(PART):
            left -= len(data)
            if left < 0:
                raise BadArchive(f"more than {MOST_BYTES >> 20} MiB when it is unpacked")
            file.write(data)
    return left
