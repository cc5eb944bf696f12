"""Which check decides which requirement of ReLU."""

from cnn_conformance.checks import gradient
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

relu = Checks("relu")

USUAL = ["images"]

test_y = relu.golden("y")
test_dx = relu.golden("dx")
test_backward_fits_forward = relu.check("RELU-39", gradient.fits, ["images", "rows"])

test_contract = contract(relu, USUAL, latest_forward=[*USUAL, "rows"])
