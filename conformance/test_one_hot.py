"""Which check decides which requirement of one_hot."""

from cnn_conformance.checks import functions
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

one_hot = Checks("one_hot")

test_rows = one_hot.by_case("result", functions.result)

test_contract = contract(one_hot, ["labels", "last-classes-absent"])
