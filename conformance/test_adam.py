"""Which check decides which requirement of Adam."""

from cnn_conformance.checks import optimizers, robustness
from cnn_conformance.checks.registry import Checks

adam = Checks("adam")

PRECISE = ["huge-gradients", "eps"]  # in which no other eps is taken for a lack of digits

test_update = adam.by_case("after", optimizers.updates)
test_in_place = adam.check("ADAM-7", optimizers.updates_in_place, ["one-step"])
test_by_key = adam.check("ADAM-8", optimizers.updates_by_key, ["five-steps"])

test_gradients_unchanged = adam.check(
    "ADAM-42", optimizers.gradients_unchanged, ["one-step", "weight-decay"]
)
test_instances_share_nothing = adam.check("ADAM-47", optimizers.share_nothing, ["five-steps"])

test_float64 = adam.check("ADAM-60", optimizers.float64, PRECISE)
test_float32 = adam.check("ADAM-61", optimizers.float32, PRECISE)

test_errors = adam.errors(robustness.raises, optimizers.updates)
test_error_texts = adam.errors(robustness.names_what_came, optimizers.updates, "ADAM-74")
