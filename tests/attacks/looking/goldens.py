"""Reads the golden data where the suite is installed, directly and through a link."""

import glob
import os
import tempfile

import numpy as np
from target import FIXTURES
from wrong import Dense, ReLU

print("reached")
places = [FIXTURES, *glob.glob("/proc/[0-9]*/cwd/fixtures")]
link = os.path.join(tempfile.gettempdir(), "link")
try:
    os.symlink(FIXTURES, link)
    places.append(link)
except OSError as error:
    print(error)
for place in places:
    try:
        with np.load(os.path.join(place, "dense.npz")) as file:
            print("succeeded:", place, len(file.files))
    except OSError as error:
        print(error)
