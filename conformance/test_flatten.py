"""Which check decides which requirement of Flatten."""

from cnn_conformance.checks import golden, gradient, hygiene, laws, precision, robustness
from cnn_conformance.checks.registry import Checks

flatten = Checks("flatten")

USUAL = ["images"]

test_y = flatten.by_case("y", golden.forward)
test_dx = flatten.by_case("dx", golden.dx)
test_backward_fits_forward = flatten.check(
    "FLATTEN-39", gradient.fits, ["images", "three-dimensions"]
)

test_round_trip = flatten.laws("FLATTEN-22", laws.round_trip)

test_forward_changes_nothing = flatten.check("FLATTEN-42", hygiene.forward_changes_nothing, USUAL)
test_backward_changes_nothing = flatten.check("FLATTEN-43", hygiene.backward_changes_nothing, USUAL)
test_output_stays = flatten.check("FLATTEN-44", hygiene.output_stays, USUAL)
test_latest_forward = flatten.check("FLATTEN-45", hygiene.latest_forward, USUAL)
test_second_backward = flatten.check("FLATTEN-46", hygiene.second_backward, USUAL)
test_instances_share_nothing = flatten.check("FLATTEN-47", hygiene.instances_share_nothing, USUAL)
test_any_memory_order = flatten.check("FLATTEN-48", hygiene.any_memory_order, USUAL)
test_training_and_grads = flatten.check("FLATTEN-49", hygiene.training_and_grads, USUAL)

test_float64 = flatten.all_cases("FLATTEN-60", precision.float64)
test_float32 = flatten.all_cases("FLATTEN-61", precision.float32)

test_errors = flatten.errors(robustness.raises, golden.forward)
test_error_texts = flatten.errors(robustness.names_what_came, golden.forward, "FLATTEN-74")
