"""Which check decides which requirement of BatchNorm1D."""

from cnn_conformance.checks import buffers, gradient, hygiene, options, other_arguments
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

batchnorm1d = Checks("batchnorm1d")

USUAL, EVALUATION = ["rows"], ["evaluation"]
PRECISE = ["huge", "eps"]  # in which no other eps is taken for a lack of digits

test_y = batchnorm1d.golden("y")
test_dx = batchnorm1d.golden("dx")
test_dweight = batchnorm1d.golden("dweight")
test_dbias = batchnorm1d.golden("dbias")
test_backward_fits_forward = batchnorm1d.check(
    "BATCHNORM1D-39", gradient.fits, ["rows", "sequences", "eps"]
) + batchnorm1d.check("BATCHNORM1D-39", gradient.fits, EVALUATION, options.BACKWARD)

test_running_mean = batchnorm1d.by_case("running_mean", buffers.running_mean)
test_running_var = batchnorm1d.by_case("running_var", buffers.running_var)
test_unbiased = batchnorm1d.by_case("unbiased", buffers.unbiased)
test_evaluated = batchnorm1d.by_case("evaluated", buffers.evaluated)
test_only_training_changes = batchnorm1d.check(
    "BATCHNORM1D-10", buffers.only_training_changes, ["rows", "evaluation"]
)

test_contract = contract(
    batchnorm1d,
    USUAL,
    latest_forward=["rows", "sequences"],
    float64=[*PRECISE, "evaluation-eps"],
    float32=[*PRECISE, "offset"],
)
test_instances_share_nothing_in_evaluation = batchnorm1d.check(
    "BATCHNORM1D-47", hygiene.instances_share_nothing, EVALUATION, options.BACKWARD
)
test_own_arguments_in_evaluation = batchnorm1d.check(
    "BATCHNORM1D-47", other_arguments.of_layers, EVALUATION, options.BACKWARD
)
test_mode_of_forward = batchnorm1d.check(
    "BATCHNORM1D-45", hygiene.mode_of_forward, USUAL, options.BACKWARD
)
test_evaluation_after_training = batchnorm1d.check(
    "BATCHNORM1D-45", hygiene.evaluation_after_training, EVALUATION, options.BACKWARD
)
test_training_after_evaluation = batchnorm1d.check(
    "BATCHNORM1D-45", hygiene.training_after_evaluation, USUAL
)
