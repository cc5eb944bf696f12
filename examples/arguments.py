"""What the scripts beside this file ask of the numbers on their command lines."""

import argparse


def positive(text):
    """Return a whole number of at least 1, such as of epochs."""
    return _at_least(1, text)


def seed(text):
    """Return a whole number of at least 0, as numpy's generators want it."""
    return _at_least(0, text)


def _at_least(least, text):
    if not text.isdecimal() or int(text) < least:
        message = f"expected a whole number of at least {least}, got {text!r}"
        raise argparse.ArgumentTypeError(message)
    return int(text)
