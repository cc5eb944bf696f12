"""Print a constraint for each dependency, extras included: the lowest version that is declared.

Usage: python .ci/lowest.py > lowest.txt && pip install --constraint lowest.txt '.[test]'
"""

import re
import tomllib
from pathlib import Path

PROJECT = tomllib.loads(Path(__file__).parents[1].joinpath("pyproject.toml").read_text("utf-8"))
BOUND = re.compile(r"([\w.-]+)(?:\[[\w,-]+\])?(?:>=|==)([\w.]+)")


def main() -> None:
    """Print the constraints."""
    project = PROJECT["project"]
    extras = project["optional-dependencies"].values()
    for requirement in sorted({*project["dependencies"], *(r for extra in extras for r in extra)}):
        if requirement.startswith(f"{project['name']}["):
            continue
        bound = BOUND.fullmatch(requirement)
        if bound is None:
            raise SystemExit(f"{requirement} of pyproject.toml has no lower bound")
        print(f"{bound[1]}=={bound[2]}")


if __name__ == "__main__":
    main()
