"""The base class of all layers."""

from .interfaces import Array


class Layer:
    """One step of a network, forward and backward.

    Attributes
    ----------
    params : dict of str to ndarray
        What the layer learns. Write into an array, or replace its entry: the next `forward` uses
        it.
    grads : dict of str to ndarray
        The gradient of the loss with respect to each parameter, with the same name and shape,
        from the latest `backward`.
    training : bool
        True while the network learns, False while it is used.
    """

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}
        self.grads: dict[str, Array] = {}
        self.training = True

    def forward(self, x: Array) -> Array:
        """Return the output of the layer for the input `x`, which is not modified."""
        raise NotImplementedError(f"{type(self).__name__}: forward is not implemented")

    def backward(self, dout: Array) -> Array:
        """Propagate a gradient back through the latest `forward`.

        Parameters
        ----------
        dout : ndarray of the shape of the output
            The gradient of the loss with respect to the output.

        Returns
        -------
        dx : ndarray of the shape of the input
            The gradient of the loss with respect to the input. The gradients with respect to the
            parameters are in `grads`, where they replace earlier ones.
        """
        raise NotImplementedError(f"{type(self).__name__}: backward is not implemented")
