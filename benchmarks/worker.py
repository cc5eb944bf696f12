"""One runtime with one workload in a process of its own.

The measuring process writes a number of calls, a line each time; the worker makes that many calls
and answers with the seconds that they took. Before that it has warmed up and has described itself.
"""

import json
import os
import sys
import time
from ctypes import CDLL, c_char_p
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from .runtimes import RUNTIMES
from .workloads import WORKLOADS

ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # glibc returns freed memory to the system after each step and asks for it again in the next:
    # up to half of the time is page faults. Here it keeps what it has, for all runtimes alike.
    "MALLOC_TRIM_THRESHOLD_": str(1 << 32),
    "MALLOC_MMAP_MAX_": "0",
}


def describe(runtime: str) -> dict[str, Any]:
    """Return the versions and the BLAS that the figures belong to."""
    if runtime == "torch":
        import torch

        return {
            "version": metadata.version("torch"),
            "threads": torch.get_num_threads(),
            "cpu": torch.backends.cpu.get_cpu_capability(),
        }
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "version": metadata.version("numpy"),
        "blas": f"{blas['name']} {blas['version']}",
        "core type": _openblas_core_type(),
        "OPENBLAS_CORETYPE": os.environ.get("OPENBLAS_CORETYPE", ""),
    }


def _openblas_core_type() -> str:
    """Ask the OpenBLAS that comes with numpy which kernels it has chosen."""
    for path in (Path(np.__file__).parent.parent / "numpy.libs").glob("*openblas*"):
        library = CDLL(str(path))
        for name in ("scipy_openblas_get_corename64_", "openblas_get_corename"):
            if hasattr(library, name):
                function = getattr(library, name)
                function.restype = c_char_p
                return str(function().decode())
    return "unknown"


def main(runtime: str, workload: str, dtype: str) -> None:
    call = RUNTIMES[runtime](WORKLOADS[workload], dtype)
    for _ in range(3):
        call()
    print(json.dumps(describe(runtime)), flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        for _ in range(int(line)):
            call()
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
