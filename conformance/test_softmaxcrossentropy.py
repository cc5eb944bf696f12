"""Which check decides which requirement of SoftmaxCrossEntropy."""

from cnn_conformance.checks import (
    golden,
    gradient,
    labels,
    laws,
)
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

loss = Checks("softmaxcrossentropy")

USUAL = ["indices", "onehot", "sum-indices"]

test_loss = loss.golden("loss")
test_dlogits = loss.golden("dlogits")
test_loss_for_any_dtype = loss.by_case("any_dtype.loss", labels.of_any_dtype(golden.of("loss")))
test_dlogits_for_any_dtype = loss.by_case(
    "any_dtype.dlogits", labels.of_any_dtype(golden.of("dlogits"))
)
test_backward_fits_forward = loss.check(
    "SOFTMAXCROSSENTROPY-39", gradient.fits, ["indices", "onehot", "probabilities", "sum-indices"]
)

test_row_constant = loss.laws("SOFTMAXCROSSENTROPY-7", laws.row_constant)
test_rows_sum_to_zero = loss.laws("SOFTMAXCROSSENTROPY-26", laws.rows_sum_to_zero)

PRECISE = loss.precise_cases("loss")
test_contract = contract(loss, USUAL, float64=PRECISE, float32=PRECISE)
