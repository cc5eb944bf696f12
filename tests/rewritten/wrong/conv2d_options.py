"""Convolutions with paddings by name."""

import numpy as np

from tests.rewritten.scaffold import Conv2D

from .conv2d_loops import slide, slide_back


class SamePadding(Conv2D):
    """The right way; what is not one of these paddings is refused."""

    is_right = True

    def __init__(self, *args, padding=0, dilation=1, groups=1, **kwargs):
        if (dilation, groups) != (1, 1):
            raise NotImplementedError("unsupported: dilation and groups")
        if isinstance(padding, str) and padding not in ("same", "same_lower", "valid"):
            raise ValueError(f"Conv2D: unknown padding {padding!r}")
        if padding == "same_lower":
            raise NotImplementedError("unsupported: same_lower")
        self.padding = padding
        super().__init__(*args, padding=0 if isinstance(padding, str) else padding, **kwargs)

    def refuse(self, x):
        if self.padding == "same" and x.ndim == 4:
            grown = np.broadcast_to(
                0, (*x.shape[:2], *(n + k - 1 for n, k in zip(x.shape[2:], self.k, strict=True)))
            )
            return super().refuse(grown)
        return super().refuse(x)

    def edges(self, n, k, s, p):
        """Return the zeros before and after an axis."""
        if self.padding == "same":
            return (k - 1) // 2, k - 1 - (k - 1) // 2
        return p, p

    def compute(self, x, w, b, s, p):
        sizes = zip(x.shape[2:], self.k, s, p, strict=True)
        (up, down), (left, right) = (self.edges(*each) for each in sizes)
        xp = np.pad(x, ((0, 0), (0, 0), (up, down), (left, right)))
        oh, ow = ((n - k) // t + 1 for n, k, t in zip(xp.shape[2:], self.k, s, strict=True))

        def back(d):
            dxp, dw, db = slide_back(xp, w, s, d)
            return dxp[:, :, up : up + x.shape[2], left : left + x.shape[3]], dw, db

        return slide(xp, w, b, s, oh, ow), back


class HalfTheKernelOnEverySide(SamePadding):
    """Pads with k // 2 on both sides, one too many for an even kernel."""

    def edges(self, n, k, s, p):
        return (k // 2, k // 2) if self.padding == "same" else (p, p)


class OddZeroBefore(SamePadding):
    """Puts the odd row and column of zeros before the image."""

    def edges(self, n, k, s, p):
        before, after = super().edges(n, k, s, p)
        return (after, before) if self.padding == "same" else (p, p)


class SizeOfTheInputDespiteTheStride(SamePadding):
    """Pads until the output has the size of the input with any stride."""

    def edges(self, n, k, s, p):
        if self.padding != "same":
            return p, p
        total = (n - 1) * s + k - n
        return total // 2, total - total // 2
