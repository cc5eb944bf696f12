"""Which check decides which requirement of xavier_normal."""

from cnn_conformance.checks import initializers
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

xavier_normal = Checks("xavier_normal")

test_deviation = xavier_normal.by_case("deviation", initializers.deviation)
test_distribution = xavier_normal.by_case("distribution", initializers.distribution)
test_mean = xavier_normal.check("XAVIER_NORMAL-4", initializers.mean, ["dense"])
test_shape = xavier_normal.check("XAVIER_NORMAL-5", initializers.shape, ["dense", "kernels"])
test_from_the_generator = xavier_normal.check(
    "XAVIER_NORMAL-47", initializers.from_the_generator, ["dense"]
)

test_contract = contract(xavier_normal, [])
