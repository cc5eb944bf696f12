"""Which check decides which requirement of MSE."""

from cnn_conformance.checks import (
    gradient,
    laws,
)
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

mse = Checks("mse")

USUAL = ["rows"]

test_loss = mse.golden("loss")
test_dpred = mse.golden("dpred")
test_backward_fits_forward = mse.check("MSE-39", gradient.fits, ["rows", "sum", "images"])

test_symmetric = mse.laws("MSE-4", laws.symmetric)
test_antisymmetric = mse.laws("MSE-23", laws.antisymmetric)

test_contract = contract(mse, USUAL)
