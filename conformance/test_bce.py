"""Which check decides which requirement of BCE."""

from cnn_conformance.checks import (
    gradient,
    laws,
)
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

loss = Checks("bce")

USUAL = ["rows", "sum", "images"]

test_loss = loss.golden("loss")
test_dpred = loss.golden("dpred")
test_backward_fits_forward = loss.check(
    "BCE-39", gradient.fits, [*USUAL, "between", "one-dimension"]
)

test_complement = loss.laws("BCE-4", laws.complement)
test_gradient_of_the_complement = loss.laws("BCE-23", laws.gradient_of_complement)

PRECISE = loss.precise_cases("loss")
test_contract = contract(loss, USUAL, float64=PRECISE, float32=PRECISE)
