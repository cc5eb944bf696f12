"""SGD: gradient descent, with momentum if asked for."""

from . import checks
from .interfaces import Array


class SGD:
    """Gradient descent.

    Parameters
    ----------
    lr : float
        The learning rate, 0 or more.
    momentum : float
        The share of the velocity that is kept from step to step.
    weight_decay : float
        What is added to a gradient for each unit of its parameter.
    nesterov : bool
        Whether the gradient is taken ahead of the velocity (needs a momentum).
    decay : float
        How fast the rate falls: it is lr / (1 + decay * steps taken).

    Notes
    -----
    For each parameter p and its gradient g, with v = 0 at first::

        g = g + weight_decay * p
        v = momentum * v + g
        p = p - lr * v              (nesterov: g + momentum * v in place of v)

    The velocity belongs to the name of the parameter.

    References
    ----------
    Sutskever, Martens, Dahl, Hinton: On the importance of initialization and momentum in deep
    learning, 2013, https://proceedings.mlr.press/v28/sutskever13.html
    https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
    """

    def __init__(
        self,
        lr: float,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        decay: float = 0.0,
    ) -> None:
        self.lr = checks.fraction("SGD", "lr", lr)
        self.momentum = checks.fraction("SGD", "momentum", momentum)
        self.weight_decay = checks.fraction("SGD", "weight_decay", weight_decay)
        self.decay = checks.fraction("SGD", "decay", decay)
        if nesterov and momentum == 0:
            raise ValueError("SGD: nesterov needs a momentum above 0, got momentum 0")
        self.nesterov = bool(nesterov)
        self._steps = 0
        self._velocity: dict[str, Array] = {}

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
        rate = self.lr / (1 + self.decay * self._steps)
        for name, p, g in checks.paired("SGD", params, grads):
            if self.weight_decay:
                g = g + self.weight_decay * p
            if self.momentum:
                v = self.momentum * self._velocity[name] + g if name in self._velocity else g.copy()
                self._velocity[name] = v
                g = g + self.momentum * v if self.nesterov else v
            p -= rate * g
        self._steps += 1
