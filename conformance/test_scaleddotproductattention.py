"""Which check decides which requirement of ScaledDotProductAttention."""

from cnn_conformance.checks import golden, gradient, recurrence
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

attention = Checks("scaleddotproductattention")

USUAL = ["sequences"]

test_y = attention.by_case("y", golden.forward)
test_dquery = attention.by_case("dquery", golden.dquery)
test_dkey = attention.by_case("dkey", golden.dkey)
test_dvalue = attention.by_case("dvalue", golden.dvalue)
test_backward_fits_forward = attention.check(
    "SCALEDDOTPRODUCTATTENTION-39", gradient.fits, [*USUAL, "square", "one-key"]
)
test_samples_apart = attention.check(
    "SCALEDDOTPRODUCTATTENTION-9", recurrence.samples_apart, [*USUAL, "square"]
)
test_causal = attention.check("SCALEDDOTPRODUCTATTENTION-10", recurrence.causal, ["causal"])

test_contract = contract(attention, USUAL, latest_forward=[*USUAL, "causal"])
