"""Which check decides which requirement of accuracy."""

from cnn_conformance.checks import functions
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

accuracy = Checks("accuracy")

test_fraction = accuracy.by_case("result", functions.result)

test_contract = contract(accuracy, ["labels"])
