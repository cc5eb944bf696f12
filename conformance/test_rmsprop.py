"""Which check decides which requirement of RMSprop."""

from cnn_conformance.checks import optimizers, robustness
from cnn_conformance.checks.registry import Checks

rmsprop = Checks("rmsprop")

PRECISE = ["huge-gradients", "eps"]  # in which no other eps is taken for a lack of digits

test_update = rmsprop.by_case("after", optimizers.updates)
test_in_place = rmsprop.check("RMSPROP-7", optimizers.updates_in_place, ["one-step"])
test_by_key = rmsprop.check("RMSPROP-8", optimizers.updates_by_key, ["five-steps"])

test_gradients_unchanged = rmsprop.check(
    "RMSPROP-42", optimizers.gradients_unchanged, ["one-step", "weight-decay"]
)
test_instances_share_nothing = rmsprop.check("RMSPROP-47", optimizers.share_nothing, ["five-steps"])

test_float64 = rmsprop.check("RMSPROP-60", optimizers.float64, PRECISE)
test_float32 = rmsprop.check("RMSPROP-61", optimizers.float32, PRECISE)

test_errors = rmsprop.errors(robustness.raises, optimizers.updates)
test_error_texts = rmsprop.errors(robustness.names_what_came, optimizers.updates, "RMSPROP-74")
