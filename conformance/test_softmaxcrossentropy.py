"""Which check decides which requirement of SoftmaxCrossEntropy."""

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

loss = Checks("softmaxcrossentropy")

USUAL = ["indices", "onehot", "sum-indices"]

test_loss = loss.by_case("loss", golden.forward)
test_dlogits = loss.by_case("dlogits", golden.dprediction)
test_backward_fits_forward = loss.check(
    "SOFTMAXCROSSENTROPY-39", gradient.fits, ["indices", "onehot", "probabilities", "sum-indices"]
)

test_row_constant = loss.laws("SOFTMAXCROSSENTROPY-7", laws.row_constant)
test_rows_sum_to_zero = loss.laws("SOFTMAXCROSSENTROPY-26", laws.rows_sum_to_zero)

test_forward_changes_nothing = loss.check(
    "SOFTMAXCROSSENTROPY-42", hygiene.forward_changes_nothing, USUAL
)
test_backward_changes_nothing = loss.check(
    "SOFTMAXCROSSENTROPY-43", hygiene.backward_changes_nothing, USUAL
)
test_latest_forward = loss.check("SOFTMAXCROSSENTROPY-45", loss_hygiene.latest_forward, USUAL)
test_second_backward = loss.check("SOFTMAXCROSSENTROPY-46", loss_hygiene.second_backward, USUAL)
test_instances_share_nothing = loss.check(
    "SOFTMAXCROSSENTROPY-47", loss_hygiene.share_nothing, USUAL
)
test_any_memory_order = loss.check("SOFTMAXCROSSENTROPY-48", loss_hygiene.any_memory_order, USUAL)

test_float64 = loss.all_cases("SOFTMAXCROSSENTROPY-60", precision.float64)
test_float32 = loss.all_cases("SOFTMAXCROSSENTROPY-61", precision.float32)

test_errors = loss.errors(robustness.raises, golden.forward)
test_error_texts = loss.errors(robustness.names_what_came, golden.forward, "SOFTMAXCROSSENTROPY-74")
