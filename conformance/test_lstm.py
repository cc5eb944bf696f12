"""Which check decides which requirement of LSTM."""

from cnn_conformance.checks import golden, gradient, recurrence
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

lstm = Checks("lstm")

USUAL = ["sequences"]

test_y = lstm.by_case("y", golden.forward)
test_h_n = lstm.by_case("h_n", golden.last_state)
test_c_n = lstm.by_case("c_n", golden.last_cell)
test_dx = lstm.by_case("dx", golden.dx)
test_dh0 = lstm.by_case("dh0", golden.dh0)
test_dc0 = lstm.by_case("dc0", golden.dc0)
test_dweight_ih = lstm.by_case("dweight_ih_l0", golden.dweight_ih)
test_dweight_hh = lstm.by_case("dweight_hh_l0", golden.dweight_hh)
test_dbias_ih = lstm.by_case("dbias_ih_l0", golden.dbias_ih)
test_dbias_hh = lstm.by_case("dbias_hh_l0", golden.dbias_hh)
test_backward_fits_forward = lstm.check("LSTM-39", gradient.fits, [*USUAL, "one-step"])
test_causal = lstm.check("LSTM-4", recurrence.causal, USUAL)
test_samples_apart = lstm.check("LSTM-5", recurrence.samples_apart, [*USUAL, "square"])
test_states_unchanged = lstm.check("LSTM-51", recurrence.states_unchanged, ["given-state"])

test_contract = contract(lstm, USUAL)
