"""What a command line of pytest names, and what may configure the run that it starts.

pytest reads more than its command line: an ini file, `conftest.py` files, a cache of earlier runs,
in the working directory and above whatever looks like a path. What of that belongs to the code
under test must not reach the grader: see `keep_out`.
"""

from __future__ import annotations

import argparse
import copy
import os
import shlex
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1]
SUITE = os.path.realpath(PACKAGE / "suite")
LINKS = ("suite", "fixtures", "reference", "docs")
DOTTED_NAME = "cnn_conformance.suite"
ADDED = pytest.StashKey[list[str]]()
"""Entries of `sys.path` that come from an ini file."""
NEED_CACHE = {
    "lf": "--lf",
    "failedfirst": "--ff",
    "newfirst": "--nf",
    "stepwise": "--sw",
    "cacheshow": "--cache-show",
    "cacheclear": "--cache-clear",
}
MARKS = ("SPEC.md", "rubric.toml", "conftest.py")
"""Files by which a copy of the suite is known."""


def names_the_suite(config: pytest.Config) -> bool:
    """Tell whether a command asks for this suite, or for another copy of it."""
    return any(_is_suite(word, config) for word in _named(config))


def _named(config: pytest.Config) -> list[str]:
    """Return what stands on the command line as a file or a package, or in `testpaths`."""
    known = config.known_args_namespace
    if not known.file_or_dir and config.invocation_params.dir == config.rootpath:
        return [str(word) for word in config.getini("testpaths")]
    return [str(word) for word in known.file_or_dir]


def _is_suite(word: str, config: pytest.Config) -> bool:
    name = word.partition("::")[0]
    if config.known_args_namespace.pyargs and f"{name}.".startswith(f"{DOTTED_NAME}."):
        return True
    return folder_of_suite(name, config) is not None


def folder_of_suite(word: str, config: pytest.Config) -> str | None:
    """Return the folder of the suite, or of a copy of it, that a word names or names a file of."""
    place = os.path.realpath(config.invocation_params.dir / word.partition("::")[0])
    folder = place if os.path.isdir(place) else os.path.dirname(place)
    if not os.path.exists(place):
        return None
    is_copy = all(os.path.exists(os.path.join(folder, mark)) for mark in MARKS)
    return folder if folder == SUITE or is_copy else None


def check_paths(config: pytest.Config, words: list[str]) -> None:
    """Refuse a command that names tests beside the suite, or the suite of another kit.

    Raises
    ------
    pytest.UsageError
        With the word and what to do.
    """
    for word in words:
        if not _is_suite(word, config):
            raise pytest.UsageError(
                f"{word} is not part of the suite: run other tests in a call of their own"
            )
        folder = folder_of_suite(word, config)
        if folder is not None and folder != SUITE and not _same_kit(folder):
            raise pytest.UsageError(
                f"{folder} belongs to another version of the kit than the one that is installed "
                f"({SUITE}): pip install -e {os.path.dirname(folder)}"
            )


def _same_kit(folder: str) -> bool:
    """Tell whether a copy of the suite, and the package beside it, are what is installed here."""
    pairs = (folder, SUITE), (os.path.join(folder, "..", PACKAGE.name), PACKAGE)
    return all(dict(_contents(Path(a))) == dict(_contents(Path(b))) for a, b in pairs)


def _contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a folder, those left out that have a place of their own in a clone."""
    for place, folders, names in os.walk(folder):
        folders[:] = [f for f in folders if f not in ("__pycache__", *LINKS)]
        for name in set(names) - set(LINKS):  # a copy may lack what a link leads to
            file = Path(place, name)
            yield str(file.relative_to(folder)), file.read_bytes()


def set_aside(config: pytest.Config) -> None:
    """Take the working directory, and what an ini file adds, out of `sys.path`; until the end.

    `python -m` puts the working directory first: a `numpy.py` there would be imported for numpy.
    """
    before = list(sys.path)
    added = [str(entry) for entry in config.getini("pythonpath")]
    doubtful = {os.path.realpath(entry) for entry in (str(config.invocation_params.dir), *added)}
    sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry) not in doubtful]
    config.stash[ADDED] = [entry for entry in before if entry in added]

    def restore() -> None:
        sys.path[:] = before

    config.add_cleanup(restore)


def keep_out(config: pytest.Config, args: list[str], submission: Path | None) -> list[str]:
    """Undo what pytest has taken from files that are none of the grader's.

    Parameters
    ----------
    config : pytest.Config
        Before `conftest.py` files are loaded: none will be.
    args : list of str
        The arguments that are going to be parsed; changed in place.
    submission : Path or None
        The folder or the file of the code under test.

    Returns
    -------
    list of str
        What was taken back, for the user.
    """
    done = []
    if config.inipath is not None and not _may_configure(config, submission):
        _refuse_what_has_run(config)
        done.append(f"{config.inipath} is ignored: it is not the grader's")
        args[:] = [
            *shlex.split(os.environ.get("PYTEST_ADDOPTS", "")),
            *config.invocation_params.args,
        ]
        settings = config._inicfg if hasattr(config, "_inicfg") else config.inicfg
        settings.clear()
        config._inicache.clear()
    elif config.inipath is not None:
        added: list[str] = config.stash[ADDED]
        sys.path[:0] = added
    if submission is not None:
        sys.path[:] = [entry for entry in sys.path if not _belongs(Path(entry), submission)]
    known = config._parser.parse_known_args(args, namespace=copy.copy(config.option))
    known.noconftest = True
    config.known_args_namespace = known
    if submission is not None and _belongs(config.rootpath, submission):
        _do_without_cache(config, known)
    return done


def _refuse_what_has_run(config: pytest.Config) -> None:
    """Refuse an ini file of somebody else's by which pytest has loaded code already."""
    words = [*config.getini("addopts"), ""]
    loads = [
        word
        for word, after in pairwise(words)
        if word.startswith("-p") and not (word[2:] or after).startswith("no:")
    ]
    loads += ["pythonpath"] if config.getini("pythonpath") else []
    if loads:
        raise pytest.UsageError(
            f"{config.inipath} is not the grader's, and pytest has done what its {loads[0]} says: "
            "nothing is graded. cnn-conformance grade PATH reads no such file"
        )


def _do_without_cache(config: pytest.Config, known: argparse.Namespace) -> None:
    """Neither read what earlier runs have failed in a folder of the submission, nor write there."""
    for option, flag in NEED_CACHE.items():
        if getattr(known, option, None):
            raise pytest.UsageError(
                f"{flag}: its memory would be in {config.rootpath}, which is the submission's: "
                "call pytest from another folder, or select with -k"
            )
    for name in ("cacheprovider", "stepwise"):
        config.pluginmanager.unregister(name=name)


def _may_configure(config: pytest.Config, submission: Path | None) -> bool:
    """Tell whether an ini file is the grader's: of the kit, or of where the command was given."""
    assert config.inipath is not None
    folder = Path(os.path.realpath(config.inipath)).parent
    if folder == Path(SUITE).parent:
        return True
    if submission is not None and _belongs(folder, submission):
        return False
    here = Path(os.path.realpath(config.invocation_params.dir))
    asked_for = config.known_args_namespace.inifilename is not None
    return asked_for or any(folder in (place, *place.parents) for place in (here, Path(SUITE)))


def _belongs(folder: Path, submission: Path) -> bool:
    """Tell whether a folder is a submission's: within it, or where its single file is."""
    folder = Path(os.path.realpath(folder))
    if submission.is_dir():
        return folder == submission or submission in folder.parents
    return folder == submission.parent
