"""A specification-conformance suite for convolutional networks written from scratch in numpy.

In a notebook or a Python shell, `from cnn_conformance import check` grades what is defined there:

    check(Conv2D)
    check(Conv2D, only="backward")
"""

TYPE_CHECKING = False  # as type checkers understand it; nothing is imported here, see __main__
if TYPE_CHECKING:
    from cnn_conformance.practice import check

__version__ = "0.1.0"
__all__ = ["__version__", "check"]


def __getattr__(name: str) -> object:
    """Import `check` when it is asked for: a worker imports this package, and has no use for it."""
    if name == "check":
        from cnn_conformance.practice import check

        return check
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
