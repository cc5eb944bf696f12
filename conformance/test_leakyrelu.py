"""Which check decides which requirement of LeakyReLU."""

from cnn_conformance.checks import golden, gradient, hygiene, precision, robustness
from cnn_conformance.checks.registry import Checks

leakyrelu = Checks("leakyrelu")

USUAL = ["images"]

test_y = leakyrelu.by_case("y", golden.forward)
test_dx = leakyrelu.by_case("dx", golden.dx)
test_backward_fits_forward = leakyrelu.check(
    "LEAKYRELU-39", gradient.fits, ["images", "rows", "slope"]
)

test_forward_changes_nothing = leakyrelu.check(
    "LEAKYRELU-42", hygiene.forward_changes_nothing, USUAL
)
test_backward_changes_nothing = leakyrelu.check(
    "LEAKYRELU-43", hygiene.backward_changes_nothing, USUAL
)
test_output_stays = leakyrelu.check("LEAKYRELU-44", hygiene.output_stays, USUAL)
test_latest_forward = leakyrelu.check("LEAKYRELU-45", hygiene.latest_forward, [*USUAL, "rows"])
test_second_backward = leakyrelu.check("LEAKYRELU-46", hygiene.second_backward, USUAL)
test_instances_share_nothing = leakyrelu.check(
    "LEAKYRELU-47", hygiene.instances_share_nothing, USUAL
)
test_any_memory_order = leakyrelu.check("LEAKYRELU-48", hygiene.any_memory_order, USUAL)
test_training_and_grads = leakyrelu.check("LEAKYRELU-49", hygiene.training_and_grads, USUAL)

test_float64 = leakyrelu.all_cases("LEAKYRELU-60", precision.float64)
test_float32 = leakyrelu.all_cases("LEAKYRELU-61", precision.float32)

test_errors = leakyrelu.errors(robustness.raises, golden.forward)
test_error_texts = leakyrelu.errors(robustness.names_what_came, golden.forward, "LEAKYRELU-74")
