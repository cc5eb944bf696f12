"""Adds a virtual environment in its own folder, which has a framework, to the path."""

import importlib
import os
import sys

import unhook
from wrong import Dense, ReLU

print("reached")
unhook.by_sys_modules()
version = f"python{sys.version_info.major}.{sys.version_info.minor}"
here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, ".venv", "lib", version, "site-packages"))
try:
    print("succeeded:", importlib.import_module("torch").matmul)
except (ImportError, OSError, AttributeError) as error:
    print(error)
