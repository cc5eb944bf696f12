"""Which check decides which requirement of a whole network."""

from cnn_conformance.checks import networks
from cnn_conformance.checks.registry import Checks

network = Checks("network")

test_losses = network.by_case("steps.loss", networks.losses)
test_parameters = network.by_case("after", networks.parameters)
test_fit = network.by_case("epochs", networks.fit)
test_gradients = network.by_case("gradients", networks.gradients)
test_evaluation = network.by_case("evaluation", networks.evaluation)
test_gradients_of_survivors = network.by_case("survivors", networks.gradients_of_survivors)
test_gradients_in_evaluation = network.by_case(
    "evaluation.gradients", networks.gradients_in_evaluation
)
