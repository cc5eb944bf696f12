"""fit, evaluate and predict, with probes instead of layers."""

import numpy as np
import pytest

from reference import evaluate, fit, predict


class ProbeModel:
    """Returns its input and notes what happens."""

    def __init__(self, training=True):
        self.params, self.grads, self.training = {"w": np.zeros(1)}, {"w": np.ones(1)}, training
        self.log, self.batches = [], []

    def forward(self, x):
        self.log.append(f"forward training={self.training}")
        self.batches.append(x.copy())
        x[...] = -1  # what a rude layer might do; the caller's x must survive it while training
        return self.batches[-1]

    def backward(self, dout):
        self.log.append("backward")
        assert dout == "dlogits"


class ProbeLoss:
    """The loss is the first target of the batch."""

    def __init__(self, model, reduction="mean"):
        self.log, self.reduction, self.targets = model.log, reduction, []

    def forward(self, out, target):
        self.log.append("loss")
        self.targets.append(target.copy())
        return float(np.ravel(target)[0])

    def backward(self):
        self.log.append("loss backward")
        return "dlogits"


class ProbeOptimizer:
    def __init__(self, model):
        self.model = model

    def step(self, params, grads):
        assert params is self.model.params
        assert grads is self.model.grads
        self.model.log.append("step")


def run_fit(x, y, reduction="mean", training=True, **options):
    model = ProbeModel(training)
    loss = ProbeLoss(model, reduction)
    history = fit(model, loss, ProbeOptimizer(model), x, y, **options)
    return model, loss, history


def numbered(n):
    """Return samples and targets that carry their number."""
    return np.arange(n, dtype=float)[:, None], np.arange(n, dtype=float)


def test_a_step_goes_in_order():
    model, _, _ = run_fit(*numbered(2), batch_size=2)
    assert model.log == ["forward training=True", "loss", "loss backward", "backward", "step"]


def test_every_sample_is_visited_once_with_its_target():
    x, y = numbered(10)
    model, loss, _ = run_fit(x, y, batch_size=4, rng=0)
    assert [len(b) for b in model.batches] == [4, 4, 2]
    seen = np.concatenate(model.batches)[:, 0]
    np.testing.assert_array_equal(seen, np.concatenate(loss.targets))
    assert sorted(seen) == list(range(10))
    np.testing.assert_array_equal(x, numbered(10)[0])
    np.testing.assert_array_equal(y, numbered(10)[1])


def test_each_epoch_has_a_new_order():
    model, _, _ = run_fit(*numbered(20), epochs=2, batch_size=20, rng=0)
    first, second = model.batches
    assert (first != second).any()
    assert (first.ravel() != np.arange(20)).any()


def test_without_shuffling_the_order_is_kept():
    model, _, _ = run_fit(*numbered(5), epochs=2, batch_size=3, shuffle=False)
    assert np.concatenate(model.batches).ravel().tolist() == [0, 1, 2, 3, 4] * 2


@pytest.mark.parametrize("make_rng", [lambda: 7, lambda: np.random.default_rng(7)])
def test_the_same_rng_gives_the_same_order(make_rng):
    runs = [run_fit(*numbered(20), epochs=2, rng=make_rng())[0] for _ in range(2)]
    np.testing.assert_array_equal(*(np.concatenate(model.batches) for model in runs))


def test_a_generator_goes_on_from_call_to_call():
    rng = np.random.default_rng(7)
    one, two = (run_fit(*numbered(20), rng=rng)[0] for _ in range(2))
    assert (one.batches[0] != two.batches[0]).any()


def test_the_global_generator_is_left_alone():
    before = np.random.get_state()[1].copy()
    run_fit(*numbered(20))
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@pytest.mark.parametrize(("reduction", "expected"), [("mean", (3 * 0 + 2 * 3) / 5), ("sum", 3 / 5)])
def test_the_loss_is_per_sample(reduction, expected):
    _, _, history = run_fit(*numbered(5), reduction, batch_size=3, shuffle=False)
    assert history == {"loss": [pytest.approx(expected)]}


