"""Which check decides which requirement of Sigmoid."""

from cnn_conformance.checks import golden, gradient, hygiene, precision, robustness
from cnn_conformance.checks.registry import Checks

sigmoid = Checks("sigmoid")

USUAL = ["images"]

test_y = sigmoid.by_case("y", golden.forward)
test_dx = sigmoid.by_case("dx", golden.dx)
test_backward_fits_forward = sigmoid.check("SIGMOID-39", gradient.fits, ["images", "rows", "wide"])

test_forward_changes_nothing = sigmoid.check("SIGMOID-42", hygiene.forward_changes_nothing, USUAL)
test_backward_changes_nothing = sigmoid.check("SIGMOID-43", hygiene.backward_changes_nothing, USUAL)
test_output_stays = sigmoid.check("SIGMOID-44", hygiene.output_stays, USUAL)
test_latest_forward = sigmoid.check("SIGMOID-45", hygiene.latest_forward, [*USUAL, "rows"])
test_second_backward = sigmoid.check("SIGMOID-46", hygiene.second_backward, USUAL)
test_instances_share_nothing = sigmoid.check("SIGMOID-47", hygiene.instances_share_nothing, USUAL)
test_any_memory_order = sigmoid.check("SIGMOID-48", hygiene.any_memory_order, USUAL)
test_training_and_grads = sigmoid.check("SIGMOID-49", hygiene.training_and_grads, USUAL)

test_float64 = sigmoid.all_cases("SIGMOID-60", precision.float64)
test_float32 = sigmoid.all_cases("SIGMOID-61", precision.float32)

test_errors = sigmoid.errors(robustness.raises, golden.forward)
test_error_texts = sigmoid.errors(robustness.names_what_came, golden.forward, "SIGMOID-74")
