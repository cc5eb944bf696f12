"""Which check decides which requirement of Sigmoid."""

from cnn_conformance.checks import gradient
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

sigmoid = Checks("sigmoid")

USUAL = ["images"]

test_y = sigmoid.golden("y")
test_dx = sigmoid.golden("dx")
test_backward_fits_forward = sigmoid.check("SIGMOID-39", gradient.fits, ["images", "rows", "wide"])

test_contract = contract(sigmoid, USUAL, latest_forward=[*USUAL, "rows"])
