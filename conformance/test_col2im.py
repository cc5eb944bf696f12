"""Which check decides which requirement of col2im."""

from cnn_conformance.checks import functions
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

col2im = Checks("col2im")

test_result = col2im.by_case("result", functions.result)
test_adjoint = col2im.laws("COL2IM-9", functions.columns_fit_images)

test_contract = contract(col2im, ["batch", "batch-square"])
