"""`python -m cnn_conformance.dev check` and `... new unit NAME --like UNIT`."""

from __future__ import annotations

import argparse
import sys

from cnn_conformance import units
from cnn_conformance.dev import missing, new
from cnn_conformance.locations import PACKAGE, SUITE


def main(argv: list[str] | None = None) -> int:
    """Run one command; return 0, 1 where something is missing, 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        prog="python -m cnn_conformance.dev",
        description="For work on the kit itself; CONTRIBUTING.md says what to do by hand.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", allow_abbrev=False, help="say what a unit lacks, and where")
    making = commands.add_parser(
        "new", allow_abbrev=False, help="begin a unit as a copy of another, in every folder"
    )
    making.add_argument("what", choices=["unit"])
    making.add_argument("name", help="for example Identity")
    making.add_argument("--like", default="ReLU", metavar="UNIT", help="the unit to copy (ReLU)")
    making.add_argument("--points", type=float, help="what it is worth (as much as that unit)")
    options = parser.parse_args(argv)
    if SUITE.parent != PACKAGE.parent:
        print("python -m cnn_conformance.dev works in a clone of the kit only", file=sys.stderr)
        return 2
    if options.command == "check":
        said = list(missing.found())
        print("\n".join(said) if said else f"nothing is missing: {len(units.ROWS)} units")
        return 1 if said else 0
    try:
        places = new.unit(options.name, options.like, options.points)
    except new.Refused as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(places))
    return 0


if __name__ == "__main__":
    sys.exit(main())
