"""Which check decides which requirement of GRU."""

from cnn_conformance.checks import golden, gradient, recurrence
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

gru = Checks("gru")

USUAL = ["sequences"]

test_y = gru.by_case("y", golden.forward)
test_h_n = gru.by_case("h_n", golden.last_state)
test_dx = gru.by_case("dx", golden.dx)
test_dh0 = gru.by_case("dh0", golden.dh0)
test_dweight_ih = gru.by_case("dweight_ih_l0", golden.dweight_ih)
test_dweight_hh = gru.by_case("dweight_hh_l0", golden.dweight_hh)
test_dbias_ih = gru.by_case("dbias_ih_l0", golden.dbias_ih)
test_dbias_hh = gru.by_case("dbias_hh_l0", golden.dbias_hh)
test_backward_fits_forward = gru.check("GRU-39", gradient.fits, [*USUAL, "one-step"])
test_causal = gru.check("GRU-4", recurrence.causal, USUAL)
test_samples_apart = gru.check("GRU-5", recurrence.samples_apart, [*USUAL, "square"])
test_states_unchanged = gru.check("GRU-51", recurrence.states_unchanged, ["given-state"])

test_contract = contract(gru, USUAL)
