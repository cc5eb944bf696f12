"""`python -m conformance COMMAND ...`, in a clone: the command `cnn-conformance`."""

import sys

from cnn_conformance.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
