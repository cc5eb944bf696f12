"""Which check decides which requirement of Residual."""

from cnn_conformance.checks import robustness, wrappers
from cnn_conformance.checks.registry import Checks

residual = Checks("residual")

USUAL = ["scale", "output-kept"]

test_y = residual.by_case("y", wrappers.forward)
test_params = residual.check("RESIDUAL-2", wrappers.params, USUAL)
test_params_of_containers = residual.check("RESIDUAL-4", wrappers.params, ["sequential", "nested"])
test_own_arrays = residual.check("RESIDUAL-3", wrappers.own_arrays, ["scale"])
test_dx = residual.by_case("dx", wrappers.backward)
test_grads = residual.by_case("grads", wrappers.grads)
test_training = residual.check("RESIDUAL-41", wrappers.training, ["scale"])
test_changes_nothing = residual.check("RESIDUAL-42", wrappers.changes_nothing, USUAL)
test_instances_share_nothing = residual.check("RESIDUAL-47", wrappers.share_nothing, ["square"])
test_errors = residual.errors(robustness.raises, wrappers.forward)
test_error_texts = residual.errors(robustness.names_what_came, wrappers.forward, "RESIDUAL-74")
