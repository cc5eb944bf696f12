"""Which check decides which requirement of Tanh."""

from cnn_conformance.checks import gradient
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

tanh = Checks("tanh")

USUAL = ["images"]

test_y = tanh.golden("y")
test_dx = tanh.golden("dx")
test_backward_fits_forward = tanh.check("TANH-39", gradient.fits, ["images", "rows", "wide"])

test_contract = contract(tanh, USUAL, latest_forward=[*USUAL, "rows"])
