"""Which check decides which requirement of he_normal."""

from cnn_conformance.checks import initializers
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

he_normal = Checks("he_normal")

test_deviation = he_normal.by_case("deviation", initializers.deviation)
test_distribution = he_normal.by_case("distribution", initializers.distribution)
test_mean = he_normal.check("HE_NORMAL-4", initializers.mean, ["dense"])
test_shape = he_normal.check("HE_NORMAL-5", initializers.shape, ["dense", "kernels"])
test_from_the_generator = he_normal.check(
    "HE_NORMAL-47", initializers.from_the_generator, ["dense"]
)

test_contract = contract(he_normal, [])
