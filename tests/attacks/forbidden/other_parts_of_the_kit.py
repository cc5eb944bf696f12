"""Reads other parts of the kit: checks, oracle, mistakes, template, tests."""

import os

from target import ROOT
from wrong import Dense, ReLU

print("reached")
for part in (
    "cnn_conformance/checks/laws.py",
    "cnn_conformance/oracle/cases.py",
    "cnn_conformance/mistakes/habits.py",
    "cnn_conformance/template/__init__.py",
    "cnn_conformance/grading/rubric.py",
    "conformance/SPEC.md",
    "student_template/dense.py",
    "tests/correct/plain.py",
    "examples/keras_like.py",
    ".git/HEAD",
):
    try:
        with open(os.path.join(ROOT, part), "rb") as file:
            print("succeeded:", part, len(file.read()))
    except OSError as error:
        print(error)
