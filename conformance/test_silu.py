"""Which check decides which requirement of SiLU."""

from cnn_conformance.checks import gradient
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

silu = Checks("silu")

USUAL = ["images"]

test_y = silu.golden("y")
test_dx = silu.golden("dx")
test_backward_fits_forward = silu.check("SILU-39", gradient.fits, ["images", "rows", "wide"])

test_contract = contract(silu, USUAL, latest_forward=[*USUAL, "rows"])
