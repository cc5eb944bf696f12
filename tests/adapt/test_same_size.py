"""Convolutions that always pad so that the output has the size of the image."""

import pytest

from tests.adapt.drafting import drafted, searched
from tests.adapt.test_search import of
from tests.grade import grade

CONV = """
import numpy as np

class ConvLayer:
    def __init__(self, size, filters, channels):
        self.filters = np.random.standard_normal((filters, channels, size, size))

    def forward(self, image):
        p = self.filters.shape[-1] // 2
        self.padded = np.pad(image, ((0, 0), (p, p), (p, p), (0, 0)))
        size = self.filters.shape[2:]
        self.windows = np.lib.stride_tricks.sliding_window_view(self.padded, size, axis=(1, 2))
        return np.einsum("nijcuv,kcuv->nijk", self.windows, self.filters)

    def backward(self, error):
        self.d_filters = np.einsum("nijcuv,nijk->kcuv", self.windows, error)
        d_padded = np.zeros_like(self.padded)
        H, W = error.shape[1:3]
        for u in range(self.filters.shape[2]):
            for v in range(self.filters.shape[3]):
                part = error @ self.filters[:, :, u, v]
                d_padded[:, u : u + H, v : v + W] += part
        p = self.filters.shape[-1] // 2
        return d_padded[:, p : p + H, p : p + W]
"""
KEEPING = [
    "test_conv2d.py::test_y[padding-1]",
    "test_conv2d.py::test_dx[padding-1]",
    "test_conv2d.py::test_dweight[padding-1]",
]


def test_a_convolution_without_a_padding_may_keep_the_size(tmp_path):
    code = of(CONV, tmp_path, "keeping")
    (conv,) = searched(code).found
    assert (conv.plan.facts["keeps_size"], conv.plan.facts["y"], conv.stage) == (True, "NHWK", 2)
    unit = drafted(code)["Conv2D"]
    assert not grade({"Conv2D": unit}, KEEPING, profile="core").not_passed
    with pytest.raises(NotImplementedError, match="unsupported: padding"):
        unit(2, 3, 3, bias=False)


def test_one_that_takes_a_padding_and_ignores_it_is_wrong(tmp_path):
    text = CONV.replace("channels)", "channels, padding=0)")
    code = of(text, tmp_path, "ignoring")
    (conv,) = searched(code).found
    assert not conv.plan.facts["keeps_size"]
