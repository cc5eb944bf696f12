"""Which check decides which requirement of NLL."""

from cnn_conformance.checks import (
    golden,
    gradient,
    labels,
)
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

loss = Checks("nll")

USUAL = ["more-samples", "more-classes", "sum"]

test_loss = loss.golden("loss")
test_dpred = loss.golden("dpred")
test_loss_for_any_dtype = loss.by_case("any_dtype.loss", labels.of_any_dtype(golden.of("loss")))
test_dpred_for_any_dtype = loss.by_case("any_dtype.dpred", labels.of_any_dtype(golden.of("dpred")))
test_backward_fits_forward = loss.check("NLL-39", gradient.fits, USUAL)

PRECISE = loss.precise_cases("loss")
test_contract = contract(loss, USUAL, float64=PRECISE, float32=PRECISE)
