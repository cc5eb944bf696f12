"""Replaces what refuses imports, through `sys.modules`; puts the name of a module together."""

import unhook
from wrong import Dense, ReLU

print("reached")
unhook.by_sys_modules()
try:
    print("succeeded:", __import__("refer" + "ence").Dense)
except (ImportError, OSError, AttributeError) as error:
    print(error)
