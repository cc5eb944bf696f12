"""Upsampling by the nearest neighbour: every pixel becomes a block of copies of itself."""

from . import checks
from .interfaces import Array
from .layer import Layer


class Upsample(Layer):
    """Images with more rows and columns, in which every pixel is repeated.

    Parameters
    ----------
    scale_factor : int or pair of int
        How many rows (SH) and columns (SW) a pixel becomes.

    Notes
    -----
    ::

        y[n, c, i, j] = x[n, c, i // SH, j // SW]

    The gradient of a pixel is the sum over its block: each copy has passed it on. The output and
    the gradient have the dtype of the input.

    References
    ----------
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Upsample.html
    """

    def __init__(self, scale_factor: int | tuple[int, int]) -> None:
        super().__init__()
        self.scale_factor = checks.pair("Upsample", "scale_factor", scale_factor, 1)
        self._shape: tuple[int, ...] | None = None

    def forward(self, x: Array) -> Array:
        """Repeat every pixel.

        Parameters
        ----------
        x : ndarray of shape (N, C, H, W)

        Returns
        -------
        y : ndarray of shape (N, C, H * SH, W * SW)

        Raises
        ------
        ValueError
            If `x` does not have 4 dimensions.
        """
        x = checks.images("Upsample", x)
        SH, SW = self.scale_factor
        self._shape = x.shape
        return x.repeat(SH, axis=2).repeat(SW, axis=3)  # (N, C, H * SH, W * SW)

    def backward(self, dout: Array) -> Array:
        """Add up the gradient over the block of each pixel.

        Parameters
        ----------
        dout : ndarray of shape (N, C, H * SH, W * SW)

        Returns
        -------
        dx : ndarray of shape (N, C, H, W)

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        ValueError
            If the shape of `dout` is not that of the output.
        """
        N, C, H, W = checks.saved("Upsample", self._shape)
        SH, SW = self.scale_factor
        dout = checks.upstream("Upsample", dout, (N, C, H * SH, W * SW))
        blocks = dout.reshape(N, C, H, SH, W, SW)
        dx: Array = blocks.sum(axis=(3, 5))  # (N, C, H, W)
        return dx
