"""Which check decides which requirement of Conv1D."""

from cnn_conformance.checks import gradient, laws
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

conv1d = Checks("conv1d")

USUAL, STATEFUL, SLOPES = (conv1d.chosen[name] for name in ("usual", "stateful", "slopes"))

test_y = conv1d.golden("y")
test_dx = conv1d.golden("dx")
test_dweight = conv1d.golden("dweight")
test_dbias = conv1d.golden("dbias")
test_backward_fits_forward = conv1d.check("CONV1D-39", gradient.fits, SLOPES)

test_linear = conv1d.laws("CONV1D-12", laws.linear)
test_delta = conv1d.laws("CONV1D-13", laws.delta)
test_shift = conv1d.laws("CONV1D-14", laws.shift)
test_batch = conv1d.laws("CONV1D-15", laws.batch)
test_adjoint = conv1d.laws("CONV1D-37", laws.adjoint)

test_contract = contract(
    conv1d,
    USUAL,
    forward_changes_nothing=STATEFUL,
    backward_changes_nothing=STATEFUL,
    latest_forward=STATEFUL,
    second_backward=STATEFUL,
    own_arguments=conv1d.chosen["arguments"],
    any_memory_order=STATEFUL,
    without_bias=conv1d.chosen["without_bias"],
)
