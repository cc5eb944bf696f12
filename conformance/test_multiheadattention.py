"""Which check decides which requirement of MultiHeadAttention."""

from cnn_conformance.checks import golden, gradient, recurrence
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

attention = Checks("multiheadattention")

USUAL = ["sequences"]

test_y = attention.by_case("y", golden.forward)
test_dx = attention.by_case("dx", golden.dx)
test_din_proj_weight = attention.by_case("din_proj_weight", golden.din_proj_weight)
test_din_proj_bias = attention.by_case("din_proj_bias", golden.din_proj_bias)
test_dout_proj_weight = attention.by_case("dout_proj.weight", golden.dout_proj_weight)
test_dout_proj_bias = attention.by_case("dout_proj.bias", golden.dout_proj_bias)
test_backward_fits_forward = attention.check(
    "MULTIHEADATTENTION-39", gradient.fits, [*USUAL, "square", "one-step"]
)
test_causal = attention.check("MULTIHEADATTENTION-7", recurrence.causal, ["causal"])
test_samples_apart = attention.check(
    "MULTIHEADATTENTION-8", recurrence.samples_apart, [*USUAL, "square"]
)

test_contract = contract(
    attention, USUAL, latest_forward=[*USUAL, "causal"], without_bias=["no-bias"]
)
