"""Repeat: one layer, used several times."""

from . import checks
from .interfaces import Array, Module


class Repeat:
    """Apply a layer to what it has made itself, with the same parameters every time.

    Parameters
    ----------
    layer : layer
        Anything with `params`, `grads`, `training`, `forward` and `backward`, such as a
        `Sequential`, whose output has the shape of its input.
    times : int
        How often it is applied.

    Attributes
    ----------
    grads : dict
        The gradients of the layer's parameters under its own names, summed over the uses, in
        arrays of their own: the layer overwrites its `grads` in each use.

    Notes
    -----
    With h[0] = x and h[k] = f(h[k - 1]; w), y is the last h. Each use has a way to w of its own,
    so the gradient of w is a sum over the uses, with the gradient that arrives at each.

    A layer keeps what its latest `forward` needs, and no more. So `forward` keeps the input of each
    use, and `backward` runs the layer forward once more on it, before the layer's backward: it pays
    for memory with time. A layer that answers differently the next time, or that counts how often
    it is called, is not repeated so.

    References
    ----------
    Chen, Xu, Zhang, Guestrin: Training Deep Nets with Sublinear Memory Cost, 2016,
    https://arxiv.org/abs/1604.06174
    """

    def __init__(self, layer: Module, times: int = 2) -> None:
        self.layer = layer
        self.times = checks.integer("Repeat", "times", times, 1)
        self.grads: dict[str, Array] = {}
        self.training = True
        self._inputs: list[Array] | None = None

    @property
    def params(self) -> dict[str, Array]:
        """The parameters of the layer, under its own names."""
        return self.layer.params

    @property
    def training(self) -> bool:
        """Whether the layer learns; setting it sets it for the layer."""
        return self._training

    @training.setter
    def training(self, value: bool) -> None:
        self._training = value
        self.layer.training = value

    def forward(self, x: Array) -> Array:
        """Apply the layer, again and again.

        Parameters
        ----------
        x : ndarray
            What the layer takes.

        Returns
        -------
        y : ndarray of the shape of x

        Raises
        ------
        ValueError
            If the output of the layer has another shape than its input.
        """
        inputs = []
        for _ in range(self.times):
            inputs.append(x)
            y = self.layer.forward(x)
            if y.shape != x.shape:
                raise ValueError(
                    f"Repeat: expected a layer that keeps the shape {x.shape}, got shape {y.shape}"
                )
            x = y
        self._inputs = inputs
        return x

    def backward(self, dout: Array) -> Array:
        """Go through the uses from the last to the first, and sum up their gradients.

        Parameters
        ----------
        dout : ndarray of the shape of the output

        Returns
        -------
        dx : ndarray of the shape of the input
            The gradients of the layer's parameters are in `grads`.

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        """
        grads: dict[str, Array] = {}
        for x in reversed(checks.saved("Repeat", self._inputs)):
            self.layer.forward(x)  # so that the layer has what belongs to this use
            dout = self.layer.backward(dout)
            for name, grad in self.layer.grads.items():
                grads[name] = grads[name] + grad if name in grads else grad.copy()
        self.grads = grads
        return dout
