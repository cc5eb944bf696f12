"""Which check decides which requirement of MultiHeadAttention."""

from cnn_conformance.checks import gradient, recurrence
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

attention = Checks("multiheadattention")

USUAL = ["sequences"]

test_y = attention.golden("y")
test_dx = attention.golden("dx")
test_din_proj_weight = attention.golden("din_proj_weight")
test_din_proj_bias = attention.golden("din_proj_bias")
test_dout_proj_weight = attention.golden("dout_proj.weight")
test_dout_proj_bias = attention.golden("dout_proj.bias")
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
