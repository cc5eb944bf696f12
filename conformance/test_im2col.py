"""Which check decides which requirement of im2col."""

from cnn_conformance.checks import functions
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

im2col = Checks("im2col")

test_result = im2col.by_case("result", functions.result)
test_adjoint = im2col.laws("IM2COL-9", functions.columns_fit_images)

test_contract = contract(im2col, ["batch", "batch-square"])
