"""Which check decides which requirement of RNN."""

from cnn_conformance.checks import gradient, recurrence
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

rnn = Checks("rnn")

USUAL = ["sequences"]

test_y = rnn.golden("y")
test_h_n = rnn.golden("h_n")
test_dx = rnn.golden("dx")
test_dh0 = rnn.golden("dh0")
test_dweight_ih = rnn.golden("dweight_ih_l0")
test_dweight_hh = rnn.golden("dweight_hh_l0")
test_dbias_ih = rnn.golden("dbias_ih_l0")
test_dbias_hh = rnn.golden("dbias_hh_l0")
test_backward_fits_forward = rnn.check("RNN-39", gradient.fits, [*USUAL, "one-step"])
test_causal = rnn.check("RNN-4", recurrence.causal, USUAL)
test_samples_apart = rnn.check("RNN-5", recurrence.samples_apart, [*USUAL, "square"])
test_states_unchanged = rnn.check("RNN-51", recurrence.states_unchanged, ["given-state"])

test_contract = contract(rnn, USUAL)
