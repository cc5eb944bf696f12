"""GlobalAvgPool2D: yours to write."""

from .interfaces import Array
from .layer import Layer


class GlobalAvgPool2D(Layer):
    """The mean of each channel of an image: (N, C, H, W) becomes (N, C).

    Notes
    -----
    y[n, c] = sum over h, w of x[n, c, h, w] / (H W). Each pixel has an equal part in it.

    The output and the gradient have the dtype of the input.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
    """

    def __init__(self) -> None:
        super().__init__()

    def forward(self, x: Array) -> Array:
        """Take the mean of each channel.

        Parameters
        ----------
        x : ndarray of shape (N, C, H, W)

        Returns
        -------
        y : ndarray of shape (N, C)

        Raises
        ------
        ValueError
            If `x` has not 4 dimensions, or has no pixels.
        """
        raise NotImplementedError("TODO GlobalAvgPool2D.forward: take the mean of each channel")

    def backward(self, dout: Array) -> Array:
        """Share the gradient of each channel among its pixels.

        Parameters
        ----------
        dout : ndarray of shape (N, C)

        Returns
        -------
        dx : ndarray of shape (N, C, H, W)

        Raises
        ------
        RuntimeError
            If there was no `forward`.
        ValueError
            If `dout` has not the shape of the output.
        """
        raise NotImplementedError(
            "TODO GlobalAvgPool2D.backward: share the gradient of each channel among its pixels"
        )
