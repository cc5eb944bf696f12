"""Which check decides which requirement of GlobalAvgPool2D."""

from cnn_conformance.checks import gradient
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

globalavgpool2d = Checks("globalavgpool2d")

USUAL = ["images"]

test_y = globalavgpool2d.golden("y")
test_dx = globalavgpool2d.golden("dx")
test_backward_fits_forward = globalavgpool2d.check(
    "GLOBALAVGPOOL2D-39", gradient.fits, ["images", "tall", "one-column"]
)

test_contract = contract(globalavgpool2d, USUAL, latest_forward=[*USUAL, "tall"])
