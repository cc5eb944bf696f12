"""Which check decides which requirement of ELU."""

from cnn_conformance.checks import golden, gradient, hygiene, precision, robustness
from cnn_conformance.checks.registry import Checks

elu = Checks("elu")

USUAL = ["images"]

test_y = elu.by_case("y", golden.forward)
test_dx = elu.by_case("dx", golden.dx)
test_backward_fits_forward = elu.check("ELU-39", gradient.fits, ["images", "rows", "alpha"])

test_forward_changes_nothing = elu.check("ELU-42", hygiene.forward_changes_nothing, USUAL)
test_backward_changes_nothing = elu.check("ELU-43", hygiene.backward_changes_nothing, USUAL)
test_output_stays = elu.check("ELU-44", hygiene.output_stays, USUAL)
test_latest_forward = elu.check("ELU-45", hygiene.latest_forward, [*USUAL, "rows"])
test_second_backward = elu.check("ELU-46", hygiene.second_backward, USUAL)
test_instances_share_nothing = elu.check("ELU-47", hygiene.instances_share_nothing, USUAL)
test_any_memory_order = elu.check("ELU-48", hygiene.any_memory_order, USUAL)
test_training_and_grads = elu.check("ELU-49", hygiene.training_and_grads, USUAL)

test_float64 = elu.all_cases("ELU-60", precision.float64)
test_float32 = elu.all_cases("ELU-61", precision.float32)

test_errors = elu.errors(robustness.raises, golden.forward)
test_error_texts = elu.errors(robustness.names_what_came, golden.forward, "ELU-74")
