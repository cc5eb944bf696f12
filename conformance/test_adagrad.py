"""Which check decides which requirement of AdaGrad."""

from cnn_conformance.checks import optimizers, robustness
from cnn_conformance.checks.registry import Checks

adagrad = Checks("adagrad")

PRECISE = ["huge-gradients", "eps"]  # in which no other eps is taken for a lack of digits

test_update = adagrad.by_case("after", optimizers.updates)
test_in_place = adagrad.check("ADAGRAD-7", optimizers.updates_in_place, ["one-step"])
test_by_key = adagrad.check("ADAGRAD-8", optimizers.updates_by_key, ["five-steps"])

test_gradients_unchanged = adagrad.check(
    "ADAGRAD-42", optimizers.gradients_unchanged, ["one-step", "weight-decay"]
)
test_instances_share_nothing = adagrad.check("ADAGRAD-47", optimizers.share_nothing, ["five-steps"])

test_float64 = adagrad.check("ADAGRAD-60", optimizers.float64, PRECISE)
test_float32 = adagrad.check("ADAGRAD-61", optimizers.float32, PRECISE)

test_errors = adagrad.errors(robustness.raises, optimizers.updates)
test_error_texts = adagrad.errors(robustness.names_what_came, optimizers.updates, "ADAGRAD-74")
