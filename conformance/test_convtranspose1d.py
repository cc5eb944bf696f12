"""Which check decides which requirement of ConvTranspose1D."""

from cnn_conformance.checks import gradient, laws
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

convtranspose1d = Checks("convtranspose1d")

USUAL, STATEFUL, SLOPES = (convtranspose1d.chosen[name] for name in ("usual", "stateful", "slopes"))

test_y = convtranspose1d.golden("y")
test_dx = convtranspose1d.golden("dx")
test_dweight = convtranspose1d.golden("dweight")
test_dbias = convtranspose1d.golden("dbias")
test_backward_fits_forward = convtranspose1d.check("CONVTRANSPOSE1D-39", gradient.fits, SLOPES)

test_linear = convtranspose1d.laws("CONVTRANSPOSE1D-12", laws.linear)
test_delta = convtranspose1d.laws("CONVTRANSPOSE1D-13", laws.delta)
test_batch = convtranspose1d.laws("CONVTRANSPOSE1D-15", laws.batch)
test_adjoint = convtranspose1d.laws("CONVTRANSPOSE1D-37", laws.adjoint)

test_contract = contract(
    convtranspose1d,
    USUAL,
    forward_changes_nothing=STATEFUL,
    backward_changes_nothing=STATEFUL,
    latest_forward=STATEFUL,
    second_backward=STATEFUL,
    own_arguments=convtranspose1d.chosen["arguments"],
    any_memory_order=STATEFUL,
    without_bias=convtranspose1d.chosen["without_bias"],
)
