"""Replaces, appends to and removes the results, and plants files where others find them."""

import os
import shutil

from target import HOME, SENTINEL
from wrong import Dense, ReLU

print("reached")


def attempt(what, *args):
    try:
        what(*args)
        print("succeeded:", what, args)
    except OSError as error:
        print(error)


def write(place, mode):
    with open(place, mode) as file:
        file.write('{"points": 100}')


attempt(write, os.path.join(SENTINEL, "results.json"), "a")
attempt(write, os.path.join(SENTINEL, "planted.pth"), "w")
attempt(write, os.path.join(HOME, ".bashrc"), "a")
attempt(os.rename, os.path.join(SENTINEL, "results.json"), os.path.join(SENTINEL, "moved"))
attempt(os.chmod, SENTINEL, 0o777)
attempt(os.link, os.path.join(SENTINEL, "keep"), os.path.join(SENTINEL, "second"))
attempt(os.remove, os.path.join(SENTINEL, "keep"))
attempt(shutil.rmtree, os.path.join(SENTINEL, "folder"))
