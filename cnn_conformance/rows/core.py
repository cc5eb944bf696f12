"""The units that every profile asks for."""

from __future__ import annotations

from cnn_conformance.rows.kinds import (
    BOTH,
    FILTERS,
    UP,
    WINDOW,
    Activation,
    Layer,
    Loop,
    Loss,
    LossOfPairs,
    Optimizer,
    Pooling,
)
from cnn_conformance.unit import Unit

ROWS = (
    Layer(
        "Conv2D",
        axes={"x": "N C H W", "y": "N K OH OW", "weight": "K C KH KW", "bias": "K"},
        parameters=BOTH,
        optional_bias=True,
        arguments={**FILTERS, "bias": (True, False), "dilation": (1, 2), "groups": (1, 2)},
        window=2,
        smoothness="affine",
        step_taught=9,
    ),
    Pooling(
        "MaxPool2D",
        arguments=WINDOW | UP,
        smoothness="piecewise linear",
        step=1 / 32,
        step_taught=10,
    ),
    Layer(
        "Flatten",
        axes={"x": "N C H W", "y": "N D"},
        ranks=(4,),
        smoothness="affine",
        step_taught=2,
    ),
    Layer(
        "Dense",
        axes={
            "x": "N in_features | N T in_features",
            "y": "N out_features | N T out_features",
            "weight": "out_features in_features",
            "bias": "out_features",
        },
        ranks=(2,),
        parameters=BOTH,
        optional_bias=True,
        arguments={"in_features": (4, 3), "out_features": (4, 3), "bias": (True, False)},
        smoothness="affine",
        step_taught=3,
    ),
    Activation("ReLU", smoothness="piecewise linear", step=1 / 32, step_taught=1),
    Loss(
        "SoftmaxCrossEntropy",
        axes={"logits": "N K | N T K"},
        ranks=(2,),
        other_ranks="sequences",
        arguments={"reduction": ("mean", "sum"), "ignore_index": (None, 1)},
        targets="classes",
        step_taught=5,
    ),
    LossOfPairs("MSE", targets="values", step_taught=4),
    Optimizer(
        "SGD",
        arguments={
            "lr": (0.1, 0.5),
            "momentum": (0, 0.5),
            "weight_decay": (0, 0.3),
            "nesterov": (False, True),
            "decay": (0, 0.5),
        },
        step_taught=6,
    ),
    Unit("Sequential", "container", step_taught=7),
    Loop("fit"),
    Loop("evaluate"),
    Loop("predict"),
)
NETWORK = Unit("Network", "network", step_taught=11)
"""What is judged of all units together."""
