"""Which check decides which requirement of Softmax."""

from cnn_conformance.checks import gradient, laws
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

softmax = Checks("softmax")

USUAL = ["rows"]  # as a softmax at the end of a network has them
OF_ONE_SIZE = ["rows", "square", "one-sample"]

test_y = softmax.golden("y")
test_dx = softmax.golden("dx")
test_backward_fits_forward = softmax.check("SOFTMAX-39", gradient.fits, ["rows", "square"])

test_rows_add_up = softmax.laws("SOFTMAX-5", laws.softmax_rows_sum_to_one)
test_row_constant = softmax.laws("SOFTMAX-6", laws.softmax_row_constant)
test_dx_adds_up = softmax.laws("SOFTMAX-24", laws.dx_sums_to_zero)

test_contract = contract(softmax, USUAL, float64=OF_ONE_SIZE, float32=OF_ONE_SIZE)
