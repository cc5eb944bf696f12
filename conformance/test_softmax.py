"""Which check decides which requirement of Softmax."""

from cnn_conformance.checks import golden, gradient, hygiene, laws, precision, robustness
from cnn_conformance.checks.registry import Checks

softmax = Checks("softmax")

USUAL = ["rows"]  # as a softmax at the end of a network has them
OF_ONE_SIZE = ["rows", "square", "one-sample"]

test_y = softmax.by_case("y", golden.forward)
test_dx = softmax.by_case("dx", golden.dx)
test_backward_fits_forward = softmax.check("SOFTMAX-39", gradient.fits, ["rows", "square"])

test_rows_add_up = softmax.laws("SOFTMAX-5", laws.softmax_rows_sum_to_one)
test_row_constant = softmax.laws("SOFTMAX-6", laws.softmax_row_constant)
test_dx_adds_up = softmax.laws("SOFTMAX-24", laws.softmax_dx_sums_to_zero)

test_forward_changes_nothing = softmax.check("SOFTMAX-42", hygiene.forward_changes_nothing, USUAL)
test_backward_changes_nothing = softmax.check("SOFTMAX-43", hygiene.backward_changes_nothing, USUAL)
test_output_stays = softmax.check("SOFTMAX-44", hygiene.output_stays, USUAL)
test_latest_forward = softmax.check("SOFTMAX-45", hygiene.latest_forward, USUAL)
test_second_backward = softmax.check("SOFTMAX-46", hygiene.second_backward, USUAL)
test_instances_share_nothing = softmax.check("SOFTMAX-47", hygiene.instances_share_nothing, USUAL)
test_any_memory_order = softmax.check("SOFTMAX-48", hygiene.any_memory_order, USUAL)
test_training_and_grads = softmax.check("SOFTMAX-49", hygiene.training_and_grads, USUAL)

test_float64 = softmax.check("SOFTMAX-60", precision.float64, OF_ONE_SIZE)
test_float32 = softmax.check("SOFTMAX-61", precision.float32, OF_ONE_SIZE)

test_errors = softmax.errors(robustness.raises, golden.forward)
test_error_texts = softmax.errors(robustness.names_what_came, golden.forward, "SOFTMAX-74")
