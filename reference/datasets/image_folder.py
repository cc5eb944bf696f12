"""Folders of images, one folder per class, read when they are needed."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import DTypeLike

from ..interfaces import Array
from ..npz import StrPath
from .archives import HOW_TO_INSTALL

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True)
class LazyImages:
    """Image files that look like an array of shape (N, C, H, W) and are read when indexed.

    `fit`, `evaluate` and `predict` take it as their `x`: they index it batch by batch, so that no
    more than one batch is in memory.

    Parameters
    ----------
    paths : tuple of Path
        The files.
    size : tuple of int
        (H, W) that each image is resized to.
    dtype : dtype
        The dtype of the pixels: float32 or float64.
    """

    paths: tuple[Path, ...]
    size: tuple[int, int]
    dtype: DTypeLike = np.float64

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(N, 3, H, W)."""
        return len(self.paths), 3, *self.size

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: slice | Array) -> Array:
        """Return some of the images, with pixels from 0 to 1.

        Parameters
        ----------
        index : slice or ndarray of int or bool
            Which of them.

        Returns
        -------
        ndarray of shape (n, 3, H, W)

        Raises
        ------
        ValueError
            If a file can no longer be read.
        """
        chosen = np.arange(len(self))[index]
        images = np.empty((len(chosen), 3, *self.size), self.dtype)
        for image, number in zip(images, chosen, strict=True):
            path = self.paths[number]
            try:
                image[...] = _read(path, self.size)
            except UNREADABLE as error:
                raise ValueError(f"{path}: cannot be read any more: {_why(error)}") from error
        return images


