"""Which check decides which requirement of LeakyReLU."""

from cnn_conformance.checks import gradient
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

leakyrelu = Checks("leakyrelu")

USUAL = ["images"]

test_y = leakyrelu.golden("y")
test_dx = leakyrelu.golden("dx")
test_backward_fits_forward = leakyrelu.check(
    "LEAKYRELU-39", gradient.fits, ["images", "rows", "slope"]
)

test_contract = contract(leakyrelu, USUAL, latest_forward=[*USUAL, "rows"])
