"""Which check decides which requirement of RNN."""

from cnn_conformance.checks import golden, gradient, hygiene, precision, recurrence, robustness
from cnn_conformance.checks.registry import Checks

rnn = Checks("rnn")

USUAL = ["sequences"]

test_y = rnn.by_case("y", golden.forward)
test_dx = rnn.by_case("dx", golden.dx)
test_dweight_ih = rnn.by_case("dweight_ih_l0", golden.dweight_ih)
test_dweight_hh = rnn.by_case("dweight_hh_l0", golden.dweight_hh)
test_dbias_ih = rnn.by_case("dbias_ih_l0", golden.dbias_ih)
test_dbias_hh = rnn.by_case("dbias_hh_l0", golden.dbias_hh)
test_backward_fits_forward = rnn.check("RNN-39", gradient.fits, [*USUAL, "one-step"])
test_causal = rnn.check("RNN-4", recurrence.causal, USUAL)
test_samples_apart = rnn.check("RNN-5", recurrence.samples_apart, [*USUAL, "square"])

test_initial_parameters = rnn.check("RNN-40", hygiene.initial_parameters, USUAL)
test_set_parameters_are_used = rnn.check("RNN-41", hygiene.set_parameters_are_used, USUAL)
test_forward_changes_nothing = rnn.check("RNN-42", hygiene.forward_changes_nothing, USUAL)
test_backward_changes_nothing = rnn.check("RNN-43", hygiene.backward_changes_nothing, USUAL)
test_output_stays = rnn.check("RNN-44", hygiene.output_stays, USUAL)
test_latest_forward = rnn.check("RNN-45", hygiene.latest_forward, USUAL)
test_second_backward = rnn.check("RNN-46", hygiene.second_backward, USUAL)
test_instances_share_nothing = rnn.check("RNN-47", hygiene.instances_share_nothing, USUAL)
test_any_memory_order = rnn.check("RNN-48", hygiene.any_memory_order, USUAL)
test_training_and_grads = rnn.check("RNN-49", hygiene.training_and_grads, USUAL)

test_float64 = rnn.all_cases("RNN-60", precision.float64)
test_float32 = rnn.all_cases("RNN-61", precision.float32)

test_errors = rnn.errors(robustness.raises, golden.forward)
test_error_texts = rnn.errors(robustness.names_what_came, golden.forward, "RNN-74")
