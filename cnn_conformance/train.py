"""`cnn-conformance train`: train the kit's own network, as `python -m reference train` does."""

from __future__ import annotations


def main(argv: list[str]) -> int:
    """Train; return the exit status."""
    from cnn_conformance.reference.__main__ import main as run

    return run(["train", *argv], "cnn-conformance")
