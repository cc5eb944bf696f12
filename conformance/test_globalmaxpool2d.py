"""Which check decides which requirement of GlobalMaxPool2D."""

from cnn_conformance.checks import golden, gradient, hygiene, precision, robustness
from cnn_conformance.checks.registry import Checks

globalmaxpool2d = Checks("globalmaxpool2d")

USUAL = ["images"]

test_y = globalmaxpool2d.by_case("y", golden.forward)
test_dx = globalmaxpool2d.by_case("dx", golden.dx)
test_backward_fits_forward = globalmaxpool2d.check(
    "GLOBALMAXPOOL2D-39", gradient.fits, ["images", "tall", "one-column"]
)

test_forward_changes_nothing = globalmaxpool2d.check(
    "GLOBALMAXPOOL2D-42", hygiene.forward_changes_nothing, USUAL
)
test_backward_changes_nothing = globalmaxpool2d.check(
    "GLOBALMAXPOOL2D-43", hygiene.backward_changes_nothing, USUAL
)
test_output_stays = globalmaxpool2d.check("GLOBALMAXPOOL2D-44", hygiene.output_stays, USUAL)
test_latest_forward = globalmaxpool2d.check(
    "GLOBALMAXPOOL2D-45", hygiene.latest_forward, [*USUAL, "tall"]
)
test_second_backward = globalmaxpool2d.check("GLOBALMAXPOOL2D-46", hygiene.second_backward, USUAL)
test_instances_share_nothing = globalmaxpool2d.check(
    "GLOBALMAXPOOL2D-47", hygiene.instances_share_nothing, USUAL
)
test_any_memory_order = globalmaxpool2d.check("GLOBALMAXPOOL2D-48", hygiene.any_memory_order, USUAL)
test_training_and_grads = globalmaxpool2d.check(
    "GLOBALMAXPOOL2D-49", hygiene.training_and_grads, USUAL
)

test_float64 = globalmaxpool2d.all_cases("GLOBALMAXPOOL2D-60", precision.float64)
test_float32 = globalmaxpool2d.all_cases("GLOBALMAXPOOL2D-61", precision.float32)

test_errors = globalmaxpool2d.errors(robustness.raises, golden.forward)
test_error_texts = globalmaxpool2d.errors(
    robustness.names_what_came, golden.forward, "GLOBALMAXPOOL2D-74"
)
