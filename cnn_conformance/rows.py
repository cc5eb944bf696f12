"""One row a unit, in the order of SPEC.md: what the kit knows of it. `units` has the queries."""

from __future__ import annotations

from functools import partial

from cnn_conformance.unit import Unit

_Layer = partial(Unit, kind="layer")
_Loss = partial(
    Unit,
    kind="loss",
    arguments={"reduction": ("mean", "sum")},
    words={"K": "class"},
    smoothness="smooth",
    step=1 / 4,
)
_LossOfPairs = partial(_Loss, axes={"pred": "N D"}, ranks=(2,))
_Optimizer = partial(Unit, kind="optimizer")
_Adaptive = partial(_Optimizer, family="adaptive")
_Function = partial(Unit, kind="function", profile="full")
_Schedule = partial(Unit, kind="schedule", profile="full")
_Loop = partial(Unit, kind="loop", stem="training", step_taught=8)

_POOLED = {"x": "N C H W", "y": "N C OH OW"}
_ALIKE = {"x": "N C H W | N D", "y": "N C H W | N D"}
_WINDOW = {"kernel_size": (2, 3), "stride": (None, 1, 2), "padding": (0, 1)}
_UP = {"ceil_mode": (False, True)}
_FILTERS = {
    "in_channels": (4, 3),
    "out_channels": (4, 3),
    "kernel_size": (3, 2),
    "stride": (1, 2),
    "padding": (0, 1),
}
_Pooling = partial(_Layer, family="pooling", axes=_POOLED, window=0)
_GlobalPooling = partial(
    _Layer, family="global pooling", axes={"x": "N C H W", "y": "N C 1 1 | N C"}
)
_Activation = partial(_Layer, family="elementwise", axes=_ALIKE, ranks=(2, 4))
_BOTH = ("weight", "bias")
_SIZES = {"input_size": (3, 2), "hidden_size": (4, 3)}
_STATES = {"h0": "N H", "h_n": "N H", "c0": "N H", "c_n": "N H"}
_Recurrent = partial(
    _Layer,
    axes={"x": "N T D", "y": "N T H", **_STATES},
    inputs=("x", "h0"),
    outputs=("y", "h_n"),
    words={"H": "hidden unit"},
    parameters=("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"),
    arguments=_SIZES,
    smoothness="smooth",
    step=1 / 8,
)
_STARTS = {"weight": 1.0, "bias": 0.0}
_Normalization = partial(
    _Layer,
    family="normalization",
    parameters=_BOTH,
    starts=_STARTS,
    smoothness="smooth",
    step=1 / 8,
)
_BatchNorm = partial(
    _Normalization,
    arguments={"num_features": (3, 2), "eps": (1e-5, 0.5), "momentum": (0.1, 0.6)},
    starts={**_STARTS, "running_mean": 0.0, "running_var": 1.0},
    has_modes=True,
)

