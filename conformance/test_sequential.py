"""Which check decides which requirement of Sequential."""

from cnn_conformance.checks import containers
from cnn_conformance.checks.registry import Checks

sequential = Checks("sequential")

USUAL = ["scale-square-scale"]

test_y = sequential.by_case("y", containers.forward)
test_params = sequential.by_case("params", containers.params)
test_own_arrays = sequential.check("SEQUENTIAL-3", containers.own_arrays, USUAL)
test_dx = sequential.by_case("dx", containers.backward)
test_grads = sequential.by_case("grads", containers.grads)

test_layers = sequential.check("SEQUENTIAL-40", containers.layers, USUAL)
test_training = sequential.check("SEQUENTIAL-41", containers.training, USUAL)
test_changes_nothing = sequential.check("SEQUENTIAL-42", containers.changes_nothing, USUAL)
test_again = sequential.check("SEQUENTIAL-45", containers.again, USUAL)
test_instances_share_nothing = sequential.check("SEQUENTIAL-47", containers.share_nothing, USUAL)

test_nested_y = sequential.by_case("nested.y", containers.nested_forward)
test_nested_params = sequential.by_case("nested.params", containers.nested_params)
test_nested_gradients = sequential.by_case("nested.gradients", containers.nested_backward)
test_nested_training = sequential.by_case("nested.training", containers.nested_training)
