"""Which check decides which requirement of AdamW."""

from cnn_conformance.checks import optimizers
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

adamw = Checks("adamw")

PRECISE = ["huge-gradients", "eps"]  # in which no other eps is taken for a lack of digits

test_update = adamw.by_case("after", optimizers.updates)
test_in_place = adamw.check("ADAMW-7", optimizers.updates_in_place, ["one-step"])
test_by_key = adamw.check("ADAMW-8", optimizers.updates_by_key, ["five-steps", "same-shapes"])

test_contract = contract(
    adamw,
    ["one-step", "weight-decay"],
    instances_share_nothing=["five-steps"],
    own_arguments=["five-steps", "amsgrad"],
    float64=PRECISE,
    float32=PRECISE,
)