ROWS = (
    _Layer(
        "Conv2D",
        axes={"x": "N C H W", "y": "N K OH OW", "weight": "K C KH KW", "bias": "K"},
        parameters=_BOTH,
        optional_bias=True,
        arguments={**_FILTERS, "bias": (True, False), "dilation": (1, 2), "groups": (1, 2)},
        window=2,
        smoothness="affine",
        step_taught=9,
    ),
    _Pooling(
        "MaxPool2D",
        arguments=_WINDOW | _UP,
        smoothness="piecewise linear",
        step=1 / 32,
        step_taught=10,
    ),
    _Layer(
        "Flatten",
        axes={"x": "N C H W", "y": "N D"},
        ranks=(4,),
        smoothness="affine",
        step_taught=2,
    ),
    _Layer(
        "Dense",
        axes={
            "x": "N in_features | N T in_features",
            "y": "N out_features | N T out_features",
            "weight": "out_features in_features",
            "bias": "out_features",
        },
        ranks=(2,),
        parameters=_BOTH,
        optional_bias=True,
        arguments={"in_features": (4, 3), "out_features": (4, 3), "bias": (True, False)},
        smoothness="affine",
        step_taught=3,
    ),
    _Activation("ReLU", smoothness="piecewise linear", step=1 / 32, step_taught=1),
    _Loss(
        "SoftmaxCrossEntropy",
        axes={"logits": "N K | N T K"},
        ranks=(2,),
        other_ranks="sequences",
        arguments={"reduction": ("mean", "sum"), "ignore_index": (None, 1)},
        targets="classes",
        step_taught=5,
    ),
    _LossOfPairs("MSE", targets="values", step_taught=4),
    _Optimizer(
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
    _Loop("fit"),
    _Loop("evaluate"),
    _Loop("predict"),
    _Pooling(
        "AvgPool2D",
        profile="extended",
        arguments={**_WINDOW, "count_include_pad": (True, False), **_UP},
        smoothness="affine",
    ),
    _GlobalPooling("GlobalAvgPool2D", profile="extended", smoothness="affine"),
    _GlobalPooling(
        "GlobalMaxPool2D", profile="extended", smoothness="piecewise linear", step=1 / 32
    ),
    _Activation(
        "LeakyReLU",
        profile="extended",
        arguments={"negative_slope": (0.01, 0.3)},
        smoothness="piecewise linear",
        step=1 / 32,
    ),
    _Activation(
        "ELU",
        profile="extended",
        arguments={"alpha": (1.0, 0.4)},
        smoothness="smooth",
        step=1 / 32,  # on either side of its kink
    ),
    _Activation("Sigmoid", profile="extended", smoothness="smooth", step=1 / 8),
    _Activation("Tanh", profile="extended", smoothness="smooth", step=1 / 8),
    _Layer("Softmax", axes=_ALIKE, ranks=(2,), profile="extended", smoothness="smooth", step=1 / 8),
    _BatchNorm(
        "BatchNorm2D",
        profile="extended",
        axes={"x": "N C H W", "y": "N C H W", "weight": "C", "bias": "C"},
    ),
    _Layer(
        "Dropout",
        profile="extended",
        axes=_ALIKE,
        ranks=(2, 4),
        arguments={"p": (0.5, 0.0), "rng": (1, 2)},
        has_modes=True,
        is_random=True,
        smoothness="affine",
    ),
    _Recurrent(
        "RNN",
        profile="extended",
        arguments={**_SIZES, "nonlinearity": ("tanh", "relu")},
    ),
    _Adaptive(
        "AdaGrad",
        profile="extended",
        arguments={
            "lr": (0.01, 0.03),
            "lr_decay": (0, 0.5),
            "weight_decay": (0, 3000.0),
            "initial_accumulator_value": (0, 7.5e7),
            "eps": (1e-10, 1e4),
        },
    ),
    _Adaptive(
        "RMSprop",
        profile="extended",
        arguments={
            "lr": (0.01, 0.03),
            "alpha": (0.99, 0.6),
            "eps": (1e-8, 1e4),
            "weight_decay": (0, 3000.0),
            "momentum": (0, 0.8),
            "centered": (False, True),
        },
    ),
    _Adaptive(
        "Adam",
        profile="extended",
        arguments={
            "lr": (1e-3, 0.03),
            "betas": ((0.9, 0.999), (0.5, 0.8)),
            "eps": (1e-8, 1e4),
            "weight_decay": (0, 3000.0),
            "amsgrad": (False, True),
        },
    ),
    _Normalization(
        "LayerNorm",
        profile="full",
        axes={"x": "N D | N T D", "y": "N D | N T D", "weight": "D", "bias": "D"},
        arguments={"normalized_shape": (4, 3), "eps": (1e-5, 0.5)},
    ),
    _BatchNorm(
        "BatchNorm1D",
        profile="full",
        axes={"x": "N C | N C L", "y": "N C | N C L", "weight": "C", "bias": "C"},
        ranks=(2,),
        other_ranks="sequences",
        fewest_samples=2,
    ),
    _Normalization(
        "GroupNorm",
        profile="full",
        axes={
            "x": "N C | N C L | N C H W",
            "y": "N C | N C L | N C H W",
            "weight": "C",
            "bias": "C",
        },
        ranks=(4,),
        arguments={"num_groups": (2, 3), "num_channels": (6, 4), "eps": (1e-5, 0.5)},
    ),
    _Activation("SiLU", profile="full", smoothness="smooth", step=1 / 8),
    _Activation(
        "GELU",
        profile="full",
        arguments={"approximate": ("none", "tanh")},
        smoothness="smooth",
        step=1 / 8,
    ),
    _Layer("Identity", profile="full", axes=_ALIKE, ranks=(2, 4), smoothness="affine"),
    _LossOfPairs(
        "L1",
        profile="full",
        targets="values",
        smoothness="piecewise linear",
        step=1 / 32,
    ),
    _LossOfPairs(
        "Huber",
        profile="full",
        arguments={"reduction": ("mean", "sum"), "delta": (1.0, 0.5)},
        targets="values",
        step=1 / 32,  # on either side of its two seams
    ),
    _Layer("LogSoftmax", axes=_ALIKE, ranks=(2,), profile="full", smoothness="smooth", step=1 / 8),
    _Loss(
        "Hinge",
        profile="full",
        axes={"logits": "N K"},
        targets="labels",
        smoothness="piecewise linear",
        step=1 / 32,
    ),
    _LossOfPairs(
        "BCEWithLogits",
        profile="full",
        targets="probabilities",
        step=1 / 8,
    ),
    _LossOfPairs(
        "BCE",
        profile="full",
        targets="probabilities",
        step=1 / 64,
    ),
    _Recurrent("LSTM", profile="full", inputs=("x", "h0", "c0"), outputs=("y", "h_n", "c_n")),
    _Loss(
        "NLL",
        profile="full",
        axes={"pred": "N K"},
        targets="labels",
        smoothness="affine",
        step=1,
    ),
    _Recurrent("GRU", profile="full"),
    _Adaptive(
        "AdamW",
        profile="full",
        arguments={
            "lr": (1e-3, 0.03),
            "betas": ((0.9, 0.999), (0.5, 0.8)),
            "eps": (1e-8, 1e4),
            "weight_decay": (0.01, 0.5),
            "amsgrad": (False, True),
        },
        demanded=("lr", "weight_decay"),
    ),
    _Layer(
        "Embedding",
        profile="full",
        axes={"x": "N | N T | N T L", "y": "N D | N T D | N T L D", "weight": "V D"},
        ranks=(2,),
        words={"V": "row", "D": "column"},
        constants=("x",),
        parameters=("weight",),
        arguments={"num_embeddings": (7, 3), "embedding_dim": (5, 3)},
        smoothness="affine",
    ),
    _Layer(
        "Conv1D",
        profile="full",
        axes={"x": "N C L", "y": "N K OL", "weight": "K C KL", "bias": "K"},
        parameters=_BOTH,
        optional_bias=True,
        arguments={**_FILTERS, "bias": (True, False), "dilation": (1, 2)},
        window=2,
        smoothness="affine",
    ),
    _Layer(
        "ConvTranspose2D",
        profile="full",
        family="transposed convolution",
        axes={"x": "N C H W", "y": "N K OH OW", "weight": "C K KH KW", "bias": "K"},
        parameters=_BOTH,
        optional_bias=True,
        arguments={
            **_FILTERS,
            "output_padding": (0, 1),
            "bias": (True, False),
        },
        window=2,
        smoothness="affine",
    ),
    _Function("clip_grad_norm", takes="dict"),
    _Function("clip_grad_value", takes="dict"),
    _Function("one_hot"),
    _Function("accuracy"),
    _Layer(
        "Upsample",
        profile="full",
        family="upsampling",
        axes=_POOLED,
        arguments={"scale_factor": (2, 3)},
        smoothness="affine",
    ),
    _Function("numerical_gradient", takes="function"),
    _Layer(
        "ScaledDotProductAttention",
        profile="full",
        axes={
            "query": "N T D | N H T D",
            "key": "N S D | N H S D",
            "value": "N S D | N H S D",
            "y": "N T D | N H T D",
        },
        ranks=(3,),
        other_ranks="heads",
        words={"T": "query", "S": "key", "H": "head"},
        inputs=("query", "key", "value", "mask"),
        constants=("mask",),
        arguments={"causal": (False, True)},
        smoothness="smooth",
        step=1 / 8,
    ),
    _Function("im2col"),
    _Function("col2im"),
    _Schedule("StepLR", arguments={"step_size": (2, 3), "gamma": (0.1, 0.5)}, demanded=("gamma",)),
    _Schedule("ExponentialLR", arguments={"gamma": (0.9, 0.5)}),
    _Schedule(
        "CosineAnnealingLR",
        arguments={"T_max": (6, 4), "eta_min": (0.0, 0.05)},
        demanded=("eta_min",),
    ),
    _Schedule(
        "WarmUp",
        arguments={"total_iters": (5, 3), "start_factor": (1 / 3, 0.5)},
        demanded=("start_factor",),
    ),
    _Function("xavier_uniform", takes="shape"),
    _Function("xavier_normal", takes="shape"),
    _Function("he_uniform", takes="shape"),
    _Function("he_normal", takes="shape"),
    _Layer(
        "MultiHeadAttention",
        profile="full",
        axes={
            "x": "N T D",
            "y": "N T D",
            "in_proj_weight": "3D D",
            "in_proj_bias": "3D",
            "out_proj.weight": "D D",
            "out_proj.bias": "D",
        },
        words={"3D": "row"},
        parameters=("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"),
        arguments={
            "embed_dim": (6, 12),
            "num_heads": (3, 2),
            "bias": (True, False),
            "causal": (False, True),
        },
        smoothness="smooth",
        step=1 / 8,
    ),
    Unit("Residual", "wrapper", profile="full"),
    Unit("Repeat", "wrapper", profile="full", arguments={"times": (2, 3)}),
    Unit("Network", "network", step_taught=11),
)
