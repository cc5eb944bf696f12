"""Which check decides which requirement of GroupNorm."""

from cnn_conformance.checks import gradient, laws, recurrence
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

groupnorm = Checks("groupnorm")

USUAL = ["images"]
PRECISE = ["huge", "eps"]  # in which no other eps is taken for a lack of digits

test_y = groupnorm.golden("y")
test_dx = groupnorm.golden("dx")
test_dweight = groupnorm.golden("dweight")
test_dbias = groupnorm.golden("dbias")
test_backward_fits_forward = groupnorm.check(
    "GROUPNORM-39", gradient.fits, ["images", "rows", "one-group", "eps"]
)
test_samples_apart = groupnorm.check("GROUPNORM-2", recurrence.samples_apart, ["images", "rows"])
test_dx_sums_to_zero = groupnorm.laws("GROUPNORM-23", laws.dx_sums_to_zero)

test_contract = contract(
    groupnorm,
    USUAL,
    latest_forward=["images", "sequences"],
    float64=PRECISE,
    float32=[*PRECISE, "offset"],
)
