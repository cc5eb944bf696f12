"""Which check decides which requirement of numerical_gradient."""

from cnn_conformance.checks import differences, functions
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

numerical_gradient = Checks("numerical_gradient")

test_differences = numerical_gradient.by_case("result", functions.result)
test_float32_steps = numerical_gradient.check(
    "NUMERICAL_GRADIENT-61", differences.steps_in_float64, ["small-step"]
)

test_contract = contract(numerical_gradient, ["large-step", "matrix"], float32=[])
