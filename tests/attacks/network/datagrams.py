"""Sends datagrams, as a name server would get them."""

import socket

from target import PORT
from wrong import Dense, ReLU

print("reached")
try:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"inputs", ("127.0.0.1", PORT))
except OSError as error:
    print(error)
