"""Which check decides which requirement of Identity."""

from cnn_conformance.checks import gradient
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

identity = Checks("identity")

USUAL = ["images"]

test_y = identity.golden("y")
test_dx = identity.golden("dx")
test_backward_fits_forward = identity.check("IDENTITY-39", gradient.fits, ["images", "rows"])

test_contract = contract(identity, USUAL, latest_forward=[*USUAL, "rows"])
