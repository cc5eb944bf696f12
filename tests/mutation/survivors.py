"""Runs the suite again on the mutants that survived, and lists those that still do.

    python tests/mutation/survivors.py SESSION.sqlite CLONE > survivors.jsonl

SESSION is cosmic-ray's; CLONE is a clean clone of the project that may be changed. One line a
mutant: the file, the line, the operator, whether it survived, and what it changes.
"""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

CONFIG = Path(__file__).with_name("cosmic-ray.toml")


def survivors(session: str) -> list[dict]:
    """Return the mutations of a session that no check has noticed."""
    dump = subprocess.run(
        ["cosmic-ray", "dump", session], capture_output=True, text=True, check=True
    ).stdout
    results = [json.loads(line) for line in dump.splitlines()]
    return [
        item["mutations"][0]
        for item, result in results
        if result and result.get("test_outcome") == "survived"
    ]


def main(session: str, clone: str) -> None:
    """Apply each mutation to the clone, run the suite, and take it back."""
    command = tomllib.loads(CONFIG.read_text("utf-8"))["cosmic-ray"]["test-command"].split()
    command[0] = sys.executable
    environment = {**os.environ, "PYTHONPATH": clone}
    for mutation in survivors(session):
        subprocess.run(["git", "checkout", "--quiet", "reference"], cwd=clone, check=True)
        where = [mutation["module_path"], mutation["operator_name"], str(mutation["occurrence"])]
        subprocess.run(["cosmic-ray", "apply", *where], cwd=clone, check=True)
        diff = subprocess.run(
            ["git", "diff", "-U0", "reference"], cwd=clone, capture_output=True, text=True
        ).stdout
        run = subprocess.run(command, cwd=clone, env=environment, capture_output=True)
        changed = [
            line
            for line in diff.splitlines()
            if line[:1] in "+-" and line[:3] not in ("+++", "---")
        ]
        print(
            json.dumps(
                {
                    "file": mutation["module_path"],
                    "line": mutation["start_pos"][0],
                    "operator": mutation["operator_name"],
                    "survived": run.returncode == 0,
                    "change": changed,
                }
            ),
            flush=True,
        )
    subprocess.run(["git", "checkout", "--quiet", "reference"], cwd=clone, check=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
