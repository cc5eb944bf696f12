"""Finds the import check through the garbage collector, and empties its list."""

import unhook
from wrong import Dense, ReLU

print("reached")
unhook.by_gc()
try:
    print("succeeded:", __import__("refer" + "ence").Dense)
except (ImportError, OSError, AttributeError) as error:
    print(error)
