"""What many units have in common: the beginnings of their rows."""

from __future__ import annotations

from functools import partial

from cnn_conformance.unit import Unit

Layer = partial(Unit, kind="layer")
Loss = partial(
    Unit,
    kind="loss",
    arguments={"reduction": ("mean", "sum")},
    words={"K": "class"},
    smoothness="smooth",
    step=1 / 4,
)
LossOfPairs = partial(Loss, axes={"pred": "N D"}, ranks=(2,))
Optimizer = partial(Unit, kind="optimizer")
Adaptive = partial(Optimizer, family="adaptive")
Function = partial(Unit, kind="function")
Schedule = partial(Unit, kind="schedule")
Wrapper = partial(Unit, kind="wrapper")
Loop = partial(Unit, kind="loop", stem="training", step_taught=8)

POOLED = {"x": "N C H W", "y": "N C OH OW"}
ALIKE = {"x": "N C H W | N D", "y": "N C H W | N D"}
WINDOW = {"kernel_size": (2, 3), "stride": (None, 1, 2), "padding": (0, 1)}
UP = {"ceil_mode": (False, True)}
FILTERS = {
    "in_channels": (4, 3),
    "out_channels": (4, 3),
    "kernel_size": (3, 2),
    "stride": (1, 2),
    "padding": (0, 1),
}
Pooling = partial(Layer, family="pooling", axes=POOLED, window=0)
GlobalPooling = partial(Layer, family="global pooling", axes={"x": "N C H W", "y": "N C 1 1 | N C"})
Activation = partial(Layer, family="elementwise", axes=ALIKE, ranks=(2, 4))
BOTH = ("weight", "bias")
SIZES = {"input_size": (3, 2), "hidden_size": (4, 3)}
STATES = {"h0": "N H", "h_n": "N H", "c0": "N H", "c_n": "N H"}
Recurrent = partial(
    Layer,
    axes={"x": "N T D", "y": "N T H", **STATES},
    inputs=("x", "h0"),
    outputs=("y", "h_n"),
    words={"H": "hidden unit"},
    parameters=("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"),
    arguments=SIZES,
    smoothness="smooth",
    step=1 / 8,
)
STARTS = {"weight": 1.0, "bias": 0.0}
Normalization = partial(
    Layer,
    family="normalization",
    parameters=BOTH,
    starts=STARTS,
    smoothness="smooth",
    step=1 / 8,
)
BatchNorm = partial(
    Normalization,
    arguments={"num_features": (3, 2), "eps": (1e-5, 0.5), "momentum": (0.1, 0.6)},
    starts={**STARTS, "running_mean": 0.0, "running_var": 1.0},
    has_modes=True,
)
