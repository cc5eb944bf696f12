"""The front end: putting together, training, files."""

import re

import numpy as np
import pytest

from reference import (
    MSE,
    SGD,
    Adam,
    AvgPool2D,
    BatchNorm2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    LeakyReLU,
    MaxPool2D,
    ReLU,
    SoftmaxCrossEntropy,
    evaluate,
    fit,
    predict,
)
from reference.model import Model
from reference.recipes import INITIALIZERS

RNG = np.random.default_rng(3)
X = RNG.standard_normal((20, 2, 6, 5))
Y = RNG.integers(0, 3, 20)


def network(seed=0, dtype=np.float64):
    model = Model((2, 6, 5), dtype=dtype, rng=seed)
    model.add(Conv2D, 4, 3, padding=(1, 1), activation="relu").add(MaxPool2D, 2)
    model.add(Flatten).add(Dense, 3)
    model.compile(SGD(0.05), "cross_entropy")
    return model


# --- putting together ---------------------------------------------------------------------------


def test_the_size_of_the_input_is_known():
    model = network()
    assert [type(layer) for layer in model.network.layers] == [
        Conv2D,
        ReLU,
        MaxPool2D,
        Flatten,
        Dense,
    ]
    assert model.network.params["0.weight"].shape == (4, 2, 3, 3)
    assert model.network.params["4.weight"].shape == (3, 4 * 3 * 2)
    assert all(layer.training for layer in model.network.layers)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([(Dense, 3)], r"layer 0, Dense: it does not take .* \(2, 6, 5\); add Flatten before it"),
        ([(Flatten,), (Conv2D, 4, 3)], r"layer 1, Conv2D: it does not take .*|.*dimensions"),
        ([(MaxPool2D, 2), (MaxPool2D, 4)], "layer 1, MaxPool2D: .*expected a padded input"),
        ([(Conv2D, 0, 3)], "layer 0, Conv2D: Conv2D: out_channels must be >= 1, got 0"),
        ([(Conv2D, 3)], "layer 0, Conv2D: .*kernel_size"),
        ([("Conv3D", 3)], "layer 0, Conv3D: there is no such layer"),
        ([("SGD", 3)], "layer 0, SGD: there is no such layer"),
        ([("Layer",)], "layer 0, Layer: there is no such layer"),
    ],
)
def test_a_layer_that_does_not_fit_is_named_and_not_added(layers, message):
    *good, (unit, *args) = layers
    model = Model((2, 6, 5))
    for good_unit, *good_args in good:
        model.add(good_unit, *good_args)
    with pytest.raises(ValueError, match=message):
        model.add(unit, *args)
    assert len(model.network.layers) == len(good)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: m.add(Flatten, activation="swish"), "activation must be one of relu, .*'swish'"),
        (lambda m: m.add(Flatten, init="ones"), "init must be one of kaiming_normal, .*'ones'"),
        (lambda m: m.compile("newton", "mse"), "optimizer must be one of sgd, .*'newton'"),
        (lambda m: m.compile("sgd", "hinge"), "loss must be one of cross_entropy, mse, .*'hinge'"),
        (lambda m: Model((0, 4)), "input_shape must be >= 1, got 0"),
        (lambda m: Model(5), r"input_shape must be a sequence of ints, such as .*, got 5$"),
        (lambda m: Model("5"), r"input_shape must be a sequence of ints, such as .*, got '5'$"),
        (lambda m: Model((4,), dtype=np.float16), "dtype must be float32 or float64, got float16"),
    ],
)
def test_a_name_that_does_not_exist_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(Model((2, 6, 5)))


@pytest.mark.parametrize("name", [name for name in INITIALIZERS if name[:3] in ("kai", "xav")])
def test_weights_start_with_the_variance_of_their_name(name):
    weight = Model((30,), rng=0).add(Dense, 500, init=name).network.params["0.weight"]
    expected = 2 / 30 if name.startswith("kaiming") else 2 / (30 + 500)
    assert weight.var() == pytest.approx(expected, rel=0.03)
    limit = np.sqrt(3 * expected)
    assert (abs(weight).max() <= limit) == name.endswith("uniform")
    conv = INITIALIZERS[name]((40, 20, 3, 3), 1)
    expected = 2 / (20 * 9) if name.startswith("kaiming") else 2 / (20 * 9 + 40 * 9)
    assert conv.var() == pytest.approx(expected, rel=0.05)


