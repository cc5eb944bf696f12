"""Sets PYTEST_ADDOPTS and similar variables, for this process and its children."""

import os

from target import SENTINEL
from wrong import Dense, ReLU

for name, value in {
    "PYTEST_ADDOPTS": "--collect-only -p no:terminal --exitfirst",
    "PYTEST_PLUGINS": "wrong",
    "PYTHONPATH": SENTINEL,
    "PYTHONSTARTUP": "wrong.py",
    "PYTHONHOME": SENTINEL,
    "LD_PRELOAD": "wrong.so",
    "HOME": SENTINEL,
}.items():
    os.environ[name] = value
print("reached")
