"""`cnn-conformance COMMAND ...`: everything the kit does outside pytest."""

from __future__ import annotations

import importlib
import sys

COMMANDS = {
    "grade": ("cnn_conformance.plugin.grade", "grade an implementation, wherever you are"),
    "template": ("cnn_conformance.template", "write the files that students fill in"),
    "report": ("cnn_conformance.reports.command", "show a result document as HTML, Markdown, ..."),
    "compare": ("cnn_conformance.reports.compare", "show what got better and what got worse"),
    "reproduce": ("cnn_conformance.reproduce", "write a short script that shows a failure"),
    "watch": ("cnn_conformance.watch", "grade again whenever a file changes"),
    "batch": ("cnn_conformance.batch", "grade a class of submissions"),
    "matrix": (
        "cnn_conformance.misconceptions.matrix",
        "show which mistake loses which requirement",
    ),
}


def main(argv: list[str] | None = None) -> int:
    """Run one command; return the exit status."""
    argv = sys.argv[1:] if argv is None else argv
    if argv and argv[0] in COMMANDS:
        module = importlib.import_module(COMMANDS[argv[0]][0])
        return int(module.main(argv[1:]))
    lines = [f"  {name:<12}{what}" for name, (_, what) in COMMANDS.items()]
    usage = "\n".join(["usage: cnn-conformance COMMAND [--help] ...", "", *lines])
    if argv in (["-h"], ["--help"]):
        print(usage)
        return 0
    print(f"{usage}\n\nexpected a command, got {argv[0] if argv else 'none'}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
