"""Sets limits of the grader's process, such as that of its CPU time."""

import os
import resource

from target import GRADER
from wrong import Dense, ReLU

print("reached")
for process in (GRADER, os.getppid()):
    for kind in (resource.RLIMIT_CPU, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE):
        try:
            resource.prlimit(process, kind, resource.prlimit(process, kind))
            print("succeeded: limit", kind, "of", process)
        except OSError as error:
            print(error)
