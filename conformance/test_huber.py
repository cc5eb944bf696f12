"""Which check decides which requirement of Huber."""

from cnn_conformance.checks import (
    gradient,
    laws,
)
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

huber = Checks("huber")

USUAL = ["rows"]

test_loss = huber.golden("loss")
test_dpred = huber.golden("dpred")
test_backward_fits_forward = huber.check(
    "HUBER-39", gradient.fits, ["rows", "sum", "images", "delta"]
)

test_symmetric = huber.laws("HUBER-4", laws.symmetric)
test_antisymmetric = huber.laws("HUBER-23", laws.antisymmetric)

test_contract = contract(huber, USUAL, own_arguments=["rows", "delta"])
