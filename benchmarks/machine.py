"""What the figures belong to: the machine, the versions, the BLAS."""

import os
import platform
import subprocess
from ctypes import CDLL, c_char_p
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

LIBRARIES = ("numpy", "scipy", "torch", "pytest", "numpy-ml", "dezero")


def describe() -> dict[str, Any]:
    """Return what is the same for all contestants."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "commit": _commit(),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}, {' '.join(platform.libc_ver())}",
        "python": platform.python_version(),
        "OPENBLAS_CORETYPE": os.environ.get("OPENBLAS_CORETYPE", "not set"),
        "versions": {name: v for name in LIBRARIES if (v := _version(name)) is not None},
    }


def numpy_and_blas() -> dict[str, Any]:
    """Return numpy's version and the BLAS that this process uses."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "numpy": np.__version__,
        "blas": f"{blas['name']} {blas['version']}",
        "core type": _openblas("get_corename", c_char_p) or "unknown",
        "threads": _openblas("get_num_threads", None) or "unknown",
    }


def _openblas(function: str, returns: Any) -> Any:
    """Ask the OpenBLAS that comes with numpy; None where numpy has another BLAS."""
    for path in (Path(np.__file__).parent.parent / "numpy.libs").glob("*openblas*"):
        library = CDLL(str(path))
        for name in (f"scipy_openblas_{function}64_", f"openblas_{function}"):
            if hasattr(library, name):
                call = getattr(library, name)
                if returns is not None:
                    call.restype = returns
                value = call()
                return value.decode() if isinstance(value, bytes) else value
    return None


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "")


def _commit() -> str:
    run = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
    )
    return run.stdout.strip() if run.returncode == 0 else ""
