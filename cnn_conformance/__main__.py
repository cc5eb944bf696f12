"""`cnn-conformance COMMAND ...`: everything the kit does outside pytest.

Whatever lies in the working directory may be a stranger's: a `json.py` there is not to be imported.
`python -m` puts that folder first, so it is taken out before anything else is imported, also by
`from __future__`.
"""

import os
import sys


def _set_working_directory_aside() -> None:
    here = os.path.realpath(".")
    if here == os.path.dirname(os.path.dirname(os.path.realpath(__file__))):
        return  # a clone of the kit, where new processes have to find it too
    sys.path[:] = [entry for entry in sys.path if entry and os.path.realpath(entry) != here]


if __name__ == "__main__":
    _set_working_directory_aside()

import importlib  # noqa: E402
import io  # noqa: E402

COMMANDS = {
    "grade": ("cnn_conformance.plugin.grade", "grade an implementation, in any folder"),
    "adapt": ("cnn_conformance.adapt.command", "draft an adapter for code in another style"),
    "template": ("cnn_conformance.template", "write the files that students fill in"),
    "report": ("cnn_conformance.reports.command", "show a result document as HTML, Markdown, ..."),
    "compare": ("cnn_conformance.reports.compare", "show what got better and what got worse"),
    "expect": ("cnn_conformance.reports.expect", "write the list of expected failures of a result"),
    "reproduce": ("cnn_conformance.reproduce", "write a short script that shows a failure"),
    "watch": ("cnn_conformance.watch", "grade again whenever a file changes"),
    "batch": ("cnn_conformance.batch", "grade a class of submissions"),
    "matrix": (
        "cnn_conformance.matrix",
        "show which mistake fails which requirement",
    ),
}
NEED_PROCESSES = ("adapt", "reproduce", "watch", "batch")
"""Commands that run the code under test in a process of its own, whatever they are told."""


def main(argv: list[str] | None = None) -> int:
    """Run one command, that of this process where none is given; return the exit status."""
    if argv is None:
        _set_working_directory_aside()
        argv = sys.argv[1:]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # whatever a file is called
    if argv and argv[0] in NEED_PROCESSES:
        from cnn_conformance.implementation import sandbox

        if not sandbox.is_available("process"):
            print(f"cnn-conformance {argv[0]} needs Linux or macOS", file=sys.stderr)
            return 2
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
    sys.exit(main())
