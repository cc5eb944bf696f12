"""Which check decides which requirement of ELU."""

from cnn_conformance.checks import gradient
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

elu = Checks("elu")

USUAL = ["images"]

test_y = elu.golden("y")
test_dx = elu.golden("dx")
test_backward_fits_forward = elu.check("ELU-39", gradient.fits, ["images", "rows", "alpha"])

test_contract = contract(elu, USUAL, latest_forward=[*USUAL, "rows"])
