"""Which check decides which requirement of Embedding."""

from cnn_conformance.checks import golden, gradient, labels
from cnn_conformance.checks.contract import contract
from cnn_conformance.checks.registry import Checks

embedding = Checks("embedding")

USUAL = ["sequences"]

test_y = embedding.golden("y")
test_dweight = embedding.golden("dweight")
test_y_for_any_dtype = embedding.by_case("any_dtype.y", labels.of_any_dtype(golden.of("y")))
test_dweight_for_any_dtype = embedding.by_case(
    "any_dtype.dweight", labels.of_any_dtype(golden.of("dweight"))
)
test_backward_fits_forward = embedding.check(
    "EMBEDDING-39", gradient.fits, [*USUAL, "each-once", "one-index"]
)

test_contract = contract(embedding, USUAL)
