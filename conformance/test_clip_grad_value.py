"""Which check decides which requirement of clip_grad_value."""

from cnn_conformance.checks import functions
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

clip_grad_value = Checks("clip_grad_value")

test_gradients = clip_grad_value.by_case("after", functions.after)
test_in_place = clip_grad_value.check("CLIP_GRAD_VALUE-7", functions.in_place, ["large-gradients"])

test_contract = contract(clip_grad_value, ["one-array", "several-arrays"])