@pytest.mark.parametrize("labels", [np.array([0, 1, 1]), np.eye(2)[[0, 1, 1]]])
def test_accuracy_counts_hits_of_labels_and_one_hot_rows(labels):
    out = np.array([[2.0, 1.0], [2.0, 1.0], [1.0, 2.0]])
    _, _, history = run_fit(out, labels, epochs=2, batch_size=2)
    assert history["accuracy"] == [pytest.approx(2 / 3)] * 2


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (np.ones((3, 1)), np.ones((3, 1))),
        (np.ones((3, 2)), np.array([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5]])),
        (np.ones((3, 2)), np.array([0.0, 1.0, 1.0])),
        (np.ones(3), np.array([0, 1, 1])),
    ],
)
def test_regression_has_no_accuracy(x, y):
    assert run_fit(x, y, batch_size=2)[2].keys() == {"loss"}


@pytest.mark.parametrize("training", [True, False])
def test_training_is_restored(training):
    model, loss, _ = run_fit(*numbered(3), training=training)
    assert model.training is training
    evaluate(model, loss, *numbered(3))
    predict(model, numbered(3)[0])
    assert model.training is training


@pytest.mark.parametrize("call", [fit, evaluate, predict])
def test_training_is_restored_after_an_exception(call):
    class Broken(ProbeModel):
        def forward(self, x):
            assert self.training is (call is fit)
            raise ZeroDivisionError

    model = Broken(training=call is not fit)
    x, y = numbered(3)
    arguments = {
        fit: (model, ProbeLoss(model), ProbeOptimizer(model), x, y),
        evaluate: (model, ProbeLoss(model), x, y),
        predict: (model, x),
    }[call]
    with pytest.raises(ZeroDivisionError):
        call(*arguments)
    assert model.training is (call is not fit)


def test_evaluate_only_looks():
    model = ProbeModel()
    result = evaluate(model, ProbeLoss(model), *numbered(5), batch_size=3)
    assert set(model.log) == {"forward training=False", "loss"}
    assert result == {"loss": pytest.approx((3 * 0 + 2 * 3) / 5)}
    assert model.params["w"] == 0


def test_evaluate_measures_accuracy():
    model = ProbeModel()
    out = np.array([[2.0, 1.0], [2.0, 1.0], [1.0, 2.0]])
    result = evaluate(model, ProbeLoss(model), out, np.array([0, 1, 1]), batch_size=2)
    assert result["accuracy"] == pytest.approx(2 / 3)


def test_predict_keeps_the_order():
    x, _ = numbered(5)
    model = ProbeModel()
    np.testing.assert_array_equal(predict(model, x, batch_size=2), numbered(5)[0])
    assert model.log == ["forward training=False"] * 3


@pytest.mark.parametrize(
    ("x", "y", "options", "message"),
    [
        (3, 4, {}, "fit: expected as many targets as samples, 3, got 4"),
        (0, 0, {}, "fit: expected at least one sample, got 0"),
        (3, 3, {"epochs": 0}, "fit: epochs must be >= 1, got 0"),
        (3, 3, {"batch_size": 0}, "fit: batch_size must be >= 1, got 0"),
        (3, 3, {"batch_size": 1.5}, "fit: batch_size must be an int, got 1.5"),
    ],
)
def test_fit_names_bad_values(x, y, options, message):
    with pytest.raises(ValueError, match=message):
        run_fit(np.zeros((x, 1)), np.zeros(y), **options)


def test_evaluate_and_predict_name_bad_values():
    model = ProbeModel()
    with pytest.raises(ValueError, match="evaluate: expected as many targets as samples, 3, got 2"):
        evaluate(model, ProbeLoss(model), np.zeros((3, 1)), np.zeros(2))
    with pytest.raises(ValueError, match="predict: batch_size must be >= 1, got -1"):
        predict(model, np.zeros((3, 1)), batch_size=-1)
