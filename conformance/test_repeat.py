"""Which check decides which requirement of Repeat."""

from cnn_conformance.checks import robustness, wrappers
from cnn_conformance.checks.registry import Checks

repeat = Checks("repeat")

USUAL = ["scale", "output-kept"]
LEARNING = ["scale", "three-times", "same-arrays"]

test_y = repeat.by_case("y", wrappers.forward)
test_params = repeat.check("REPEAT-2", wrappers.params, USUAL)
test_params_of_containers = repeat.check("REPEAT-4", wrappers.params, ["sequential", "nested"])
test_own_arrays = repeat.check("REPEAT-3", wrappers.own_arrays, ["scale"])
test_dx = repeat.by_case("dx", wrappers.backward)
test_grads = repeat.by_case("grads", wrappers.grads)
test_training = repeat.check("REPEAT-41", wrappers.training, ["scale"])
test_changes_nothing = repeat.check("REPEAT-42", wrappers.changes_nothing, USUAL)
test_output_stays = repeat.check("REPEAT-44", wrappers.output_stays, USUAL)
test_latest_forward = repeat.check("REPEAT-45", wrappers.latest_forward, LEARNING)
test_second_backward = repeat.check("REPEAT-46", wrappers.second_backward, LEARNING)
test_instances_share_nothing = repeat.check("REPEAT-47", wrappers.share_nothing, ["scale"])
test_own_arguments = repeat.check("REPEAT-47", wrappers.own_arguments, ["scale"])
test_errors = repeat.errors(robustness.raises, wrappers.forward)
test_error_texts = repeat.errors(robustness.names_what_came, wrappers.forward, "REPEAT-74")
