"""The commands of `cnn-conformance`: what each does, and the screen that lists them."""

from __future__ import annotations

import shutil
import textwrap
from dataclasses import dataclass

from cnn_conformance.texts import did_you_mean

WIDEST, NARROWEST = 100, 30
EXAMPLES = (
    ("cnn-conformance template my_cnn", "files to fill in"),
    ("cnn-conformance watch --impl=my_cnn", "feedback at each save"),
    ("cnn-conformance grade my_cnn --report out", "the grade, and reports"),
    ("cnn-conformance batch submissions --out marks", "a whole class"),
)


@dataclass(frozen=True)
class Command:
    """A command.

    Parameters
    ----------
    module : str
        Where its `main` is, and its `parser`.
    said : str
        What it does.
    group : str
        Whom it is for.
    needs_processes : bool
        Whether it runs the code under test in a process of its own, whatever it is told.
    examples : tuple of str
        Words behind it, as its own help shows them.
    usual : tuple of str
        The options that its help shows, where all of them would not fit into a screen.
    """

    module: str
    said: str
    group: str
    needs_processes: bool = False
    examples: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()


WRITE, TEACH, OWN, KIT = "write a network", "grade a class", "check a library", "the kit itself"
_K = "cnn_conformance"
COMMANDS = {
    "template": Command(
        f"{_K}.template", "write the files that students fill in", WRITE, examples=("my_cnn",)
    ),
    "grade": Command(
        f"{_K}.grading.command",
        "grade an implementation",
        WRITE,
        examples=(
            "my_cnn",
            "my_cnn -k test_relu.py --full",
            "my_cnn --report out --result result.json",
        ),
        usual=("-u", "-k", "--full", "--profile", "--rubric", "--report", "--result"),
    ),
    "check": Command(
        f"{_K}.practice",
        "check one unit, aspect or requirement",
        WRITE,
        True,
        examples=(
            "my_cnn relu",
            "my_cnn CONV2D-24 --full",
        ),
    ),
    "watch": Command(
        f"{_K}.watch",
        "grade again whenever a file changes",
        WRITE,
        True,
        examples=(
            "--impl=my_cnn",
            "--impl=my_cnn relu",
        ),
    ),
    "reproduce": Command(
        f"{_K}.reproduce",
        "show a failure in a short script",
        WRITE,
        True,
        examples=(
            "CONV2D-24 --impl=my_cnn",
            "CONV2D-24 --impl=my_cnn --out shown.py",
        ),
        usual=("--impl", "--out", "--golden"),
    ),
    "train": Command(f"{_K}.train", "train the kit's own network on digits", WRITE),
    "batch": Command(
        f"{_K}.batch",
        "grade a class of submissions",
        TEACH,
        True,
        examples=(
            "submissions --out marks",
            "submissions --out marks --rubric r.toml --late late.csv",
        ),
        usual=("--out", "--jobs", "--regrade", "--rubric", "--golden", "--late", "--canvas"),
    ),
    "report": Command(
        f"{_K}.reports.command",
        "show a result in another format",
        TEACH,
        examples=(
            "result.json",
            "result.json --format html --out report.html",
        ),
        usual=("--format", "--out", "--lang"),
    ),
    "compare": Command(
        f"{_K}.reports.compare",
        "show what got better and what got worse",
        TEACH,
        examples=(
            "before.json after.json",
            "--html page one.json two.json three.json",
        ),
    ),
    "deploy": Command(
        f"{_K}.deploy",
        "write what Gradescope, GitHub, ... want to have",
        TEACH,
        examples=("gradescope --out made --rubric r.toml --golden private",),
        usual=("--out", "--rubric", "--golden", "--profile"),
    ),
    "expect": Command(
        f"{_K}.reports.expect",
        "list the failures that are accepted",
        OWN,
        examples=("result.json",),
    ),
    "adapt": Command(
        f"{_K}.adapt.command",
        "draft an adapter for another style",
        OWN,
        True,
        examples=("my_library --out adapter.py",),
    ),
    "matrix": Command(
        f"{_K}.matrix", "show which mistake fails which requirement", KIT, examples=("relu",)
    ),
    "docs": Command(
        f"{_K}.site.command",
        "build the documentation as pages",
        KIT,
        examples=("--out site",),
    ),
    "completion": Command(f"{_K}.completion", "complete words in a shell", KIT, examples=("bash",)),
}


def help_screen() -> str:
    """Return all commands, by whom they are for, in the width of the terminal."""
    width = min(max(shutil.get_terminal_size().columns, NARROWEST), WIDEST)
    indent = " " * 14
    lines = ["usage: cnn-conformance COMMAND [--help] ...", ""]
    for group in dict.fromkeys(command.group for command in COMMANDS.values()):
        lines.append(f"{group}:")
        for name, command in COMMANDS.items():
            if command.group == group:
                lines += textwrap.wrap(
                    command.said,
                    width,
                    initial_indent=f"  {name:<12}",
                    subsequent_indent=indent,
                )
    lines += ["", "examples:"]
    longest = max(len(call) for call, _ in EXAMPLES)
    for call, what in EXAMPLES:
        line = f"  {call:<{longest}}  {what}"
        lines += [line] if len(line) <= width else [f"  {call}", f"      {what}"]
    return "\n".join([*lines, "", "cnn-conformance --version shows the version"])


def unknown(word: str) -> str:
    """Return what to say of a word that is no command."""
    kind = "option" if word.startswith("-") else "command"
    known = [*COMMANDS, "--help", "--version"]
    return f"error: unknown {kind} {word}{did_you_mean(word, known)}\nsee cnn-conformance --help"
