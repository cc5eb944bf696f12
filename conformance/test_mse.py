"""Which check decides which requirement of MSE."""

from cnn_conformance.checks import (
    golden,
    gradient,
    hygiene,
    laws,
    loss_hygiene,
    precision,
    robustness,
)
from cnn_conformance.checks.registry import Checks

mse = Checks("mse")

USUAL = ["rows"]

test_loss = mse.by_case("loss", golden.forward)
test_dpred = mse.by_case("dpred", golden.dprediction)
test_backward_fits_forward = mse.check("MSE-39", gradient.fits, ["rows", "sum", "images"])

test_symmetric = mse.laws("MSE-4", laws.symmetric)
test_antisymmetric = mse.laws("MSE-23", laws.antisymmetric)

test_forward_changes_nothing = mse.check("MSE-42", hygiene.forward_changes_nothing, USUAL)
test_backward_changes_nothing = mse.check("MSE-43", hygiene.backward_changes_nothing, USUAL)
test_latest_forward = mse.check("MSE-45", loss_hygiene.latest_forward, USUAL)
test_second_backward = mse.check("MSE-46", loss_hygiene.second_backward, USUAL)
test_instances_share_nothing = mse.check("MSE-47", loss_hygiene.share_nothing, USUAL)
test_any_memory_order = mse.check("MSE-48", loss_hygiene.any_memory_order, USUAL)

test_float64 = mse.all_cases("MSE-60", precision.float64)
test_float32 = mse.all_cases("MSE-61", precision.float32)

test_errors = mse.errors(robustness.raises, golden.forward)
test_error_texts = mse.errors(robustness.names_what_came, golden.forward, "MSE-74")
