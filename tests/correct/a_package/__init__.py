"""A package: relative imports, a subpackage that is exported by star, names that load lazily."""

import importlib

from .layers import *  # noqa: F403

_LAZY = {"SGD": "optimizers", "fit": "loops", "evaluate": "loops", "predict": "loops"}


def __getattr__(name):
    if name in _LAZY:
        return getattr(importlib.import_module(f".{_LAZY[name]}", __name__), name)
    if name in ("MSE", "SoftmaxCrossEntropy"):
        from . import losses

        return vars(losses)[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
