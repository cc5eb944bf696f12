"""Replaces the import check through `sys.modules`; builds module names at run time."""

import unhook
from wrong import Dense, ReLU

print("reached")
unhook.by_sys_modules()
try:
    print("succeeded:", __import__("refer" + "ence").Dense)
except (ImportError, OSError, AttributeError) as error:
    print(error)
