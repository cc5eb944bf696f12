"""Which check decides which requirement of BatchNorm2D."""

from cnn_conformance.checks import (
    buffers,
    gradient,
    hygiene,
    laws,
    options,
    other_arguments,
)
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

batchnorm2d = Checks("batchnorm2d")

USUAL, EVALUATION = ["images"], ["evaluation"]
PRECISE = ["huge", "eps"]  # in which no other eps is taken for a lack of digits

test_y = batchnorm2d.golden("y")
test_dx = batchnorm2d.golden("dx")
test_dweight = batchnorm2d.golden("dweight")
test_dbias = batchnorm2d.golden("dbias")
test_backward_fits_forward = batchnorm2d.check(
    "BATCHNORM2D-39", gradient.fits, ["images", "one-sample", "eps"]
) + batchnorm2d.check("BATCHNORM2D-39", gradient.fits, EVALUATION, options.BACKWARD)

test_running_mean = batchnorm2d.by_case("running_mean", buffers.running_mean)
test_running_var = batchnorm2d.by_case("running_var", buffers.running_var)
test_unbiased = batchnorm2d.by_case("unbiased", buffers.unbiased)
test_evaluated = batchnorm2d.by_case("evaluated", buffers.evaluated)
test_only_training_changes = batchnorm2d.check(
    "BATCHNORM2D-10", buffers.only_training_changes, ["images", "evaluation"]
)
test_normalized = batchnorm2d.laws("BATCHNORM2D-11", laws.normalized)

test_contract = contract(
    batchnorm2d,
    USUAL,
    float64=[*PRECISE, "evaluation-eps"],
    float32=[*PRECISE, "offset"],
)
test_instances_share_nothing_in_evaluation = batchnorm2d.check(
    "BATCHNORM2D-47", hygiene.instances_share_nothing, EVALUATION, options.BACKWARD
)
test_own_arguments_in_evaluation = batchnorm2d.check(
    "BATCHNORM2D-47", other_arguments.of_layers, EVALUATION, options.BACKWARD
)
test_mode_of_forward = batchnorm2d.check(
    "BATCHNORM2D-45", hygiene.mode_of_forward, USUAL, options.BACKWARD
)
test_evaluation_after_training = batchnorm2d.check(
    "BATCHNORM2D-45", hygiene.evaluation_after_training, EVALUATION, options.BACKWARD
)
test_training_after_evaluation = batchnorm2d.check(
    "BATCHNORM2D-45", hygiene.training_after_evaluation, USUAL
)
