"""Connects to a socket of this machine that has a name and no file."""

import socket

from target import ABSTRACT
from wrong import Dense, ReLU

print("reached")
try:
    with socket.socket(socket.AF_UNIX) as sender:
        sender.connect("\0" + ABSTRACT)
        sender.sendall(b"inputs")
except OSError as error:
    print(error)
