"""Which check decides which requirement of ScaledDotProductAttention."""

from cnn_conformance.checks import gradient, recurrence
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

attention = Checks("scaleddotproductattention")

USUAL = ["sequences"]

test_y = attention.golden("y")
test_dquery = attention.golden("dquery")
test_dkey = attention.golden("dkey")
test_dvalue = attention.golden("dvalue")
test_backward_fits_forward = attention.check(
    "SCALEDDOTPRODUCTATTENTION-39", gradient.fits, [*USUAL, "square", "one-key"]
)
test_samples_apart = attention.check(
    "SCALEDDOTPRODUCTATTENTION-9", recurrence.samples_apart, [*USUAL, "square"]
)
test_causal = attention.check("SCALEDDOTPRODUCTATTENTION-10", recurrence.causal, ["causal"])

test_contract = contract(attention, USUAL, latest_forward=[*USUAL, "causal"])