def test_a_summary_counts_the_parameters():
    lines = network().summary().splitlines()
    assert re.fullmatch(r"layer +output shape +parameters", lines[0])
    assert re.fullmatch(r"Conv2D\(4, 3, padding=\(1, 1\)\) +\(4, 6, 5\) +76", lines[3])
    assert re.fullmatch(r"Dense\(3\) +\(3,\) +75", lines[-3])
    assert re.fullmatch(r"total +151", lines[-1])
    assert len({len(line) for line in lines}) == 1


# --- training -----------------------------------------------------------------------------------


def test_training_is_that_of_fit(capsys):
    """The same generator draws the weights and then the order, epoch after epoch."""
    model, twin = network(4), network(4)
    history = model.fit(X, Y, epochs=3, batch_size=8, verbose=0)
    expected = fit(
        twin.network, SoftmaxCrossEntropy(), SGD(0.05), X, Y, epochs=3, batch_size=8, rng=twin._rng
    )
    assert history == expected
    for name, array in twin.network.params.items():
        np.testing.assert_array_equal(model.network.params[name], array)
    assert capsys.readouterr().out == ""
    np.testing.assert_array_equal(model.predict(X), predict(twin.network, X))
    np.testing.assert_array_equal(model.predict_classes(X), predict(twin.network, X).argmax(1))
    assert model.evaluate(X, Y) == evaluate(twin.network, SoftmaxCrossEntropy(), X, Y)


def test_the_end_of_the_samples_is_for_validation_and_not_trained_on(capsys):
    model = network()
    poisoned = X.copy()
    poisoned[15:] = np.nan
    history = model.fit(poisoned, Y, epochs=2, validation_split=0.25, verbose=2)
    assert np.isfinite(history["loss"]).all()
    assert np.isnan(history["val_loss"]).all()
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    lines = capsys.readouterr().out.splitlines()
    assert [line[:10] for line in lines] == ["epoch  1/2", "epoch  2/2"]
    assert "val accuracy" in lines[0]


def test_validation_data_are_measured_after_each_epoch():
    model = network()
    history = model.fit(X[:10], Y[:10], epochs=2, validation_data=(X[10:], Y[10:]), verbose=0)
    assert history["val_loss"][-1] == model.evaluate(X[10:], Y[10:])["loss"]


def test_a_callback_sees_each_epoch_and_may_stop():
    seen = []

    def callback(model, epoch, logs):
        seen.append((epoch, sorted(logs)))
        model.stop_training = epoch == 2

    model = network()
    history = model.fit(X, Y, epochs=5, callbacks=[callback], verbose=0)
    assert seen == [(1, ["accuracy", "loss"]), (2, ["accuracy", "loss"])]
    assert len(history["loss"]) == 2
    assert len(model.fit(X, Y, verbose=0)["loss"]) == 1


def test_samples_are_taken_in_the_models_dtype():
    model = network(dtype=np.float32)
    model.fit(X, Y, verbose=0)
    assert model.predict(X).dtype == np.float32
    assert {p.dtype for p in model.network.params.values()} == {np.dtype(np.float32)}


def test_regression_has_no_accuracy():
    model = Model((30,), rng=0).add("Dense", 2)
    model.compile("sgd", MSE())
    history = model.fit(X.reshape(20, -1)[:, :30], X[:, 0, 0, :2], verbose=0)
    assert list(history) == ["loss"]


@pytest.mark.parametrize("call", ["fit", "evaluate"])
def test_a_model_that_is_not_compiled_says_so(call):
    with pytest.raises(RuntimeError, match="not compiled; call compile"):
        getattr(Model((2, 6, 5)).add(Flatten), call)(X, Y)


def test_samples_of_another_shape_are_refused():
    for call in (network().predict, lambda x: network().fit(x, Y)):
        with pytest.raises(ValueError, match=r"of shape \(N, 2, 6, 5\), got shape \(20, 6, 5, 2\)"):
            call(X.transpose(0, 2, 3, 1))


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(ValueError, match="validation_split must be"):
        network().fit(X, Y, validation_split=share)


