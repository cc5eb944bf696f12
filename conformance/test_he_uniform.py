"""Which check decides which requirement of he_uniform."""

from cnn_conformance.checks import initializers
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

he_uniform = Checks("he_uniform")

test_deviation = he_uniform.by_case("deviation", initializers.deviation)
test_distribution = he_uniform.by_case("distribution", initializers.distribution)
test_mean = he_uniform.check("HE_UNIFORM-4", initializers.mean, ["dense"])
test_shape = he_uniform.check("HE_UNIFORM-5", initializers.shape, ["dense", "kernels"])
test_from_the_generator = he_uniform.check(
    "HE_UNIFORM-47", initializers.from_the_generator, ["dense"]
)

test_contract = contract(he_uniform, [])
