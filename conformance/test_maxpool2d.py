"""Which check decides which requirement of MaxPool2D."""

from cnn_conformance.checks import golden, gradient, hygiene, laws, precision, robustness
from cnn_conformance.checks.registry import Checks

maxpool2d = Checks("maxpool2d")

USUAL = ["tiles"]
STATEFUL = [*USUAL, "tiles-square"]

test_y = maxpool2d.by_case("y", golden.forward)
test_dx = maxpool2d.by_case("dx", golden.dx)
test_backward_fits_forward = maxpool2d.check(
    "MAXPOOL2D-39",
    gradient.fits,
    ["tiles", "overlap", "overlap-square", "padding", "left-over", "everything"],
)

test_plus_constant = maxpool2d.laws("MAXPOOL2D-9", laws.pool_plus_constant)
test_turned_windows = maxpool2d.laws("MAXPOOL2D-10", laws.pool_permuted)
test_batch = maxpool2d.laws("MAXPOOL2D-11", laws.batch)
test_dout_arrives = maxpool2d.laws("MAXPOOL2D-28", laws.pool_keeps_dout)

test_forward_changes_nothing = maxpool2d.check(
    "MAXPOOL2D-42", hygiene.forward_changes_nothing, USUAL
)
test_backward_changes_nothing = maxpool2d.check(
    "MAXPOOL2D-43", hygiene.backward_changes_nothing, STATEFUL
)
test_output_stays = maxpool2d.check("MAXPOOL2D-44", hygiene.output_stays, USUAL)
test_latest_forward = maxpool2d.check("MAXPOOL2D-45", hygiene.latest_forward, STATEFUL)
test_second_backward = maxpool2d.check("MAXPOOL2D-46", hygiene.second_backward, STATEFUL)
test_instances_share_nothing = maxpool2d.check(
    "MAXPOOL2D-47", hygiene.instances_share_nothing, USUAL
)
test_any_memory_order = maxpool2d.check(
    "MAXPOOL2D-48", hygiene.any_memory_order, [*USUAL, "overlap"]
)
test_training_and_grads = maxpool2d.check("MAXPOOL2D-49", hygiene.training_and_grads, USUAL)

test_float64 = maxpool2d.all_cases("MAXPOOL2D-60", precision.float64)
test_float32 = maxpool2d.all_cases("MAXPOOL2D-61", precision.float32)

test_errors = maxpool2d.errors(robustness.raises, golden.forward)
test_error_texts = maxpool2d.errors(robustness.names_what_came, golden.forward, "MAXPOOL2D-74")
