"""Which check decides which requirement of AvgPool2D."""

from cnn_conformance.checks import golden, gradient, hygiene, laws, precision, robustness
from cnn_conformance.checks.registry import Checks

avgpool2d = Checks("avgpool2d")

USUAL = ["tiles"]
STATEFUL = [*USUAL, "tiles-square"]

test_y = avgpool2d.by_case("y", golden.forward)
test_dx = avgpool2d.by_case("dx", golden.dx)
test_backward_fits_forward = avgpool2d.check(
    "AVGPOOL2D-39",
    gradient.fits,
    ["tiles", "overlap", "padding", "left-over", "everything", "not-counted"],
)

test_plus_constant = avgpool2d.laws("AVGPOOL2D-10", laws.pool_plus_constant)
test_turned_windows = avgpool2d.laws("AVGPOOL2D-11", laws.pool_permuted)
test_batch = avgpool2d.laws("AVGPOOL2D-12", laws.batch)
test_dout_arrives = avgpool2d.laws("AVGPOOL2D-28", laws.pool_keeps_dout)

test_forward_changes_nothing = avgpool2d.check(
    "AVGPOOL2D-42", hygiene.forward_changes_nothing, USUAL
)
test_backward_changes_nothing = avgpool2d.check(
    "AVGPOOL2D-43", hygiene.backward_changes_nothing, STATEFUL
)
test_output_stays = avgpool2d.check("AVGPOOL2D-44", hygiene.output_stays, USUAL)
test_latest_forward = avgpool2d.check("AVGPOOL2D-45", hygiene.latest_forward, STATEFUL)
test_second_backward = avgpool2d.check("AVGPOOL2D-46", hygiene.second_backward, STATEFUL)
test_instances_share_nothing = avgpool2d.check(
    "AVGPOOL2D-47", hygiene.instances_share_nothing, USUAL
)
test_any_memory_order = avgpool2d.check(
    "AVGPOOL2D-48", hygiene.any_memory_order, [*USUAL, "overlap"]
)
test_training_and_grads = avgpool2d.check("AVGPOOL2D-49", hygiene.training_and_grads, USUAL)

test_float64 = avgpool2d.all_cases("AVGPOOL2D-60", precision.float64)
test_float32 = avgpool2d.all_cases("AVGPOOL2D-61", precision.float32)

test_errors = avgpool2d.errors(robustness.raises, golden.forward)
test_error_texts = avgpool2d.errors(robustness.names_what_came, golden.forward, "AVGPOOL2D-74")
