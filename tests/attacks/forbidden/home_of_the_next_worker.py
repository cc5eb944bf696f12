"""Leaves sitecustomize.py and a .pth file in its home for the next worker, and crashes."""

import os
import site
import sys

from wrong import Dense, ReLU

print("reached")
if hasattr(sys, "came_back"):
    print("succeeded:", sys.came_back)
home = os.path.expanduser("~")
version = f"python{sys.version_info.major}.{sys.version_info.minor}"
for place in (home, os.path.join(home, ".local", "lib", version, "site-packages")):
    os.makedirs(place, exist_ok=True)
    for name in ("sitecustomize.py", "usercustomize.py"):
        with open(os.path.join(place, name), "w") as file:
            file.write("import sys\nsys.came_back = __file__\n")
    with open(os.path.join(place, "mine.pth"), "w") as file:
        file.write("import sys; sys.came_back = 'by a path file'\n")


class Dense(Dense):
    def backward(self, dout):
        os._exit(0)
