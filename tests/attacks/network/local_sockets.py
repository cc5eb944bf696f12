"""Connects to a local socket that has a name but no file."""

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
