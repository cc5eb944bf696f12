"""Makes two calls possible that pytest decides before it loads any plugin.

`pytest conformance --fixtures=DIR`: pytest has an option `--fixtures` of its own, which lists
fixture functions and takes no value. Ours becomes `--fixture-set`.

`pytest --pyargs conformance --impl=PATH`: pytest does not look for the options of a package that is
named by `--pyargs`. The name becomes the package's folder.

`cnn_conformance.pth`, which Python reads at its start, imports this module when the command line
has one of the two; it does nothing unless pytest is called for this suite.
"""

from __future__ import annotations

import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def translate(words: list[str]) -> list[str]:
    """Return pytest's command line with what pytest understands in place of what we offer.

    Parameters
    ----------
    words : list of str
        The arguments behind the program's name.
    """
    if not any("conformance" in word for word in words):
        return words
    translated = list(words)
    for place, word in enumerate(words):
        has_value = place + 1 < len(words) and not words[place + 1].startswith("-")
        if word.startswith("--fixtures=") or (word == "--fixtures" and has_value):
            translated[place] = "--fixture-set" + word.removeprefix("--fixtures")
        if "--pyargs" in words:
            translated[place] = _as_path(translated[place])
    return translated


def _as_path(word: str) -> str:
    """Return the path for `conformance` or `conformance.test_conv2d`, with or without `::test`."""
    name, separator, test = word.partition("::")
    package, _, module = name.partition(".")
    if package != "conformance" or (module and not module.isidentifier()):
        return word
    return str(PACKAGE / f"{module}.py" if module else PACKAGE) + separator + test


def is_pytest(command: list[str]) -> bool:
    """Tell whether a whole command line, the interpreter first, calls pytest."""
    return any(
        Path(word).name.removesuffix(".exe") in ("pytest", "py.test") for word in command[1:3]
    )


if is_pytest(sys.orig_argv):
    sys.argv[1:] = translate(sys.argv[1:])
