"""SGD: yours to write."""

import math

from .interfaces import Array


class SGD:
    """Gradient descent with a fixed rate.

    Parameters
    ----------
    lr : float
        The learning rate, 0 or more.

    Notes
    -----
    p = p - lr * g, for each parameter p and its gradient g.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
    """

    def __init__(self, lr: float) -> None:
        if not (math.isfinite(lr) and lr >= 0):
            raise ValueError(f"SGD: lr must be finite and >= 0, got {lr}")
        self.lr = float(lr)

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
            "TODO SGD.step: change the parameters by one step against their gradients"
        )