# --- files --------------------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path):
    network(dtype=np.float32).save(tmp_path / "model.npz")
    return tmp_path / "model.npz"


def test_what_is_saved_is_loaded(saved):
    model, loaded = network(dtype=np.float32), Model.load(saved)
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    assert loaded.summary().split() == model.summary().replace("(1, 1)", "[1, 1]").split()
    assert loaded.dtype == np.float32
    assert [path.name for path in saved.parent.iterdir()] == ["model.npz"]


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"the folder .*missing does not exist; make it first"
    ):
        network().save(tmp_path / "missing" / "model.npz")


def test_layers_of_every_kind_are_saved_with_their_statistics(tmp_path):
    model = Model((2, 6, 5), rng=0)
    model.add(Conv2D, 4, 3, padding="same_lower", dilation=2, groups=2, bias=False)
    model.add(BatchNorm2D).add(LeakyReLU, 0.2).add(AvgPool2D, 2).add(Dropout, 0.3)
    model.add(GlobalAvgPool2D).add(Dense, 3, activation="tanh")
    model.compile(Adam(0.01), "cross_entropy")
    model.fit(X, Y, epochs=2, verbose=0)
    model.save(str(tmp_path / "model.npz"))
    loaded = Model.load(str(tmp_path / "model.npz"))
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    moved = loaded.network.layers[1].buffers
    assert (moved["running_mean"] != 0).all()
    assert (moved["running_var"] != 1).all()


def test_the_file_has_arrays_with_the_names_of_the_parameters(saved):
    with np.load(saved, allow_pickle=False) as file:
        assert set(file) == {"0.weight", "0.bias", "4.weight", "4.bias", "model"}


def test_a_truncated_file_is_refused(saved):
    content = saved.read_bytes()
    for length in range(0, len(content), 29):
        saved.write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"model\.npz: not a readable \.npz file of arrays"):
            Model.load(saved)


@pytest.mark.parametrize("content", [None, b"text", b"\x80\x04K\x01."])
def test_a_foreign_file_is_named(tmp_path, content):
    if content is not None:
        (tmp_path / "foreign.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"foreign\.npz: not a readable \.npz file of arrays: "):
        Model.load(tmp_path / "foreign.npz")


def test_pickled_objects_are_refused(tmp_path):
    np.savez(tmp_path / "pickle.npz", model=np.array([print], dtype=object))
    with pytest.raises(ValueError, match=r"not a readable .* Object arrays cannot be loaded"):
        Model.load(tmp_path / "pickle.npz")


def text(replaced, by):
    """Return a change of the description."""

    def change(arrays):
        content = arrays["model"].tobytes().decode()
        assert replaced in content
        arrays["model"] = np.frombuffer(content.replace(replaced, by).encode(), np.uint8)

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: a.pop("model"), "not a model that was saved with save"),
        (lambda a: a.update(model=np.ones(3)), "not a model that was saved with save"),
        (text("cnn-conformance-model", "other"), "expected cnn-conformance-model 1, got other"),
        (text('"Dense"', '"os.system"'), "there is no such layer"),
        (text('"layers": [', '"layers": [3, '), "not a model that was saved with save"),
        (lambda a: a.pop("4.bias"), r"its arrays do not fit its layers: 4\.bias"),
        (lambda a: a.update(extra=np.ones(1)), "its arrays do not fit its layers: extra"),
        (lambda a: a.update({"4.bias": np.ones(4, np.float32)}), r"do not fit .*: 4\.bias"),
        (lambda a: a.update({"4.bias": np.ones(3)}), r"do not fit .*: 4\.bias"),
    ],
)
def test_a_file_of_something_else_is_named(saved, change, message):
    with np.load(saved) as file:
        arrays = dict(file)
    change(arrays)
    np.savez(saved, **arrays)
    with pytest.raises(ValueError, match=rf"model\.npz: .*{message}"):
        Model.load(saved)


def test_a_file_that_cannot_be_written_leaves_the_old_one(saved, monkeypatch):
    before = saved.read_bytes()

    def full(*args, **kwargs):
        raise OSError("no space left on device")

    monkeypatch.setattr("numpy.savez", full)
    with pytest.raises(OSError, match="no space"):
        network().save(saved)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == ["model.npz"]
