"""Which check decides which requirement of GlobalMaxPool2D."""

from cnn_conformance.checks import gradient
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

globalmaxpool2d = Checks("globalmaxpool2d")

USUAL = ["images"]

test_y = globalmaxpool2d.golden("y")
test_dx = globalmaxpool2d.golden("dx")
test_backward_fits_forward = globalmaxpool2d.check(
    "GLOBALMAXPOOL2D-39", gradient.fits, ["images", "tall", "one-column"]
)

test_contract = contract(globalmaxpool2d, USUAL, latest_forward=[*USUAL, "tall"])
