"""Which check decides which requirement of LayerNorm."""

from cnn_conformance.checks import gradient, laws, recurrence
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

layernorm = Checks("layernorm")

USUAL = ["rows"]
PRECISE = ["huge", "eps"]  # in which no other eps is taken for a lack of digits

test_y = layernorm.golden("y")
test_dx = layernorm.golden("dx")
test_dweight = layernorm.golden("dweight")
test_dbias = layernorm.golden("dbias")
test_backward_fits_forward = layernorm.check(
    "LAYERNORM-39", gradient.fits, ["rows", "sequences", "several-axes", "eps"]
)
test_samples_apart = layernorm.check(
    "LAYERNORM-2", recurrence.samples_apart, ["rows", "square", "sequences"]
)
test_dx_sums_to_zero = layernorm.laws("LAYERNORM-23", laws.dx_sums_to_zero)

test_contract = contract(
    layernorm,
    USUAL,
    latest_forward=["rows", "sequences"],
    float64=PRECISE,
    float32=[*PRECISE, "offset"],
)
