"""Orders of axes that are tried, and the sizes of the inputs with which they are."""

from __future__ import annotations

IMAGES = ("NCHW", "NHWC", "CHW", "HWC", "HWCN", "CHWN", "NHW", "HW")
VECTORS = ("NI", "IN", "I", "I1", "1I")
SEQUENCES = ("NTD", "TND", "DNT", "TDN", "TD", "TD1", "T1D", "NDT")
STEPS = ("ND", "DN", "D", "D1", "1D")
LAYOUTS = {
    "BatchNorm2D": ("NCHW", "NHWC", "HWCN", "CHWN"),
    "BatchNorm1D": ("NC", "CN"),
    "LayerNorm": ("ND", "DN"),
    "GlobalAvgPool2D": ("NCHW", "NHWC", "CHW", "HWC"),
    "GlobalMaxPool2D": ("NCHW", "NHWC", "CHW", "HWC"),
}
"""Orders of axes of x by unit, where they are not those of all images."""
SIZES: dict[str, list[dict[str, int]]] = {
    "Conv2D": [
        {"N": 2, "C": 5, "H": 8, "W": 11, "K": 7, "U": 3, "V": 3, "OH": 6, "OW": 9},
        {"N": 2, "C": 5, "H": 8, "W": 8, "K": 7, "U": 3, "V": 3, "OH": 6, "OW": 6},
    ],
    "Pool": [
        {"N": 3, "C": 5, "H": 8, "W": 12, "OH": 4, "OW": 6, "U": 2, "S": 2},
        {"N": 3, "C": 5, "H": 8, "W": 8, "OH": 4, "OW": 4, "U": 2, "S": 2},
        {"N": 4, "C": 5, "H": 8, "W": 12, "OH": 6, "OW": 10, "U": 3, "S": 1},
    ],
    "Dense": [{"N": 3, "I": 5, "O": 7}],
    "Softmax": [{"N": 3, "I": 5}],
    "LogSoftmax": [{"N": 3, "I": 5}],
    "BatchNorm1D": [{"N": 3, "C": 5}],
    "LayerNorm": [{"N": 3, "D": 5}],
    "recurrent": [{"N": 3, "T": 4, "D": 5, "H": 7}],
}
"""Sizes that all differ; square images for code that takes no others."""
