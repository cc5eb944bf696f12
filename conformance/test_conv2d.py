"""Which check decides which requirement of Conv2D."""

from cnn_conformance.checks import gradient, laws
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

conv2d = Checks("conv2d")

USUAL, STATEFUL, SLOPES = (conv2d.chosen[name] for name in ("usual", "stateful", "slopes"))

test_y = conv2d.golden("y")
test_dx = conv2d.golden("dx")
test_dweight = conv2d.golden("dweight")
test_dbias = conv2d.golden("dbias")
test_backward_fits_forward = conv2d.check("CONV2D-39", gradient.fits, SLOPES)

test_backward_fits_forward_extended = conv2d.check(
    "CONV2D-119",
    gradient.fits,
    [
        "dilation-pair",
        "groups",
        "same-even",
        "same-even-square",
        "same-lower-even",
        "same-stride",
        "groups-dilation",
        "groups-dilation-square",
        "dilation-bias",
        "same-bias",
    ],
)

test_linear = conv2d.laws("CONV2D-12", laws.linear)
test_delta = conv2d.laws("CONV2D-13", laws.delta)
test_shift = conv2d.laws("CONV2D-14", laws.shift)
test_batch = conv2d.laws("CONV2D-15", laws.batch)
test_adjoint = conv2d.laws("CONV2D-37", laws.adjoint)

test_contract = contract(
    conv2d,
    USUAL,
    forward_changes_nothing=STATEFUL,
    backward_changes_nothing=STATEFUL,
    latest_forward=STATEFUL,
    second_backward=STATEFUL,
    own_arguments=conv2d.chosen["arguments"],
    any_memory_order=STATEFUL,
    without_bias=conv2d.chosen["without_bias"],
)
