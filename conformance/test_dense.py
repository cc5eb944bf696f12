"""Which check decides which requirement of Dense."""

from cnn_conformance.checks import gradient, laws
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

dense = Checks("dense")

USUAL = ["no-bias", "bias"]

test_y = dense.golden("y")
test_dx = dense.golden("dx")
test_dweight = dense.golden("dweight")
test_dbias = dense.golden("dbias")
test_backward_fits_forward = dense.check(
    "DENSE-39", gradient.fits, ["no-bias", "one-sample", "bias", "wide"]
)

test_linear = dense.laws("DENSE-4", laws.linear)
test_batch = dense.laws("DENSE-5", laws.batch)
test_adjoint = dense.laws("DENSE-24", laws.adjoint)

test_contract = contract(dense, USUAL, without_bias=["no-bias"])
