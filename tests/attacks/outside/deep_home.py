"""Makes 3,000 nested folders in its home, and unreadable ones, to break their removal."""

import os

from wrong import Dense, ReLU

print("reached")
here = os.open(os.environ["HOME"], os.O_RDONLY)
for name in ("locked", "locked too"):
    os.makedirs(f"{os.environ['HOME']}/{name}/folder/folder")
    with open(f"{os.environ['HOME']}/{name}/folder/file", "w") as file:
        file.write("x")
try:
    for _ in range(3000):
        name = "d" * 200
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    for place in ("locked/folder/folder", "locked/folder", "locked", "."):
        os.chmod(f"{os.environ['HOME']}/{place}", 0)
except OSError as error:  # chmod is refused from landlock on
    print(error)
