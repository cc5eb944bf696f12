"""Which check decides which requirement of L1."""

from cnn_conformance.checks import (
    gradient,
    laws,
)
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

l1 = Checks("l1")

USUAL = ["rows"]

test_loss = l1.golden("loss")
test_dpred = l1.golden("dpred")
test_backward_fits_forward = l1.check("L1-39", gradient.fits, ["rows", "sum", "images"])

test_symmetric = l1.laws("L1-4", laws.symmetric)
test_antisymmetric = l1.laws("L1-23", laws.antisymmetric)

test_contract = contract(l1, USUAL)
