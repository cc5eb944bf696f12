"""Which check decides which requirement of CosineAnnealingLR."""

from cnn_conformance.checks import schedules
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

cosineannealinglr = Checks("cosineannealinglr")

test_first_rate = cosineannealinglr.by_case("first", schedules.first)
test_rates = cosineannealinglr.by_case("rates", schedules.rates)

test_contract = contract(cosineannealinglr, ["six-steps"])
