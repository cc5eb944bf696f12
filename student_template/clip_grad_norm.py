"""clip_grad_norm: yours to write."""

import numpy as np

from .interfaces import Array


def clip_grad_norm(grads: dict[str, Array], max_norm: float) -> float:
    """Scale all gradients by one factor, so that their norm is at most `max_norm`.

    Parameters
    ----------
    grads : dict of str to ndarray
        The gradients of all parameters. The arrays are changed in place.
    max_norm : float
        The largest norm that all of them may have together.

    Returns
    -------
    float
        The norm before clipping.

    Raises
    ------
    ValueError
        If `max_norm` is negative or not finite; no gradient is changed then.

    Notes
    -----
    The norm is that of one vector with the elements of all arrays, sqrt(sum of g ** 2). If it is
    larger than `max_norm`, every element is multiplied by max_norm / (norm + 1e-6); otherwise
    nothing changes. One factor for all keeps the direction of the step; a factor for each array
    would turn it.

    References
    ----------
    Pascanu, Mikolov, Bengio: On the difficulty of training recurrent neural networks, 2013,
    https://arxiv.org/abs/1211.5063
    https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
    """
    raise NotImplementedError(
        "TODO clip_grad_norm: scale all gradients by one factor, so that their norm is at most "
        "`max_norm`"
    )
