"""Which check decides which requirement of BatchNorm2D."""

from cnn_conformance.checks import buffers, golden, gradient, hygiene, precision, robustness
from cnn_conformance.checks.registry import Checks

batchnorm2d = Checks("batchnorm2d")

USUAL = ["images"]
PRECISE = ["huge", "eps"]  # in which no other eps is taken for a lack of digits

test_y = batchnorm2d.by_case("y", golden.forward)
test_dx = batchnorm2d.by_case("dx", golden.dx)
test_dweight = batchnorm2d.by_case("dweight", golden.dweight)
test_dbias = batchnorm2d.by_case("dbias", golden.dbias)
test_backward_fits_forward = batchnorm2d.check(
    "BATCHNORM2D-39", gradient.fits, ["images", "one-sample", "eps", "evaluation"]
)

test_running_mean = batchnorm2d.by_case("running_mean", buffers.running_mean)
test_running_var = batchnorm2d.by_case("running_var", buffers.running_var)
test_unbiased = batchnorm2d.by_case("unbiased", buffers.unbiased)
test_evaluated = batchnorm2d.by_case("evaluated", buffers.evaluated)
test_only_training_changes = batchnorm2d.check(
    "BATCHNORM2D-10", buffers.only_training_changes, ["images", "evaluation"]
)

test_initial_state = batchnorm2d.check("BATCHNORM2D-40", buffers.initial_state, USUAL)
test_set_parameters_are_used = batchnorm2d.check(
    "BATCHNORM2D-41", hygiene.set_parameters_are_used, USUAL
)
test_forward_changes_nothing = batchnorm2d.check(
    "BATCHNORM2D-42", hygiene.forward_changes_nothing, USUAL
)
test_backward_changes_nothing = batchnorm2d.check(
    "BATCHNORM2D-43", hygiene.backward_changes_nothing, USUAL
)
test_output_stays = batchnorm2d.check("BATCHNORM2D-44", hygiene.output_stays, USUAL)
test_latest_forward = batchnorm2d.check("BATCHNORM2D-45", hygiene.latest_forward, USUAL)
test_mode_of_forward = batchnorm2d.check("BATCHNORM2D-45", hygiene.mode_of_forward, USUAL)
test_evaluation_after_training = batchnorm2d.check(
    "BATCHNORM2D-45", hygiene.evaluation_after_training, ["evaluation"]
)
test_second_backward = batchnorm2d.check("BATCHNORM2D-46", hygiene.second_backward, USUAL)
test_instances_share_nothing = batchnorm2d.check(
    "BATCHNORM2D-47", hygiene.instances_share_nothing, [*USUAL, "evaluation"]
)
test_any_memory_order = batchnorm2d.check("BATCHNORM2D-48", hygiene.any_memory_order, USUAL)
test_training_and_grads = batchnorm2d.check("BATCHNORM2D-49", hygiene.training_and_grads, USUAL)

test_float64 = batchnorm2d.check("BATCHNORM2D-60", precision.float64, [*PRECISE, "evaluation-eps"])
test_float32 = batchnorm2d.check("BATCHNORM2D-61", precision.float32, PRECISE)

test_errors = batchnorm2d.errors(robustness.raises, golden.forward)
test_error_texts = batchnorm2d.errors(robustness.names_what_came, golden.forward, "BATCHNORM2D-74")
