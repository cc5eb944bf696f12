"""Who is measured: adapter files, with the environment that each one runs in.

An adapter is a file with a function for each kind of task (`conv`, `max_pool`, `training`), called
with the task and the arrays of `inputs.inputs`. It returns the calls that do the work once, by the
names of the workload's parts:

- "forward" returns y; "backward" is called after "forward", any number of times, and returns
  (dx, dweight, dbias), of pooling (dx,); images and gradients have the order (N, C, H, W).
- "both", a forward and its backward, returns what "backward" does; it may be left out.
- "step" returns the loss before the update.

What it cannot do it has no function for, or raises `NotImplementedError`. It may have
`setup(path)`, called with the checkout that the command line names, and `describe()`, a dict of
versions.
"""

import importlib.util
import os
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

from .workloads import Conv, MaxPool, Task, Training, Unit

FOLDER = Path(__file__).parent
FUNCTIONS: dict[type[Task], str] = {
    Conv: "conv",
    MaxPool: "max_pool",
    Training: "training",
    Unit: "unit",
}

ALLOCATORS = {
    # glibc returns freed memory to the system and asks for it again in the next step: up to half of
    # the time is page faults. With raised thresholds it keeps what it has.
    "raised": {"MALLOC_TRIM_THRESHOLD_": str(1 << 32), "MALLOC_MMAP_MAX_": "0"},
    "untouched": {},
    # It returns everything at once, so that what the process has of the machine's memory is what it
    # needs.
    "returning": {"MALLOC_TRIM_THRESHOLD_": "65536", "MALLOC_MMAP_THRESHOLD_": "65536"},
}
MALLOC = ("GLIBC_TUNABLES", "MALLOC_TOP_PAD_", *ALLOCATORS["raised"], *ALLOCATORS["returning"])
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Contestant:
    """An adapter and how it is run.

    Attributes
    ----------
    name : str
        What the tables call it: the name of the file, with hyphens.
    path : Path
        The adapter.
    checkout : str
        The path that `setup` is called with; empty if there is none.
    peer : bool
        Whether it may be too slow to be measured in every round.
    threads : int
        Threads of the BLAS, and of PyTorch.
    allocator : str
        Of `ALLOCATORS`: how the C library treats memory that was freed.
    """

    name: str
    path: Path
    checkout: str = ""
    peer: bool = False
    threads: int = 1
    allocator: str = "raised"

    def environment(self) -> dict[str, str]:
        """Return the variables of the process that runs the adapter."""
        kept = {k: v for k, v in os.environ.items() if k not in MALLOC}
        threads = dict.fromkeys(THREADS, str(self.threads))
        return kept | threads | ALLOCATORS[self.allocator]

    def but(self, **changes: object) -> "Contestant":
        """Return the same adapter run in another way."""
        return replace(self, **changes)  # type: ignore[arg-type]


def named(path: Path, checkout: str = "", peer: bool = True) -> Contestant:
    """Return the contestant of an adapter file."""
    return Contestant(path.stem.replace("_", "-"), path, checkout, peer)


def runtime(name: str) -> Contestant:
    """Return one of those that are always measured: "reference", "torch" or "limit"."""
    return named(FOLDER / "runtimes" / f"{name}.py", peer=False)


def peers(chosen: list[str]) -> list[Contestant]:
    """Return the peers of `peers/`, with those that the command line names.

    Parameters
    ----------
    chosen : list of str
        `NAME` of a file in `peers/` or `PATH.py`, with `=CHECKOUT` where an adapter wants one.

    Raises
    ------
    ValueError
        If there is no such file, or it is no Python file.
    """
    found = {p.stem: named(p) for p in sorted((FOLDER / "peers").glob("*.py"))}
    for text in chosen:
        adapter, _, checkout = text.partition("=")
        path = Path(adapter)
        if adapter.replace("-", "_") in found:
            path = found[adapter.replace("-", "_")].path
        elif not (path.is_file() and path.suffix == ".py"):
            raise ValueError(
                f"--peer {text}: no adapter {adapter}; give one of {', '.join(found)}, or the path "
                "of an adapter file, which ends in .py"
            )
        if checkout and not Path(checkout).exists():
            raise ValueError(f"--peer {text}: there is no file or folder {checkout}")
        # Absolute, as it is looked up by a process that runs in another folder.
        found[path.stem] = named(path, str(Path(checkout).resolve()) if checkout else "")
    return list(found.values())


def load(path: Path, checkout: str) -> ModuleType:
    """Import an adapter, in the process that runs it."""
    spec = importlib.util.spec_from_file_location(f"adapter_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path}: an adapter is a Python file, which ends in .py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if hasattr(module, "setup"):
        if not checkout:
            raise NotImplementedError(f"needs a checkout: --peer {path.stem}=PATH")
        module.setup(checkout)
    return module
