"""Which check decides which requirement of fit, evaluate and predict."""

from cnn_conformance.checks import labels, loop_laws, loop_precision, loops, options
from cnn_conformance.checks.registry import Checks

training = Checks("training")

LAST_BATCH = ["labels-last-batch"]
USUAL = ["labels-last-batch", "regression"]
ORDERS = [*USUAL, "labels-one-at-a-time"]  # for loops that know no batches

test_parameters = training.by_case("parameters", loops.parameters)
test_losses = training.by_case("loss", loops.losses)
test_accuracies = training.by_case("accuracy", loops.accuracies)
test_no_accuracy = training.by_case("no_accuracy", loops.no_accuracy)
test_parameters_for_any_dtype = training.by_case(
    "any_dtype.parameters", labels.of_any_dtype(loops.parameters)
)
test_losses_for_any_dtype = training.by_case("any_dtype.loss", labels.of_any_dtype(loops.losses))
test_accuracies_for_any_dtype = training.by_case(
    "any_dtype.accuracy", labels.of_any_dtype(loops.accuracies)
)
test_visits_every_sample = training.check(
    "FIT-8", loops.visits_every_sample, [*ORDERS, "many-different-samples"], options.SHUFFLE
)
test_new_order_every_epoch = training.check(
    "FIT-9", loops.new_order_every_epoch, USUAL, options.SHUFFLE
)
test_keeps_order = training.check("FIT-10", loops.keeps_order, ORDERS)
test_same_rng_same_order = training.check(
    "FIT-11", loops.same_rng_same_order, USUAL, options.SHUFFLE, options.RNG
)
test_defaults = training.check("FIT-12", loops.defaults, USUAL, options.SHUFFLE)
test_loss_once_before_the_step = training.check("FIT-13", loops.loss_once_before_the_step, ORDERS)
test_every_sample_once = training.laws("FIT-14", loop_laws.every_sample_once)
test_again = training.check("FIT-16", loops.again, USUAL)
test_fit_keeps_data = training.check("FIT-42", loops.fit_keeps_data, USUAL)
test_fit_mode = training.check("FIT-43", loops.fit_mode, USUAL)
test_fit_different_lengths = training.check("FIT-71", loops.fit_different_lengths, USUAL)

test_fit_float64 = training.check("FIT-60", loop_precision.fit_float64, USUAL)
test_fit_float32 = training.check("FIT-61", loop_precision.fit_float32, USUAL, options.FLOAT32)

test_evaluate_loss = training.by_case("evaluate.loss", loops.evaluate_loss)
test_evaluate_accuracy = training.by_case("evaluate.accuracy", loops.evaluate_accuracy)
test_evaluate_no_accuracy = training.by_case("evaluate.no_accuracy", loops.evaluate_no_accuracy)
test_evaluate_loss_for_any_dtype = training.by_case(
    "any_dtype.evaluate.loss", labels.of_any_dtype(loops.evaluate_loss)
)
test_evaluate_accuracy_for_any_dtype = training.by_case(
    "any_dtype.evaluate.accuracy", labels.of_any_dtype(loops.evaluate_accuracy)
)
test_evaluate_keeps = training.check("EVALUATE-42", loops.evaluate_keeps_everything, USUAL)
test_evaluate_mode = training.check("EVALUATE-43", loops.evaluate_mode, USUAL)
test_evaluate_different_lengths = training.check(
    "EVALUATE-71", loops.evaluate_different_lengths, USUAL
)
test_evaluate_float64 = training.check("EVALUATE-60", loop_precision.evaluate_float64, USUAL)
test_evaluate_float32 = training.check(
    "EVALUATE-61", loop_precision.evaluate_float32, USUAL, options.FLOAT32
)

test_predict = training.by_case("predict", loops.predictions)
test_predict_batches = training.check("PREDICT-2", loops.predict_batches, USUAL)
test_predict_keeps = training.check("PREDICT-42", loops.predict_keeps_everything, LAST_BATCH)
test_predict_mode = training.check("PREDICT-43", loops.predict_mode, LAST_BATCH)
test_predict_float64 = training.check("PREDICT-60", loop_precision.predict_float64, LAST_BATCH)
test_predict_float32 = training.check(
    "PREDICT-61", loop_precision.predict_float32, LAST_BATCH, options.FLOAT32
)
