"""Which check decides which requirement of ExponentialLR."""

from cnn_conformance.checks import schedules
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

exponentiallr = Checks("exponentiallr")

test_first_rate = exponentiallr.by_case("first", schedules.first)
test_rates = exponentiallr.by_case("rates", schedules.rates)

test_contract = contract(exponentiallr, ["nine-tenths"])
