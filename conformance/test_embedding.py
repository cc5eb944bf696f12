"""Which check decides which requirement of Embedding."""

from cnn_conformance.checks import golden, gradient, labels
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

embedding = Checks("embedding")

USUAL = ["sequences"]

test_y = embedding.by_case("y", golden.forward)
test_dweight = embedding.by_case("dweight", golden.dweight)
test_y_for_any_dtype = embedding.by_case("any_dtype.y", labels.of_any_dtype(golden.forward))
test_dweight_for_any_dtype = embedding.by_case(
    "any_dtype.dweight", labels.of_any_dtype(golden.dweight)
)
test_backward_fits_forward = embedding.check(
    "EMBEDDING-39", gradient.fits, [*USUAL, "each-once", "one-index"]
)

test_contract = contract(embedding, USUAL)
