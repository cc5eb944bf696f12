"""Connects to a server on this machine, and starts one."""

import socket

from target import PORT
from wrong import Dense, ReLU

print("reached")
for attempt in (
    lambda: socket.create_connection(("127.0.0.1", PORT), 1).sendall(b"inputs"),
    lambda: socket.create_server(("127.0.0.1", 0)),
):
    try:
        attempt()
        print("sent", flush=True)
    except OSError as error:
        print(error)
