"""Reaching the code under test: loading it, the process it runs in, the wire to that process.

`host` runs where the implementation runs and knows nothing of answers; `remote` is what checks
talk to; `client` (a worker process) and `local` (this process) carry messages between the two.
"""
