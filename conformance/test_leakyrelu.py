"""Which check decides which requirement of LeakyReLU."""

from cnn_conformance.checks import golden, gradient
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

leakyrelu = Checks("leakyrelu")

USUAL = ["images"]

test_y = leakyrelu.by_case("y", golden.forward)
test_dx = leakyrelu.by_case("dx", golden.dx)
test_backward_fits_forward = leakyrelu.check(
    "LEAKYRELU-39", gradient.fits, ["images", "rows", "slope"]
)

test_contract = contract(leakyrelu, USUAL, latest_forward=[*USUAL, "rows"])
