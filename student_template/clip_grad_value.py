"""clip_grad_value: yours to write."""

import numpy as np

from .interfaces import Array


def clip_grad_value(grads: dict[str, Array], clip_value: float) -> None:
    """Limit every element of all gradients to the interval from -clip_value to clip_value.

    Parameters
    ----------
    grads : dict of str to ndarray
        The gradients of all parameters. The arrays are changed in place.
    clip_value : float
        The largest size that an element may have.

    Raises
    ------
    ValueError
        If `clip_value` is negative or not finite; no gradient is changed then.

    Notes
    -----
    Each element stands for itself: those within the limits stay as they are, and the direction of
    the step changes. `clip_grad_norm` keeps the direction.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html
    """
    raise NotImplementedError(
        "TODO clip_grad_value: limit every element of all gradients to the interval from "
        "-clip_value to clip_value"
    )
