"""Square kernels, no padding and strides that divide: everything else is refused as unsupported."""

from channels_last import *  # noqa: F403  # whatever does not stand below
from channels_last import Conv2D, MaxPool2D

AnyConv2D, AnyMaxPool2D = Conv2D, MaxPool2D


class OnlySquare:
    def refuse(self, kernel, stride, padding):
        if isinstance(kernel, tuple) or isinstance(stride, tuple):
            raise NotImplementedError("unsupported: pairs; kernels and strides are squares here")
        if padding != 0:
            raise NotImplementedError(f"unsupported: padding {padding}")

    def forward(self, x):
        if x.ndim == 4:
            for length, k, s in zip(x.shape[2:], self.kernel, self.stride, strict=True):
                if length > k and (length - k) % s:
                    raise NotImplementedError(
                        f"unsupported: stride {s} does not divide what is left of {length} - {k}"
                    )
        return super().forward(x)


class Conv2D(OnlySquare, AnyConv2D):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        self.refuse(kernel_size, stride, padding)
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, bias)


class MaxPool2D(OnlySquare, AnyMaxPool2D):
    def __init__(self, kernel_size, stride=None, padding=0):
        self.refuse(kernel_size, stride, padding)
        super().__init__(kernel_size, stride, 0)
