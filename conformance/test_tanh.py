"""Which check decides which requirement of Tanh."""

from cnn_conformance.checks import golden, gradient, hygiene, precision, robustness
from cnn_conformance.checks.registry import Checks

tanh = Checks("tanh")

USUAL = ["images"]

test_y = tanh.by_case("y", golden.forward)
test_dx = tanh.by_case("dx", golden.dx)
test_backward_fits_forward = tanh.check("TANH-39", gradient.fits, ["images", "rows", "wide"])

test_forward_changes_nothing = tanh.check("TANH-42", hygiene.forward_changes_nothing, USUAL)
test_backward_changes_nothing = tanh.check("TANH-43", hygiene.backward_changes_nothing, USUAL)
test_output_stays = tanh.check("TANH-44", hygiene.output_stays, USUAL)
test_latest_forward = tanh.check("TANH-45", hygiene.latest_forward, [*USUAL, "rows"])
test_second_backward = tanh.check("TANH-46", hygiene.second_backward, USUAL)
test_instances_share_nothing = tanh.check("TANH-47", hygiene.instances_share_nothing, USUAL)
test_any_memory_order = tanh.check("TANH-48", hygiene.any_memory_order, USUAL)
test_training_and_grads = tanh.check("TANH-49", hygiene.training_and_grads, USUAL)

test_float64 = tanh.all_cases("TANH-60", precision.float64)
test_float32 = tanh.all_cases("TANH-61", precision.float32)

test_errors = tanh.errors(robustness.raises, golden.forward)
test_error_texts = tanh.errors(robustness.names_what_came, golden.forward, "TANH-74")
