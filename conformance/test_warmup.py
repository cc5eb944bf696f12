"""Which check decides which requirement of WarmUp."""

from cnn_conformance.checks import schedules
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

warmup = Checks("warmup")

test_first_rate = warmup.by_case("first", schedules.first)
test_rates = warmup.by_case("rates", schedules.rates)

test_contract = contract(warmup, ["four-steps"])
