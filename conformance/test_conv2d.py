"""Which check decides which requirement of Conv2D."""

from cnn_conformance.checks import golden, gradient, hygiene, laws, precision, robustness
from cnn_conformance.checks.registry import Checks

conv2d = Checks("conv2d")

USUAL = ["channels", "bias"]
STATEFUL = [*USUAL, "one-channel", "padding-1"]  # for layers that offer only a part

test_y = conv2d.by_case("y", golden.forward)
test_dx = conv2d.by_case("dx", golden.dx)
test_dweight = conv2d.by_case("dweight", golden.dweight)
test_dbias = conv2d.by_case("dbias", golden.dbias)
test_backward_fits_forward = conv2d.check(
    "CONV2D-39",
    gradient.fits,
    [
        "channels",
        "square",
        "kernel-tall",
        "stride-2",
        "padding-1",
        "rows-left-over",
        "bias",
        "everything",
    ],
)

test_backward_fits_forward_extended = conv2d.check(
    "CONV2D-119",
    gradient.fits,
    ["dilation-pair", "groups", "same-even", "same-lower-even", "same-stride", "groups-dilation"],
)

test_linear = conv2d.laws("CONV2D-12", laws.linear)
test_delta = conv2d.laws("CONV2D-13", laws.delta)
test_shift = conv2d.laws("CONV2D-14", laws.shift)
test_batch = conv2d.laws("CONV2D-15", laws.batch)
test_adjoint = conv2d.laws("CONV2D-37", laws.adjoint)

test_initial_parameters = conv2d.check("CONV2D-40", hygiene.initial_parameters, USUAL)
test_set_parameters_are_used = conv2d.check("CONV2D-41", hygiene.set_parameters_are_used, USUAL)
test_forward_changes_nothing = conv2d.check("CONV2D-42", hygiene.forward_changes_nothing, STATEFUL)
test_backward_changes_nothing = conv2d.check(
    "CONV2D-43", hygiene.backward_changes_nothing, STATEFUL
)
test_output_stays = conv2d.check("CONV2D-44", hygiene.output_stays, USUAL)
test_latest_forward = conv2d.check("CONV2D-45", hygiene.latest_forward, STATEFUL)
test_second_backward = conv2d.check("CONV2D-46", hygiene.second_backward, STATEFUL)
test_instances_share_nothing = conv2d.check("CONV2D-47", hygiene.instances_share_nothing, USUAL)
test_any_memory_order = conv2d.check("CONV2D-48", hygiene.any_memory_order, STATEFUL)
test_training_and_grads = conv2d.check("CONV2D-49", hygiene.training_and_grads, USUAL)

test_float64 = conv2d.all_cases("CONV2D-60", precision.float64)
test_float32 = conv2d.all_cases("CONV2D-61", precision.float32)

test_float64_extended = conv2d.all_cases("CONV2D-62", precision.float64)
test_float32_extended = conv2d.all_cases("CONV2D-63", precision.float32)

test_errors = conv2d.errors(robustness.raises, golden.forward)
test_error_texts = conv2d.errors(robustness.names_what_came, golden.forward, "CONV2D-74")
