"""SGD: the plain rule of gradient descent."""

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
        if params.keys() != grads.keys():
            raise ValueError(
                f"SGD: expected gradients for the parameters {sorted(params)}, "
                f"got gradients for {sorted(grads)}"
            )
        for name, p in params.items():
            if p.shape != grads[name].shape:
                raise ValueError(
                    f"SGD: expected a gradient of shape {p.shape} for {name!r}, "
                    f"got shape {grads[name].shape}"
                )
        for name, p in params.items():
            p -= self.lr * grads[name]
