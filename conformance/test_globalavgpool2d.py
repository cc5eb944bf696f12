"""Which check decides which requirement of GlobalAvgPool2D."""

from cnn_conformance.checks import golden, gradient, hygiene, precision, robustness
from cnn_conformance.checks.registry import Checks

globalavgpool2d = Checks("globalavgpool2d")

USUAL = ["images"]

test_y = globalavgpool2d.by_case("y", golden.forward)
test_dx = globalavgpool2d.by_case("dx", golden.dx)
test_backward_fits_forward = globalavgpool2d.check(
    "GLOBALAVGPOOL2D-39", gradient.fits, ["images", "tall", "one-column"]
)

test_forward_changes_nothing = globalavgpool2d.check(
    "GLOBALAVGPOOL2D-42", hygiene.forward_changes_nothing, USUAL
)
test_backward_changes_nothing = globalavgpool2d.check(
    "GLOBALAVGPOOL2D-43", hygiene.backward_changes_nothing, USUAL
)
test_output_stays = globalavgpool2d.check("GLOBALAVGPOOL2D-44", hygiene.output_stays, USUAL)
test_latest_forward = globalavgpool2d.check(
    "GLOBALAVGPOOL2D-45", hygiene.latest_forward, [*USUAL, "tall"]
)
test_second_backward = globalavgpool2d.check("GLOBALAVGPOOL2D-46", hygiene.second_backward, USUAL)
test_instances_share_nothing = globalavgpool2d.check(
    "GLOBALAVGPOOL2D-47", hygiene.instances_share_nothing, USUAL
)
test_any_memory_order = globalavgpool2d.check("GLOBALAVGPOOL2D-48", hygiene.any_memory_order, USUAL)
test_training_and_grads = globalavgpool2d.check(
    "GLOBALAVGPOOL2D-49", hygiene.training_and_grads, USUAL
)

test_float64 = globalavgpool2d.all_cases("GLOBALAVGPOOL2D-60", precision.float64)
test_float32 = globalavgpool2d.all_cases("GLOBALAVGPOOL2D-61", precision.float32)

test_errors = globalavgpool2d.errors(robustness.raises, golden.forward)
test_error_texts = globalavgpool2d.errors(
    robustness.names_what_came, golden.forward, "GLOBALAVGPOOL2D-74"
)