@dataclass(frozen=True)
class ImageFolder:
    """What was found in a folder of images.

    Attributes
    ----------
    images : LazyImages
        Like an array of shape (N, 3, H, W), read when indexed.
    labels : ndarray of int of shape (N,)
        The number of each image's class.
    classes : tuple of str
        The names of the classes, in the order of their numbers.
    skipped : dict of Path to str
        The files that were skipped, and why.
    """

    images: LazyImages
    labels: Array
    classes: tuple[str, ...]
    skipped: dict[Path, str]

    def one_hot(self) -> Array:
        """Return the labels as rows of 0 and 1, of shape (N, number of classes)."""
        return np.eye(len(self.classes))[self.labels]

    def split(self, seed: int = 0) -> tuple["ImageFolder", "ImageFolder"]:
        """Return four fifths for training and a fifth for testing, chosen by `seed`."""
        order = np.random.default_rng(seed).permutation(len(self.images))
        test, train = np.split(order, [len(order) // 5])
        return self._only(train), self._only(test)

    def _only(self, chosen: Array) -> "ImageFolder":
        paths = tuple(self.images.paths[number] for number in chosen)
        images = LazyImages(paths, self.images.size, self.images.dtype)
        return ImageFolder(images, self.labels[chosen], self.classes, self.skipped)


def load_image_folder(
    folder: StrPath,
    size: tuple[int, int] = (64, 64),
    dtype: DTypeLike = np.float64,
    *,
    labels: StrPath | None = None,
) -> ImageFolder:
    """Find the images in a folder that has a subfolder for each class, or a file that names them.

    Needs Pillow.

    Parameters
    ----------
    folder : str or Path
        `folder/cat/1.jpg` is an image of the class "cat". The classes are numbered in the order of
        their names. Subfolders of a class are searched too; hidden files are ignored.
    size : tuple of int
        (H, W) that each image is resized to, whatever its proportions.
    dtype : dtype
        The dtype of the pixels: float32 or float64.
    labels : str or Path, optional
        A text file with a line for each image, its name and its class, where the folder has none
        for each class: see `labelled`.

    Returns
    -------
    ImageFolder

    Raises
    ------
    ValueError
        If there is no such folder, or no class with an image in it, or the file of labels cannot be
        read.
    ImportError
        If Pillow is not installed.

    Notes
    -----
    Every file is read once here, so that a broken file is found before the training and not in the
    middle of it. Files that are not images, and classes without images, are in `skipped` with the
    reason.

    Grey and palette images become RGB, transparent pixels become white, images are rotated as their
    EXIF data say, and of an animation the first frame is used.
    """
    try:
        import PIL  # noqa: F401
    except ImportError as error:
        raise ImportError(f"{folder}: images need Pillow: {HOW_TO_INSTALL}") from error
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder")
    found, skipped = _by_folder(folder) if labels is None else labelled(folder, labels)
    named: dict[str, list[Path]] = {}
    for name, paths in found.items():
        readable = []
        for path in paths:
            try:
                _read(path, (1, 1))
                readable.append(path)
            except UNREADABLE as error:
                skipped[path] = _why(error)
        if readable:
            named[name] = readable
        else:
            skipped[folder / name] = "a class without an image"
    if not named:
        expected = "a folder for each class" if labels is None else f"the files that {labels} names"
        raise ValueError(
            f"{folder}: expected {expected} with images in it, found "
            f"{len(skipped)} files and folders that are none"
        )
    everything = tuple(path for paths in named.values() for path in paths)
    numbers = np.repeat(np.arange(len(named)), [len(paths) for paths in named.values()])
    return ImageFolder(LazyImages(everything, size, dtype), numbers, tuple(named), skipped)


def _by_folder(folder: Path) -> tuple[dict[str, list[Path]], dict[Path, str]]:
    """Return the files of each class by its folder's name, and what is skipped."""
    places = _visible(folder.iterdir())
    skipped = {p: "not in the folder of a class" for p in places if not p.is_dir()}
    return {p.name: _files(p) for p in places if p.is_dir()}, skipped


def labelled(folder: Path, labels: StrPath) -> tuple[dict[str, list[Path]], dict[Path, str]]:
    """Return the files of each class as a text file says, and what is skipped.

    Parameters
    ----------
    folder : Path
        The images, in subfolders or not.
    labels : str or Path
        A line for each image: its name and its class, parted by a comma, a semicolon, a tab or
        spaces; further columns are not read. The name is that of the file, with or without the
        folders before it and the suffix. A first line that names no image is a heading. Classes
        that are all whole numbers are ordered as such.

    Raises
    ------
    ValueError
        If the file cannot be read, a line has no class, or a name is that of several images.
    """
    try:
        text = Path(labels).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{labels}: cannot be read: {error}") from error
    by_name: dict[str, list[Path]] = {}
    for path in _files(folder):
        inner = path.relative_to(folder)
        for name in {inner.as_posix(), inner.with_suffix("").as_posix(), path.name, path.stem}:
            by_name.setdefault(name, []).append(path)
    found: dict[str, list[Path]] = {}
    skipped: dict[Path, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        mark = next((mark for mark in ",;\t" if mark in line), None)
        cells = [cell.strip().strip("\"'") for cell in line.split(mark)]
        if cells in ([], [""]):
            continue
        if len(cells) < 2 or not cells[1]:
            raise ValueError(f"{labels}: line {number} has no class: {line!r}")
        paths = by_name.get(cells[0], [])
        if len(paths) > 1:
            raise ValueError(f"{labels}: line {number}: {cells[0]} may be {paths[0]} or {paths[1]}")
        if paths:
            found.setdefault(cells[1], []).extend(paths)
        elif number > 1:
            skipped[folder / cells[0]] = f"named in line {number} of {labels}, and not there"
    used = {path for paths in found.values() for path in paths} | {Path(labels)}
    skipped |= {path: f"not in {labels}" for path in _files(folder) if path not in used}
    numbers = all(name.isdecimal() for name in found)
    order = sorted(found, key=int) if numbers else sorted(found)
    return {name: found[name] for name in order}, skipped


def _files(folder: Path) -> list[Path]:
    return _visible(path for path in folder.rglob("*") if path.is_file())


# What Pillow raises for files that are damaged, cut off, of no image format, or bombs.
UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, MemoryError, RuntimeError)


def _visible(places: Iterable[Path]) -> list[Path]:
    return sorted(place for place in places if not place.name.startswith("."))


def _why(error: Exception) -> str:
    if type(error).__name__ == "UnidentifiedImageError":
        return "not an image, or of a format that Pillow does not know"
    return str(error) or type(error).__name__


def _read(path: Path, size: tuple[int, int]) -> Array:
    """Return an image of shape (3, H, W), from 0 to 1."""
    from PIL import Image, ImageOps

    with Image.open(path) as file:
        image = _in_colours(ImageOps.exif_transpose(file))
    resized = image.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    return np.asarray(resized).transpose(2, 0, 1) / 255


def _in_colours(image: "Image") -> "Image":
    """Return an image of any kind as red, green and blue, on white where it is transparent."""
    from PIL import Image

    if image.mode.startswith(("I", "F")):  # more than 8 bits, which Pillow would cut off at 255
        grey = np.asarray(image, np.float64)
        highest = 65535 if image.mode.startswith("I") else max(1.0, float(grey.max()))
        image = Image.fromarray((255 * grey / highest).clip(0, 255).astype(np.uint8))
    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")
