"""Which check decides which requirement of LSTM."""

from cnn_conformance.checks import gradient, recurrence
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

lstm = Checks("lstm")

USUAL = ["sequences"]

test_y = lstm.golden("y")
test_h_n = lstm.golden("h_n")
test_c_n = lstm.golden("c_n")
test_dx = lstm.golden("dx")
test_dh0 = lstm.golden("dh0")
test_dc0 = lstm.golden("dc0")
test_dweight_ih = lstm.golden("dweight_ih_l0")
test_dweight_hh = lstm.golden("dweight_hh_l0")
test_dbias_ih = lstm.golden("dbias_ih_l0")
test_dbias_hh = lstm.golden("dbias_hh_l0")
test_backward_fits_forward = lstm.check("LSTM-39", gradient.fits, [*USUAL, "one-step"])
test_causal = lstm.check("LSTM-4", recurrence.causal, USUAL)
test_samples_apart = lstm.check("LSTM-5", recurrence.samples_apart, [*USUAL, "square"])
test_states_unchanged = lstm.check("LSTM-51", recurrence.states_unchanged, ["given-state"])

test_contract = contract(lstm, USUAL)
