"""Which check decides which requirement of Dense."""

from cnn_conformance.checks import golden, gradient, hygiene, laws, precision, robustness
from cnn_conformance.checks.registry import Checks

dense = Checks("dense")

USUAL = ["no-bias", "bias"]

test_y = dense.by_case("y", golden.forward)
test_dx = dense.by_case("dx", golden.dx)
test_dweight = dense.by_case("dweight", golden.dweight)
test_dbias = dense.by_case("dbias", golden.dbias)
test_backward_fits_forward = dense.check(
    "DENSE-39", gradient.fits, ["no-bias", "one-sample", "bias", "wide"]
)

test_linear = dense.laws("DENSE-4", laws.linear)
test_batch = dense.laws("DENSE-5", laws.batch)
test_adjoint = dense.laws("DENSE-24", laws.adjoint)

test_initial_parameters = dense.check("DENSE-40", hygiene.initial_parameters, USUAL)
test_set_parameters_are_used = dense.check("DENSE-41", hygiene.set_parameters_are_used, USUAL)
test_forward_changes_nothing = dense.check("DENSE-42", hygiene.forward_changes_nothing, USUAL)
test_backward_changes_nothing = dense.check("DENSE-43", hygiene.backward_changes_nothing, USUAL)
test_output_stays = dense.check("DENSE-44", hygiene.output_stays, USUAL)
test_latest_forward = dense.check("DENSE-45", hygiene.latest_forward, USUAL)
test_second_backward = dense.check("DENSE-46", hygiene.second_backward, USUAL)
test_instances_share_nothing = dense.check("DENSE-47", hygiene.instances_share_nothing, USUAL)
test_any_memory_order = dense.check("DENSE-48", hygiene.any_memory_order, USUAL)
test_training_and_grads = dense.check("DENSE-49", hygiene.training_and_grads, USUAL)

test_float64 = dense.all_cases("DENSE-60", precision.float64)
test_float32 = dense.all_cases("DENSE-61", precision.float32)

test_errors = dense.errors(robustness.raises, golden.forward)
test_error_texts = dense.errors(robustness.names_what_came, golden.forward, "DENSE-74")
