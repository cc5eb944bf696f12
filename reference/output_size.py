"""How many windows fit into an image."""

from .checks import Pair
from .interfaces import Array


def output_size(
    unit: str, x: Array, kernel: Pair, stride: Pair, padding: Pair, after: Pair | None = None
) -> Pair:
    """Return (OH, OW), the number of windows that fit into the padded (N, C, H, W)."""
    H, W = (size + p + q for size, p, q in zip(x.shape[2:], padding, after or padding, strict=True))
    if kernel[0] > H or kernel[1] > W:
        raise ValueError(
            f"{unit}: expected a padded input of at least the kernel's size {kernel}, "
            f"got {(H, W)} (input of shape {x.shape}, padding {padding})"
        )
    return (H - kernel[0]) // stride[0] + 1, (W - kernel[1]) // stride[1] + 1


def padding_after(
    image: tuple[int, ...], kernel: Pair, stride: Pair, padding: Pair, ceil_mode: bool
) -> Pair:
    """Return (QH, QW), the rows and columns after an image of (H, W) that windows may reach.

    They are the padding; in `ceil_mode` more where the last window needs them. A window that begins
    behind the image, in the padding after it or beyond, is none.
    """
    if not ceil_mode:
        return padding
    more = []
    for size, k, s, p in zip(image, kernel, stride, padding, strict=True):
        last = -(-(size + 2 * p - k) // s) * s  # where the last window begins, rounded up
        last -= s * (last >= size + p)
        more.append(max(p, last + k - size - p))
    return more[0], more[1]
