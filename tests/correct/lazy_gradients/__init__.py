"""Gradients of parameters are computed when they are asked for.

The contract calls `params` and `grads` dicts; here `grads` is a subclass of `dict` with all its
keys from `backward` on. A value is computed at its first reading by whatever way: `[]`, `get`,
`values`, `items`, `dict(...)`, `|`, `**`. What it needs is kept as it was when `backward` was
called (copies of x and dout), so that reading later is no difference. Before `backward`, `grads`
is empty; `backward` replaces the whole dict.
"""

from .layers import RNN, BatchNorm2D, Conv2D, Dense, Flatten, MaxPool2D, ReLU
from .training import MSE, SGD, Sequential, SoftmaxCrossEntropy, evaluate, fit, predict
