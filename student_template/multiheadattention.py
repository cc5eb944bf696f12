"""MultiHeadAttention: yours to write."""

import numpy as np

from . import checks
from .interfaces import Array
from .layer import Layer
from .xavier_uniform import xavier_uniform


class MultiHeadAttention(Layer):
    """Self-attention with several heads, batch first.

    Parameters
    ----------
    embed_dim, num_heads : int
        E and H, the number of features and of heads. Each head has E / H of the features.
    bias : bool
        Whether to add learned vectors to the projections.
    causal : bool
        Whether step t may only attend to the steps 1, ..., t.
    rng : numpy.random.Generator, int or None
        Source of the initial weights, or a seed for it.

    Attributes
    ----------
    params : dict
        `in_proj_weight` of shape (3 * E, E), whose rows belong to query, key and value, and
        `out_proj.weight` of shape (E, E): initially uniform with variance 2 / (fan_in + fan_out).
        `in_proj_bias` of shape (3 * E,) and `out_proj.bias` of shape (E,): initially zero; absent
        with ``bias=False``.

    Notes
    -----
    ::

        query, key, value = three parts of W_in x + b_in
        head h = attention of the h-th parts of query, key and value
        y = W_out [head 1, ..., head H] + b_out

    Attention divides the scores by sqrt(E / H), the number of features of a head.

    float32 input with float32 parameters gives float32 output and gradients.

    References
    ----------
    Vaswani et al.: Attention is all you need, 2017, https://arxiv.org/abs/1706.03762
    https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        bias: bool = True,
        causal: bool = False,
        *,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        super().__init__()
        self.embed_dim = checks.integer("MultiHeadAttention", "embed_dim", embed_dim, 1)
        self.num_heads = checks.integer("MultiHeadAttention", "num_heads", num_heads, 1)
        if embed_dim % num_heads:
            raise ValueError(
                f"MultiHeadAttention: embed_dim must be divisible by num_heads, "
                f"got {embed_dim} and {num_heads}"
            )
        E, random = embed_dim, np.random.default_rng(rng)
        self.params["in_proj_weight"] = xavier_uniform((3 * E, E), random)
        if bias:
            self.params["in_proj_bias"] = np.zeros(3 * E)
        self.params["out_proj.weight"] = xavier_uniform((E, E), random)
        if bias:
            self.params["out_proj.bias"] = np.zeros(E)
        self.causal = causal

    def forward(self, x: Array) -> Array:
        """Let every step attend to the others.

        Parameters
        ----------
        x : ndarray of shape (N, T, E)

        Returns
        -------
        y : ndarray of shape (N, T, E)

        Raises
        ------
        ValueError
            If `x` does not have 3 dimensions or E features.
        """
        raise NotImplementedError(
            "TODO MultiHeadAttention.forward: let every step attend to the others"
        )

    def backward(self, dout: Array) -> Array:
        """Propagate the gradient back through both projections and all heads.

        Parameters
        ----------
        dout : ndarray of shape (N, T, E)

        Returns
        -------
        dx : ndarray of shape (N, T, E)
            `grads` has the gradients of all parameters.

        Raises
        ------
        RuntimeError
            If `forward` has not been called.
        ValueError
            If the shape of `dout` is not that of the output.
        """
        raise NotImplementedError(
            "TODO MultiHeadAttention.backward: propagate the gradient back through both "
            "projections and all heads"
        )
