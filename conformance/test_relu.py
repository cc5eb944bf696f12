"""Which check decides which requirement of ReLU."""

from cnn_conformance.checks import golden, gradient, hygiene, precision, robustness
from cnn_conformance.checks.registry import Checks

relu = Checks("relu")

USUAL = ["images"]

test_y = relu.by_case("y", golden.forward)
test_dx = relu.by_case("dx", golden.dx)
test_backward_fits_forward = relu.check("RELU-39", gradient.fits, ["images", "rows"])

test_forward_changes_nothing = relu.check("RELU-42", hygiene.forward_changes_nothing, USUAL)
test_backward_changes_nothing = relu.check("RELU-43", hygiene.backward_changes_nothing, USUAL)
test_output_stays = relu.check("RELU-44", hygiene.output_stays, USUAL)
test_latest_forward = relu.check("RELU-45", hygiene.latest_forward, [*USUAL, "rows"])
test_second_backward = relu.check("RELU-46", hygiene.second_backward, USUAL)
test_instances_share_nothing = relu.check("RELU-47", hygiene.instances_share_nothing, USUAL)
test_any_memory_order = relu.check("RELU-48", hygiene.any_memory_order, USUAL)
test_training_and_grads = relu.check("RELU-49", hygiene.training_and_grads, USUAL)

test_float64 = relu.all_cases("RELU-60", precision.float64)
test_float32 = relu.all_cases("RELU-61", precision.float32)

test_errors = relu.errors(robustness.raises, golden.forward)
test_error_texts = relu.errors(robustness.names_what_came, golden.forward, "RELU-74")
