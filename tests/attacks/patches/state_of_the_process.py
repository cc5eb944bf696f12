"""Changes global state of the process: error states, warnings, streams, recursion limit, folder."""

import gc
import os
import signal
import sys
import warnings

import numpy as np
from wrong import Dense, ReLU

np.seterr(all="raise")
np.setbufsize(16)
np.set_printoptions(formatter={"all": lambda _: "1"})
warnings.simplefilter("error")
gc.disable()
os.chdir("/")
os.umask(0o777)
signal.alarm(0)
sys.setrecursionlimit(300)
sys.settrace(lambda *_: None)
print("reached")
sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = None
