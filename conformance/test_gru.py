"""Which check decides which requirement of GRU."""

from cnn_conformance.checks import gradient, recurrence
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

gru = Checks("gru")

USUAL = ["sequences"]

test_y = gru.golden("y")
test_h_n = gru.golden("h_n")
test_dx = gru.golden("dx")
test_dh0 = gru.golden("dh0")
test_dweight_ih = gru.golden("dweight_ih_l0")
test_dweight_hh = gru.golden("dweight_hh_l0")
test_dbias_ih = gru.golden("dbias_ih_l0")
test_dbias_hh = gru.golden("dbias_hh_l0")
test_backward_fits_forward = gru.check("GRU-39", gradient.fits, [*USUAL, "one-step"])
test_causal = gru.check("GRU-4", recurrence.causal, USUAL)
test_samples_apart = gru.check("GRU-5", recurrence.samples_apart, [*USUAL, "square"])
test_states_unchanged = gru.check("GRU-51", recurrence.states_unchanged, ["given-state"])

test_contract = contract(gru, USUAL)
