"""The arrays of a task: the same numbers in every process, so that results can be compared."""

from typing import Any

import numpy as np

from .workloads import Conv, MaxPool, Task, Training, Unit

Array = np.ndarray[Any, np.dtype[Any]]


def inputs(task: Task, dtype: str) -> dict[str, Any]:
    """Return what an adapter's function for a task is called with, beside the task.

    Images and gradients are C-contiguous and in the order (N, C, H, W), as a user has them.

    Returns
    -------
    dict
        For `Conv`: `x`, `weight` (K, C, KH, KW), `bias` (K,) and `dout` of the output's shape.
        For `MaxPool`: `x` and `dout`.
        For `Training`: `x`, `labels` (N,), and the parameters of all layers as lists of pairs:
        `convs` of (weight, bias) as above, `dense` of weight (M, D) and bias (M,).
        For `Unit`: `x`, `params` by name, and `dout` of the output's shape.
    """
    rng = np.random.default_rng(0)

    def normal(*shape: int, scale: float = 1.0) -> Array:
        return (scale * rng.standard_normal(shape)).astype(dtype)

    def parameters(outputs: int, *inputs: int) -> tuple[Array, Array]:
        fan_in = int(np.prod(inputs))
        return normal(outputs, *inputs, scale=(2 / fan_in) ** 0.5), normal(outputs, scale=0.1)

    x = normal(*(task.x if isinstance(task, Unit) else task.images))
    match task:
        case Unit():
            params = {
                name: normal(*shape, scale=shape[-1] ** -0.5)
                for name, shape in task.parameters().items()
            }
            return {"x": x, "params": params, "dout": normal(*task.output)}
        case Conv():
            weight, bias = parameters(task.filters, task.images[1], task.kernel, task.kernel)
            return {"x": x, "weight": weight, "bias": bias, "dout": normal(*task.output)}
        case MaxPool():
            return {"x": x, "dout": normal(*task.output)}
        case Training():
            convs, dense = task.layers()
            return {
                "x": x,
                "labels": rng.integers(0, task.classes, len(x)),
                "convs": [parameters(c.filters, c.images[1], 3, 3) for c in convs],
                "dense": [parameters(M, D) for D, M in dense],
            }
