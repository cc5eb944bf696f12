"""Which check decides which requirement of clip_grad_norm."""

from cnn_conformance.checks import functions
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

clip_grad_norm = Checks("clip_grad_norm")

test_norm = clip_grad_norm.by_case("result", functions.result)
test_gradients = clip_grad_norm.by_case("after", functions.after)
test_in_place = clip_grad_norm.check("CLIP_GRAD_NORM-7", functions.in_place, ["huge-gradients"])

PRECISE = ["huge-gradients"]  # in which no other number added is taken for a lack of digits

test_contract = contract(
    clip_grad_norm, ["one-array", "several-arrays"], float64=PRECISE, float32=PRECISE
)
