"""RMSprop: yours to write."""

from . import checks
from .interfaces import Array


class RMSprop:
    """Gradient descent divided by a moving average of the size of the gradients.

    Parameters
    ----------
    lr : float
        The learning rate.
    alpha : float
        The share of the average that is kept from step to step.
    eps : float
        What is added to the root, so that it can be divided by.
    weight_decay : float
        What is added to a gradient for each unit of its parameter.
    momentum : float
        The share of the velocity that is kept from step to step.
    centered : bool
        Whether the variance of the gradients takes the place of their mean square.

    Notes
    -----
    For each parameter p and its gradient g, all averages 0 at first::

        g = g + weight_decay * p
        s = alpha * s + (1 - alpha) * g ** 2
        a = alpha * a + (1 - alpha) * g            (centered: s - a ** 2 in place of s)
        v = momentum * v + g / (sqrt(s) + eps)
        p = p - lr * v

    References
    ----------
    Hinton, Srivastava, Swersky: Neural Networks for Machine Learning, lecture 6, 2012
    https://docs.pytorch.org/docs/stable/generated/torch.optim.RMSprop.html
    """

    def __init__(
        self,
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        self.lr = checks.fraction("RMSprop", "lr", lr)
        self.alpha = checks.fraction("RMSprop", "alpha", alpha)
        self.eps = checks.fraction("RMSprop", "eps", eps)
        self.weight_decay = checks.fraction("RMSprop", "weight_decay", weight_decay)
        self.momentum = checks.fraction("RMSprop", "momentum", momentum)
        self.centered = bool(centered)

    def step(self, params: dict[str, Array], grads: dict[str, Array]) -> None:
        """Change the parameters by one step against their gradients.

        Parameters
        ----------
        params : dict of str to ndarray
            The arrays themselves are changed, in place.
        grads : dict of str to ndarray
            A gradient for each parameter, under the same name and in the same shape.

        Raises
        ------
        ValueError
            If the names or the shapes differ; then no parameter has been changed.
        """
        raise NotImplementedError(
            "TODO RMSprop.step: change the parameters by one step against their gradients"
        )
