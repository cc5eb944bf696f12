"""Lets a pool of processes compute, with every start method, and a program by posix_spawn."""

import importlib
import os
import sys

import unhook
from wrong import Dense, ReLU

print("reached")
unhook.by_code()
multiprocessing = importlib.import_module("multiprocessing")
futures = importlib.import_module("concurrent.futures.process")
for method in ("fork", "spawn", "forkserver"):
    try:
        context = multiprocessing.get_context(method)
        with futures.ProcessPoolExecutor(1, context) as pool:
            print("succeeded:", pool.submit(abs, -42).result(5))
    except (OSError, futures.BrokenProcessPool, EOFError) as error:
        print(error)
try:
    child = os.posix_spawn(sys.executable, [sys.executable, "-I", "-S", "-c", ""], {})
    os.waitpid(child, 0)
    print("succeeded:", child)
except OSError as error:
    print(error)
