"""What a model can be told: first weights, when to validate, and what its file keeps."""

import inspect
import json

import numpy as np
import pytest

import reference
from cnn_conformance import units
from reference import MSE, SGD, AdaGrad, Adam, Dense, Flatten, Huber, one_hot
from reference.initialization import normal
from reference.model import Model

RNG = np.random.default_rng(3)
X = RNG.standard_normal((20, 2, 6, 5))
Y = RNG.integers(0, 3, 20)


def network(loss="cross_entropy", optimizer="sgd", **options):
    model = Model((2, 6, 5), rng=0, **options).add(Flatten).add(Dense, 3)
    model.compile(optimizer, loss)
    return model


# --- first weights ------------------------------------------------------------------------------


def first(init):
    return Model((30,), rng=0).add(Dense, 500, init=init).network.params["0.weight"]


def test_weights_may_start_as_in_pytorch_or_small():
    pytorch, small = first("pytorch"), first("small_normal")
    assert abs(pytorch).max() <= 30**-0.5
    assert pytorch.var() == pytest.approx(1 / 90, rel=0.03)  # (2 * bound)**2 / 12
    assert small.std() == pytest.approx(0.01, rel=0.03)
    assert abs(small).max() > 0.03
    uniform = first("small_uniform")
    assert abs(uniform).max() == pytest.approx(0.01, rel=1e-3)
    assert uniform.var() == pytest.approx(0.01**2 / 3, rel=0.03)


def test_weights_may_be_drawn_by_a_function():
    drawn = first(lambda shape, rng: normal(shape, rng, std=2.0))
    assert drawn.std() == pytest.approx(2, rel=0.03)


@pytest.mark.torch
def test_the_weights_of_pytorch_have_its_bounds():
    import torch

    bound = abs(torch.nn.Linear(30, 5000).weight.detach().numpy()).max()
    assert abs(first("pytorch")).max() == pytest.approx(bound, rel=1e-3)


# --- batches and validation ---------------------------------------------------------------------


def test_a_batch_size_of_minus_1_is_all_samples():
    all_at_once, twin = network(), network()
    history = all_at_once.fit(X, Y, batch_size=-1, epochs=2, verbose=0)
    assert history == twin.fit(X, Y, batch_size=20, epochs=2, verbose=0)
    assert all_at_once.evaluate(X, Y, batch_size=-1) == twin.evaluate(X, Y, batch_size=20)
    np.testing.assert_array_equal(all_at_once.predict(X, batch_size=-1), twin.predict(X))
    with pytest.raises(ValueError, match="batch_size must be >= 1, got -2"):
        network().fit(X, Y, batch_size=-2, verbose=0)


def test_validation_may_be_every_few_epochs_and_is_after_the_last():
    model = network()
    history = model.fit(
        X[:10], Y[:10], epochs=5, validation_data=(X[10:], Y[10:]), validation_every=3, verbose=0
    )
    assert np.isfinite(history["val_loss"]).tolist() == [False, False, True, False, True]
    assert {len(values) for values in history.values()} == {5}
    assert history["val_loss"][-1] == model.evaluate(X[10:], Y[10:])["loss"]
    plain = network().fit(X[:10], Y[:10], epochs=5, verbose=0)
    assert history["loss"] == plain["loss"]
    with pytest.raises(ValueError, match="validation_every must be >= 1, got 0"):
        model.fit(X, Y, validation_every=0)


# --- MSE against classes ------------------------------------------------------------------------


def test_mse_takes_one_hot_rows_and_says_so_of_labels():
    model = network("mse")
    assert set(model.fit(X, one_hot(Y, 3), epochs=2, verbose=0)) == {"loss", "accuracy"}
    with pytest.raises(ValueError, match=r"shape \(20, 3\), one-hot rows .* got shape \(20,\)"):
        MSE().forward(model.predict(X), Y)


# --- files --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "optimizer",
    [
        SGD(0.05, momentum=0.9, nesterov=True),
        Adam(0.01, betas=(0.8, 0.9)),
        AdaGrad(0.1, initial_accumulator_value=2.0),
    ],
    ids=lambda o: type(o).__name__,
)
def test_a_file_keeps_loss_optimizer_and_name(tmp_path, optimizer):
    model = network(Huber("sum", delta=0.5), optimizer, name="digits")
    rows = one_hot(Y, 3)
    model.save(tmp_path / "a.npz")
    loaded = Model.load(tmp_path / "a.npz")
    assert loaded.name == "digits"
    assert loaded.summary().startswith("digits\n")
    assert loaded.evaluate(X, rows) == model.evaluate(X, rows)
    for each in (model, loaded):
        each.fit(X, rows, epochs=3, shuffle=False, verbose=0)
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))


def test_every_loss_and_optimizer_can_be_described_and_made_again():
    for name in reference.__all__:
        unit = getattr(reference, name)
        is_loss = isinstance(unit, type) and "reduction" in inspect.signature(unit).parameters
        if is_loss or name in units.OPTIMIZERS:
            one = unit("sum") if is_loss else unit(0.3)
            described = json.loads(json.dumps(reference.model.recipes.described(one)))
            again = reference.model.recipes.made(described, "step" if not is_loss else "reduction")
            assert type(again) is unit
            assert vars(again) == vars(one)


class OwnLoss(MSE):
    pass


def test_what_is_not_of_this_package_is_not_kept(tmp_path):
    network(OwnLoss()).save(tmp_path / "a.npz")
    with pytest.raises(RuntimeError, match="not compiled"):
        Model.load(tmp_path / "a.npz").evaluate(X, one_hot(Y, 3))


@pytest.mark.parametrize(
    ("key", "recipe"),
    [
        ("loss", {"unit": "SGD", "options": {"lr": 1}}),
        ("optimizer", {"unit": "os.system", "options": {}}),
        ("loss", {"unit": "MSE", "options": {"size": 1}}),
        ("optimizer", {"unit": "fit", "options": {}}),
        ("optimizer", 3),
    ],
)
def test_a_file_with_something_else_in_their_place_is_refused(tmp_path, key, recipe):
    network().save(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as file:
        arrays = dict(file)
    described = json.loads(arrays["model"].tobytes()) | {key: recipe}
    arrays["model"] = np.frombuffer(json.dumps(described).encode(), np.uint8)
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(ValueError, match="not a model that was saved"):
        Model.load(tmp_path / "a.npz")


def test_a_file_from_before_is_still_read(tmp_path):
    network().save(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as file:
        arrays = dict(file)
    described = json.loads(arrays["model"].tobytes())
    for key in ("name", "loss", "optimizer"):
        del described[key]
    arrays["model"] = np.frombuffer(json.dumps(described).encode(), np.uint8)
    np.savez(tmp_path / "a.npz", **arrays)
    assert Model.load(tmp_path / "a.npz").predict(X).shape == (20, 3)
