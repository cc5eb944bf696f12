"""Which check decides which requirement of ConvTranspose2D."""

from cnn_conformance.checks import gradient, laws
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

convtranspose2d = Checks("convtranspose2d")

USUAL, STATEFUL, SLOPES = (convtranspose2d.chosen[name] for name in ("usual", "stateful", "slopes"))

test_y = convtranspose2d.golden("y")
test_dx = convtranspose2d.golden("dx")
test_dweight = convtranspose2d.golden("dweight")
test_dbias = convtranspose2d.golden("dbias")
test_backward_fits_forward = convtranspose2d.check("CONVTRANSPOSE2D-39", gradient.fits, SLOPES)

test_linear = convtranspose2d.laws("CONVTRANSPOSE2D-12", laws.linear)
test_delta = convtranspose2d.laws("CONVTRANSPOSE2D-13", laws.delta)
test_batch = convtranspose2d.laws("CONVTRANSPOSE2D-15", laws.batch)
test_adjoint = convtranspose2d.laws("CONVTRANSPOSE2D-37", laws.adjoint)

test_contract = contract(
    convtranspose2d,
    USUAL,
    forward_changes_nothing=STATEFUL,
    backward_changes_nothing=STATEFUL,
    latest_forward=STATEFUL,
    second_backward=STATEFUL,
    own_arguments=convtranspose2d.chosen["arguments"],
    any_memory_order=STATEFUL,
    without_bias=convtranspose2d.chosen["without_bias"],
)
