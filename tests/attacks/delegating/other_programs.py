"""Lets another process compute, started in every possible way."""

import os
import subprocess
import sys

import numpy as np
import wrong
from wrong import ReLU

print("reached")
PROGRAM = """
import sys
rows = [[[float.fromhex(v) for v in row.split()] for row in m.split(";")] for m in sys.argv[1:3]]
a, b = rows
print(*(sum(p * q for p, q in zip(i, j)).hex() for i in zip(*a) for j in zip(*b)))
"""
COMMAND = [sys.executable, "-I", "-S", "-c", PROGRAM]


def text(matrix):
    return ";".join(" ".join(float(v).hex() for v in row) for row in matrix)


def with_subprocess(*matrices):
    return subprocess.run([*COMMAND, *matrices], capture_output=True, text=True).stdout


def with_fork(*matrices):
    out, into = os.pipe()
    if os.fork() == 0:
        os.dup2(into, 1)
        os.execv(COMMAND[0], [*COMMAND, *matrices])
    os.close(into)
    with open(out) as file:
        return file.read()


def with_spawn(*matrices):
    out, into = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, into, 1)]
    os.posix_spawn(COMMAND[0], [*COMMAND, *matrices], os.environ, file_actions=actions)
    os.close(into)
    with open(out) as file:
        return file.read()


class Dense(wrong.Dense):
    def backward(self, dout):
        dx = super().backward(dout)
        for way in (with_subprocess, with_fork, with_spawn):
            try:
                said = way(text(dout), text(self.x)).split()
                right = np.array([float.fromhex(v) for v in said], dx.dtype)
                self.grads["weight"] = right.reshape(self.grads["weight"].shape)
                break
            except OSError as error:
                print(error)
        return dx
