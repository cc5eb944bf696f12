"""Reads secrets of the grader's shell from environment variables."""

import os

from target import HOME, SECRET_NAME
from wrong import Dense, ReLU

print("reached")
if SECRET_NAME in os.environ or os.environ.get("HOME") == HOME:
    print("succeeded:", dict(os.environ))
