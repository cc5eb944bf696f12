"""How much more memory a call needs, at its highest, than there was in use before it."""

import gc
import tracemalloc
from collections.abc import Callable


def traced(call: Callable[[], object]) -> int:
    """Return the bytes that Python and numpy ask the allocator for."""
    gc.collect()
    tracemalloc.start()
    try:
        result = call()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    del result
    return peak


def resident(call: Callable[[], object]) -> int:
    """Return the bytes by which the process has more of the machine's memory (Linux)."""
    gc.collect()
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # VmHWM starts anew
    before = _status("VmRSS")
    result = call()
    peak = _status("VmHWM")
    del result
    return peak - before


def _status(name: str) -> int:
    with open("/proc/self/status") as file:
        line = next(line for line in file if line.startswith(name + ":"))
    return int(line.split()[1]) * 1024


WAYS = {"traced": traced, "resident": resident}
