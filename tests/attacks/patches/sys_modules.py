"""Puts fakes of numpy, json and pytest into `sys.modules`."""

import sys
import types

from wrong import Dense, ReLU

print("reached")
for name in ("json", "pytest", "hashlib", "tomllib", "numpy.testing"):
    sys.modules[name] = types.ModuleType(name)
