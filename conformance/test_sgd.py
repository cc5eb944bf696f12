"""Which check decides which requirement of SGD."""

from cnn_conformance.checks import optimizers, other_arguments
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

sgd = Checks("sgd")

test_update = sgd.by_case("after", optimizers.updates)
test_by_key = sgd.check("SGD-4", optimizers.updates_by_key, ["one-step", "another-rate"])
test_in_place = sgd.check("SGD-2", optimizers.updates_in_place, ["one-step", "another-rate"])

test_momentum = sgd.by_case("momentum", optimizers.momentum)
test_momentum_by_key = sgd.check(
    "SGD-85", optimizers.updates_by_key, ["momentum", "nesterov", "momentum-same-shapes"]
)

test_contract = contract(
    sgd,
    ["one-step"],
    instances_share_nothing=["five-steps"],
    own_arguments=["five-steps"],
)

test_gradients_unchanged_by_decay = sgd.check(
    "SGD-52", optimizers.gradients_unchanged, ["weight-decay", "everything", "momentum", "one-step"]
)
test_gradients_not_kept = sgd.by_case("kept", optimizers.gradients_not_kept)
test_instances_share_no_velocity = sgd.check("SGD-57", optimizers.share_nothing, ["momentum"])
test_own_arguments_with_momentum = sgd.check(
    "SGD-57", other_arguments.of_optimizers, ["momentum", "nesterov"]
)
