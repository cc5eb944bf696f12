"""Which check decides which requirement of Flatten."""

from cnn_conformance.checks import gradient, laws
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

flatten = Checks("flatten")

USUAL = ["images"]

test_y = flatten.golden("y")
test_dx = flatten.golden("dx")
test_backward_fits_forward = flatten.check(
    "FLATTEN-39", gradient.fits, ["images", "three-dimensions"]
)

test_round_trip = flatten.laws("FLATTEN-22", laws.round_trip)

test_contract = contract(flatten, USUAL)
