"""Which check decides which requirement of Upsample."""

from cnn_conformance.checks import gradient, laws
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

upsample = Checks("upsample")

USUAL = ["images", "square"]

test_y = upsample.golden("y")
test_dx = upsample.golden("dx")
test_backward_fits_forward = upsample.check(
    "UPSAMPLE-39", gradient.fits, [*USUAL, "scale-3", "pair-tall"]
)

test_batch = upsample.laws("UPSAMPLE-4", laws.batch)
test_dout_arrives = upsample.laws("UPSAMPLE-28", laws.pool_keeps_dout)
test_adjoint = upsample.laws("UPSAMPLE-37", laws.adjoint_without_weight)

test_contract = contract(upsample, USUAL, own_arguments=[*USUAL, "scale-3"])
