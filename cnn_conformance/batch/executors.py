"""Who does the jobs of a batch: threads of this process, or a cluster of dask's."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from cnn_conformance import extras

TRIES = 2
"""How often a job is given to a worker of the cluster, where workers die."""


class NoCluster(Exception):
    """The cluster cannot be used; says why."""


@contextmanager
def executor(jobs: int, scheduler: str | None) -> Iterator[Executor]:
    """Give who does the jobs.

    Parameters
    ----------
    jobs : int
        How many at a time, without a cluster.
    scheduler : str or None
        The address of a cluster's scheduler.

    Raises
    ------
    NoCluster
        If it cannot be reached.
    """
    if scheduler is None:
        with ThreadPoolExecutor(jobs) as threads:
            yield threads
        return
    with _client(scheduler) as client:
        yield client.get_executor(pure=False, retries=TRIES)


def _client(address: str) -> Any:
    try:
        distributed = importlib.import_module("distributed")
    except ImportError:
        raise NoCluster(f"--scheduler needs dask: {extras.install('cluster')}") from None
    for name in ("distributed", "distributed.client"):  # what it has to tell is told in a line
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        return distributed.Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise NoCluster(f"--scheduler={address}: cannot be reached: {error}") from error
