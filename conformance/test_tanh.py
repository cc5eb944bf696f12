"""Which check decides which requirement of Tanh."""

from cnn_conformance.checks import golden, gradient
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

tanh = Checks("tanh")

USUAL = ["images"]

test_y = tanh.by_case("y", golden.forward)
test_dx = tanh.by_case("dx", golden.dx)
test_backward_fits_forward = tanh.check("TANH-39", gradient.fits, ["images", "rows", "wide"])

test_contract = contract(tanh, USUAL, latest_forward=[*USUAL, "rows"])
