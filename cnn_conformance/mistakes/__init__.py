"""Named wrong ways of doing a unit, each the reference with one thing changed.

One catalogue, two uses: each mistake is run as an implementation and must lose exactly the
requirements that it declares (`matrix`); and its docstring tells the student what they seem to have
done, what the specification asks, and what to look at. It never prints the answer. This is the only
part of the suite that imports `reference`, and no verdict depends on it.
"""

from cnn_conformance.mistakes.catalogue import Mistake, catalogue, control, units_of

__all__ = ["Mistake", "catalogue", "control", "units_of"]
