"""Which check decides which requirement of LogSoftmax."""

from cnn_conformance.checks import gradient, laws
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

logsoftmax = Checks("logsoftmax")

USUAL = ["rows"]  # as a logsoftmax at the end of a network has them
OF_ONE_SIZE = ["rows", "square", "one-sample"]

test_y = logsoftmax.golden("y")
test_dx = logsoftmax.golden("dx")
test_backward_fits_forward = logsoftmax.check("LOGSOFTMAX-39", gradient.fits, ["rows", "square"])

test_row_constant = logsoftmax.laws("LOGSOFTMAX-6", laws.softmax_row_constant)
test_dx_adds_up = logsoftmax.laws("LOGSOFTMAX-24", laws.dx_sums_to_zero)

test_contract = contract(logsoftmax, USUAL, float64=OF_ONE_SIZE, float32=OF_ONE_SIZE)
