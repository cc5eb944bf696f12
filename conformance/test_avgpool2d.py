"""Which check decides which requirement of AvgPool2D."""

from cnn_conformance.checks import gradient, laws
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

avgpool2d = Checks("avgpool2d")

USUAL = ["tiles", "tiles-square"]

test_y = avgpool2d.golden("y")
test_dx = avgpool2d.golden("dx")
test_backward_fits_forward = avgpool2d.check(
    "AVGPOOL2D-39",
    gradient.fits,
    ["tiles", "overlap", "overlap-square", "padding", "left-over", "everything", "not-counted"],
)

test_plus_constant = avgpool2d.laws("AVGPOOL2D-10", laws.pool_plus_constant)
test_turned_windows = avgpool2d.laws("AVGPOOL2D-11", laws.pool_permuted)
test_batch = avgpool2d.laws("AVGPOOL2D-12", laws.batch)
test_dout_arrives = avgpool2d.laws("AVGPOOL2D-28", laws.pool_keeps_dout)

test_contract = contract(
    avgpool2d,
    USUAL,
    own_arguments=[*USUAL, "padding-overlap", "left-over"],
    latest_forward=[*USUAL, "not-counted"],
    any_memory_order=[*USUAL, "overlap"],
)
