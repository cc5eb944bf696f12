"""Which check decides which requirement of Residual."""

from cnn_conformance.checks import residuals, robustness
from cnn_conformance.checks.registry import Checks

residual = Checks("residual")

USUAL = ["scale", "output-kept"]

test_y = residual.by_case("y", residuals.forward)
test_params = residual.check("RESIDUAL-2", residuals.params, USUAL)
test_params_of_containers = residual.check("RESIDUAL-4", residuals.params, ["sequential", "nested"])
test_own_arrays = residual.check("RESIDUAL-3", residuals.own_arrays, ["scale"])
test_dx = residual.by_case("dx", residuals.backward)
test_grads = residual.by_case("grads", residuals.grads)
test_training = residual.check("RESIDUAL-41", residuals.training, ["scale"])
test_changes_nothing = residual.check("RESIDUAL-42", residuals.changes_nothing, USUAL)
test_instances_share_nothing = residual.check("RESIDUAL-47", residuals.share_nothing, ["square"])
test_errors = residual.errors(robustness.raises, residuals.forward)
test_error_texts = residual.errors(robustness.names_what_came, residuals.forward, "RESIDUAL-74")
