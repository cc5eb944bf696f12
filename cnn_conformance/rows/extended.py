"""The units that the extended profile adds."""

from __future__ import annotations

from cnn_conformance.rows.kinds import (
    ALIKE,
    SIZES,
    UP,
    WINDOW,
    Activation,
    Adaptive,
    BatchNorm,
    GlobalPooling,
    Layer,
    Pooling,
    Recurrent,
)

ROWS = (
    Pooling(
        "AvgPool2D",
        arguments={**WINDOW, "count_include_pad": (True, False), **UP},
        smoothness="affine",
    ),
    GlobalPooling("GlobalAvgPool2D", smoothness="affine"),
    GlobalPooling("GlobalMaxPool2D", smoothness="piecewise linear", step=1 / 32),
    Activation(
        "LeakyReLU",
        arguments={"negative_slope": (0.01, 0.3)},
        smoothness="piecewise linear",
        step=1 / 32,
    ),
    Activation(
        "ELU",
        arguments={"alpha": (1.0, 0.4)},
        smoothness="smooth",
        step=1 / 32,  # on either side of its kink
    ),
    Activation("Sigmoid", smoothness="smooth", step=1 / 8),
    Activation("Tanh", smoothness="smooth", step=1 / 8),
    Layer("Softmax", axes=ALIKE, ranks=(2,), smoothness="smooth", step=1 / 8),
    BatchNorm(
        "BatchNorm2D",
        axes={"x": "N C H W", "y": "N C H W", "weight": "C", "bias": "C"},
    ),
    Layer(
        "Dropout",
        axes=ALIKE,
        ranks=(2, 4),
        arguments={"p": (0.5, 0.0), "rng": (1, 2)},
        has_modes=True,
        is_random=True,
        smoothness="affine",
    ),
    Recurrent(
        "RNN",
        arguments={**SIZES, "nonlinearity": ("tanh", "relu")},
    ),
    Adaptive(
        "AdaGrad",
        arguments={
            "lr": (0.01, 0.03),
            "lr_decay": (0, 0.5),
            "weight_decay": (0, 3000.0),
            "initial_accumulator_value": (0, 7.5e7),
            "eps": (1e-10, 1e4),
        },
    ),
    Adaptive(
        "RMSprop",
        arguments={
            "lr": (0.01, 0.03),
            "alpha": (0.99, 0.6),
            "eps": (1e-8, 1e4),
            "weight_decay": (0, 3000.0),
            "momentum": (0, 0.8),
            "centered": (False, True),
        },
    ),
    Adaptive(
        "Adam",
        arguments={
            "lr": (1e-3, 0.03),
            "betas": ((0.9, 0.999), (0.5, 0.8)),
            "eps": (1e-8, 1e4),
            "weight_decay": (0, 3000.0),
            "amsgrad": (False, True),
        },
    ),
)
