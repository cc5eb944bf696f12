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

from cnn_conformance.commands import COMMANDS, help_screen, unknown  # noqa: E402

USAGE = 2


def main(argv: list[str] | None = None) -> int:
    """Run one command, that of this process where none is given; return the exit status."""
    if argv is None:
        _set_working_directory_aside()
        argv = sys.argv[1:]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # whatever a file is called
    if argv and argv[0] in COMMANDS:
        command = COMMANDS[argv[0]]
        if command.needs_processes:
            from cnn_conformance.implementation import sandbox

            if not sandbox.is_available("process"):
                print(f"cnn-conformance {argv[0]} needs Linux or macOS", file=sys.stderr)
                return USAGE
        module = importlib.import_module(command.module)
        try:
            return int(module.main(argv[1:]))
        except BrokenPipeError:  # `| head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
    if argv in (["-h"], ["--help"], ["help"]):
        print(help_screen())
        return 0
    if argv == ["--version"]:
        from cnn_conformance import __version__

        print(f"cnn-conformance {__version__}")
        return 0
    print(unknown(argv[0]) if argv else help_screen(), file=sys.stderr)
    return USAGE


if __name__ == "__main__":
    sys.exit(main())
