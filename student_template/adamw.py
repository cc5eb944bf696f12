"""AdamW: yours to write."""

import numpy as np

from . import checks
from .interfaces import Array


class AdamW:
    """Adam with decoupled weight decay: parameters shrink beside the step, not by their gradients.

    Parameters
    ----------
    lr : float
        The learning rate.
    betas : pair of float
        The weights of the two old averages in each step, each below 1.
    eps : float
        Added to the square root, to avoid a division by zero.
    weight_decay : float
        Times the learning rate, the share of itself that each parameter loses in a step.
    amsgrad : bool
        Whether to use the largest average of squares so far instead of the current one.

    Notes
    -----
    For each parameter p and its gradient g, in step t = 1, 2, ..., with averages initially 0::

        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g ** 2
        p = p - lr * weight_decay * p
        p = p - lr * (m / (1 - beta1 ** t)) / (sqrt(s / (1 - beta2 ** t)) + eps)

    The divisions by 1 - beta ** t correct the bias of averages that start as 0. With `amsgrad`, the
    last line uses the largest s so far instead of s. The averages never see the decay. In Adam it
    is a part of the gradient, and is divided by the root of s like all of it: there, parameters
    with large gradients decay less.

    References
    ----------
    Loshchilov, Hutter: Decoupled weight decay regularization, 2019,
    https://arxiv.org/abs/1711.05101
    https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html
    """

    def __init__(
        self,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        amsgrad: bool = False,
    ) -> None:
        self.lr = checks.fraction("AdamW", "lr", lr)
        beta1, beta2 = betas
        self.betas = (
            checks.fraction("AdamW", "betas[0]", beta1, below=1.0),
            checks.fraction("AdamW", "betas[1]", beta2, below=1.0),
        )
        self.eps = checks.fraction("AdamW", "eps", eps)
        self.weight_decay = checks.fraction("AdamW", "weight_decay", weight_decay)
        self.amsgrad = bool(amsgrad)

    def step(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        """Update the parameters by one step.

        Parameters
        ----------
        params : dict of str to ndarray
            The arrays are updated in place.
        grads : dict of str to ndarray
            A gradient for each parameter, under the same name and in the same shape.

        Raises
        ------
        ValueError
            If the names or the shapes differ; no parameter is changed then.
        """
        raise NotImplementedError("TODO AdamW.step: update the parameters by one step")
