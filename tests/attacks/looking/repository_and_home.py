"""Reads the rubric, .git, the grader's home and a leftover result."""

import os

from target import HOME, ROOT, SENTINEL
from wrong import Dense, ReLU

print("reached")
for place in (
    os.path.join(ROOT, ".git", "HEAD"),
    os.path.join(ROOT, "conformance", "rubric.toml"),
    os.path.join(HOME, "token"),
    os.path.join(SENTINEL, "results.json"),
):
    try:
        with open(place) as file:
            print("succeeded:", place, len(file.read()))
    except OSError as error:
        print(error)
