"""Finds the files of a framework on Python's path, and imports a copy under another name."""

import glob
import importlib
import os
import sys
import tempfile

from target import SITE
from wrong import Dense, ReLU

print("reached")
home = tempfile.mkdtemp()
sys.path.append(home)
for number, place in enumerate((*sys.path, SITE, *glob.glob("/usr/lib/python3*/*-packages"))):
    try:
        with open(os.path.join(place, "torch", "__init__.py")) as source:
            text = source.read().replace("from . import _C", "")
        with open(os.path.join(home, f"mine{number}.py"), "w") as copy:
            copy.write(text)
        print("succeeded:", importlib.import_module(f"mine{number}").matmul)
    except (ImportError, OSError) as error:
        print(error)
