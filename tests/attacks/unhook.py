"""Ways to do away with what refuses imports within a worker, as a submission could."""

import gc
import sys


def by_sys_modules():
    """Replace what the hook asks, where modules are looked up."""
    sys.modules["cnn_conformance.implementation.imports"].covers = lambda *_: False
    _forget()


def by_gc():
    """Empty the lists that the hook goes by."""
    for cell in _hook().__closure__:
        cell.cell_contents.clear()
    _forget()


def by_code():
    """Give the hook other code."""

    def outer(acts=None, modules=None):
        def refuse(event, args):
            return acts, modules

        return refuse

    _hook().__code__ = outer().__code__
    _forget()


def _hook():
    return next(o for o in gc.get_objects() if getattr(o, "__name__", "") == "refuse")


def _forget():
    """Let be looked for what is said not to be there."""
    for name in [name for name, module in sys.modules.items() if module is None]:
        del sys.modules[name]
