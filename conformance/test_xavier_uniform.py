"""Which check decides which requirement of xavier_uniform."""

from cnn_conformance.checks import initializers
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

xavier_uniform = Checks("xavier_uniform")

test_deviation = xavier_uniform.by_case("deviation", initializers.deviation)
test_distribution = xavier_uniform.by_case("distribution", initializers.distribution)
test_mean = xavier_uniform.check("XAVIER_UNIFORM-4", initializers.mean, ["dense"])
test_shape = xavier_uniform.check("XAVIER_UNIFORM-5", initializers.shape, ["dense", "kernels"])
test_from_the_generator = xavier_uniform.check(
    "XAVIER_UNIFORM-47", initializers.from_the_generator, ["dense"]
)

test_contract = contract(xavier_uniform, [])
