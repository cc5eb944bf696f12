"""Which check decides which requirement of SGD."""

from cnn_conformance.checks import optimizers, robustness
from cnn_conformance.checks.registry import Checks

sgd = Checks("sgd")

test_update = sgd.by_case("after", optimizers.updates)
test_by_key = sgd.check("SGD-4", optimizers.updates_by_key, ["one-step", "another-rate"])
test_in_place = sgd.check("SGD-2", optimizers.updates_in_place, ["one-step", "another-rate"])

test_momentum = sgd.by_case("momentum", optimizers.momentum)
test_momentum_by_key = sgd.check("SGD-85", optimizers.updates_by_key, ["momentum", "nesterov"])

test_gradients_unchanged = sgd.check("SGD-42", optimizers.gradients_unchanged, ["one-step"])
test_instances_share_nothing = sgd.check("SGD-47", optimizers.share_nothing, ["five-steps"])

test_gradients_unchanged_by_decay = sgd.check(
    "SGD-52", optimizers.gradients_unchanged, ["weight-decay", "everything"]
)
test_instances_share_no_velocity = sgd.check("SGD-57", optimizers.share_nothing, ["momentum"])

test_float64 = sgd.all_cases("SGD-60", optimizers.float64)
test_float32 = sgd.all_cases("SGD-61", optimizers.float32)

test_float64_extended = sgd.all_cases("SGD-62", optimizers.float64)
test_float32_extended = sgd.all_cases("SGD-63", optimizers.float32)

test_errors = sgd.errors(robustness.raises, optimizers.updates)
test_error_texts = sgd.errors(robustness.names_what_came, optimizers.updates, "SGD-74")
