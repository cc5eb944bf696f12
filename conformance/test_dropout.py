"""Which check decides which requirement of Dropout."""

from cnn_conformance.checks import dropout as checks
from cnn_conformance.checks import gradient, hygiene, options, precision, robustness
from cnn_conformance.checks.registry import Checks

dropout = Checks("dropout")

USUAL = ["images"]
EVALUATION = ["evaluation", "evaluation-rows"]
RATES = ["images", "rows", "many-dropped"]

test_kept = dropout.by_case("kept", checks.kept)
test_mask = dropout.by_case("mask", checks.same_mask)
test_zeros = dropout.by_case("zeros", checks.gradient_at_zeros)
test_y = dropout.golden("y")
test_dx = dropout.golden("dx")
test_any_dout = dropout.check("DROPOUT-21", gradient.any_dout, EVALUATION, options.BACKWARD)
test_share = dropout.check("DROPOUT-2", checks.share, [*RATES, "default"])
test_independent = dropout.check("DROPOUT-3", checks.independent, RATES)
test_anew = dropout.check("DROPOUT-4", checks.anew, USUAL)
test_anew_with_a_seed = dropout.check("DROPOUT-4", checks.anew_with_a_seed, USUAL, options.RNG)
test_anew_after_evaluation = dropout.check("DROPOUT-4", checks.anew_after_evaluation, USUAL)
test_rng = dropout.check("DROPOUT-8", checks.rng_decides, USUAL, options.RNG)

test_forward_changes_nothing = dropout.check("DROPOUT-42", hygiene.forward_changes_nothing, USUAL)
test_backward_changes_nothing = dropout.check("DROPOUT-43", hygiene.backward_changes_nothing, USUAL)
test_output_stays = dropout.check("DROPOUT-44", hygiene.output_stays, [*USUAL, "evaluation"])
test_latest_forward = dropout.check("DROPOUT-45", checks.latest_forward, USUAL)
test_mode_of_forward = dropout.check("DROPOUT-45", checks.mode_of_forward, USUAL, options.BACKWARD)
test_evaluation_after_training = dropout.check(
    "DROPOUT-45", hygiene.evaluation_after_training, ["evaluation"], options.BACKWARD
)
test_second_backward = dropout.check("DROPOUT-46", checks.second_backward, USUAL)
test_instances_share_nothing = dropout.check("DROPOUT-47", checks.instances_share_nothing, USUAL)
test_own_rate = dropout.check("DROPOUT-47", checks.own_rate, USUAL)
test_own_generator = dropout.check("DROPOUT-47", checks.own_generator, USUAL, options.RNG)
test_any_memory_order = dropout.check("DROPOUT-48", checks.any_memory_order, USUAL)
test_training_and_grads = dropout.check("DROPOUT-49", hygiene.training_and_grads, USUAL)

test_float64 = dropout.check("DROPOUT-60", checks.float64, RATES)
test_float32 = dropout.check("DROPOUT-61", checks.float32, RATES, options.FLOAT32)
test_float64_in_evaluation = dropout.check("DROPOUT-60", precision.float64, EVALUATION)
test_float32_in_evaluation = dropout.check(
    "DROPOUT-61", precision.float32, EVALUATION, options.FLOAT32
)

test_errors = dropout.errors(robustness.raises, checks.kept)
test_error_texts = dropout.errors(robustness.names_what_came, checks.kept, "DROPOUT-74")
