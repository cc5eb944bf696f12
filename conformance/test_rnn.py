"""Which check decides which requirement of RNN."""

from cnn_conformance.checks import golden, gradient, recurrence
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

rnn = Checks("rnn")

USUAL = ["sequences"]

test_y = rnn.by_case("y", golden.forward)
test_h_n = rnn.by_case("h_n", golden.last_state)
test_dx = rnn.by_case("dx", golden.dx)
test_dh0 = rnn.by_case("dh0", golden.dh0)
test_dweight_ih = rnn.by_case("dweight_ih_l0", golden.dweight_ih)
test_dweight_hh = rnn.by_case("dweight_hh_l0", golden.dweight_hh)
test_dbias_ih = rnn.by_case("dbias_ih_l0", golden.dbias_ih)
test_dbias_hh = rnn.by_case("dbias_hh_l0", golden.dbias_hh)
test_backward_fits_forward = rnn.check("RNN-39", gradient.fits, [*USUAL, "one-step"])
test_causal = rnn.check("RNN-4", recurrence.causal, USUAL)
test_samples_apart = rnn.check("RNN-5", recurrence.samples_apart, [*USUAL, "square"])
test_states_unchanged = rnn.check("RNN-51", recurrence.states_unchanged, ["given-state"])

test_contract = contract(rnn, USUAL)
