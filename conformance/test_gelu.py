"""Which check decides which requirement of GELU."""

from cnn_conformance.checks import gradient
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

gelu = Checks("gelu")

USUAL = ["images"]

test_y = gelu.golden("y")
test_dx = gelu.golden("dx")
test_backward_fits_forward = gelu.check(
    "GELU-39", gradient.fits, ["images", "rows", "wide", "tanh-wide"]
)

test_contract = contract(
    gelu, USUAL, own_arguments=["images", "tanh"], latest_forward=[*USUAL, "rows"]
)
