"""Which check decides which requirement of StepLR."""

from cnn_conformance.checks import schedules
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

steplr = Checks("steplr")

test_first_rate = steplr.by_case("first", schedules.first)
test_rates = steplr.by_case("rates", schedules.rates)

test_contract = contract(steplr, ["every-three"])
