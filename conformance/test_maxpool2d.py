"""Which check decides which requirement of MaxPool2D."""

from cnn_conformance.checks import gradient, laws
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

maxpool2d = Checks("maxpool2d")

USUAL = ["tiles", "tiles-square"]

test_y = maxpool2d.golden("y")
test_dx = maxpool2d.golden("dx")
test_backward_fits_forward = maxpool2d.check(
    "MAXPOOL2D-39",
    gradient.fits,
    ["tiles", "overlap", "overlap-square", "padding", "left-over", "everything"],
)

test_plus_constant = maxpool2d.laws("MAXPOOL2D-9", laws.pool_plus_constant)
test_turned_windows = maxpool2d.laws("MAXPOOL2D-10", laws.pool_permuted)
test_batch = maxpool2d.laws("MAXPOOL2D-11", laws.batch)
test_dout_arrives = maxpool2d.laws("MAXPOOL2D-28", laws.pool_keeps_dout)

test_contract = contract(
    maxpool2d,
    USUAL,
    own_arguments=[*USUAL, "padding-overlap", "left-over"],
    any_memory_order=[*USUAL, "overlap"],
)
