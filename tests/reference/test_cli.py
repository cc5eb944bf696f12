"""`python -m reference train`, called in this process."""

import gzip
import struct
import sys

import numpy as np
import pytest

from reference import training
from reference.__main__ import main
from reference.datasets import load
from reference.model import Model

TINY = ["train", "--epochs", "1", "--architecture", "pool-dense8"]


@pytest.fixture
def mnist_like(tmp_path):
    folder = tmp_path / "mnist"
    folder.mkdir()
    images = np.random.default_rng(0).integers(0, 256, (40, 6, 5), dtype=np.uint8)
    pixels = struct.pack(">HBB3I", 0, 8, 3, 40, 6, 5) + images.tobytes()
    labels = struct.pack(">HBB1I", 0, 8, 1, 40) + bytes(range(4)) * 10
    (folder / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(pixels))
    (folder / "t10k-labels-idx1-ubyte").write_bytes(labels)
    return folder


def test_one_epoch_on_the_digits_leaves_a_model_and_pictures(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    assert main([*TINY, "--out", str(tmp_path / "a" / "b")]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "1294 images to train on, 144 to validate with, 359 to test with" in out
    assert "\nepoch  1/1  loss " in out
    assert "\ntest accuracy " in out
    files = {path.name for path in (tmp_path / "a" / "b").iterdir()}
    assert files == {"model.npz", "history.png", "confusion.png", "predictions.png"}


def test_the_saved_model_loads(tmp_path):
    assert main([*TINY, "--out", str(tmp_path)]) == 0
    model = Model.load(tmp_path / "model.npz")
    assert model.predict(np.zeros((3, 1, 8, 8))).shape == (3, 10)
    assert {p.dtype for p in model.network.params.values()} == {np.dtype(np.float32)}


def test_the_same_seed_gives_the_same_model(tmp_path):
    contents = []
    for folder, seed in (("a", "3"), ("b", "3"), ("c", "4")):
        assert main([*TINY, "--seed", seed, "--out", str(tmp_path / folder)]) == 0
        contents.append(dict(np.load(tmp_path / folder / "model.npz")))
    one, same, other = contents
    assert all((one[name] == same[name]).all() for name in one)
    assert (one["2.weight"] != other["2.weight"]).any()


def test_the_dtype_is_that_of_the_parameters(tmp_path):
    assert main([*TINY, "--dtype", "float64", "--out", str(tmp_path)]) == 0
    assert Model.load(tmp_path / "model.npz").dtype == np.float64


def test_the_default_network_reads_97_percent_of_the_digits(tmp_path, capsys):
    assert main(["train", "--out", str(tmp_path)]) == 0
    accuracy = capsys.readouterr().out.partition("\ntest accuracy ")[2].partition("%")[0]
    assert float(accuracy) >= 97


def test_validation_is_kept_apart_from_training_and_testing(tmp_path, capsys):
    options = ["--epochs", "3", "--validation", "0.25", "--validation-every", "2"]
    assert main([*TINY, *options, "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "1078 images to train on, 360 to validate with, 359 to test with" in out
    epochs = [line for line in out.splitlines() if line.startswith("epoch")]
    assert ["val accuracy" in line for line in epochs] == [False, True, True]
    data, model = load("digits", 0, np.float32), Model.load(tmp_path / "model.npz")
    tested = model.evaluate(data.x_test, data.y_test)["accuracy"]
    assert f"test accuracy {tested:.2%}" in out


def test_an_idx_folder_is_read(tmp_path, mnist_like, capsys):
    assert main([*TINY, "--data", str(mnist_like), "--out", str(tmp_path)]) == 0
    assert "28 images to train on, 4 to validate with, 8 to test with" in capsys.readouterr().out


def test_without_matplotlib_there_is_one_hint(tmp_path, capsys, monkeypatch):
    monkeypatch.delitem(sys.modules, "reference.plots", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert main([*TINY, "--out", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert out.count("pip install matplotlib") == 1
    assert err == ""
    assert [path.name for path in tmp_path.iterdir()] == ["model.npz"]


def assert_refused(arguments, message, capsys):
    try:
        status = main(arguments)
    except SystemExit as stop:  # how argparse refuses
        status = stop.code
    err = capsys.readouterr().err
    assert status == 2
    assert err.count("\n") == 1
    assert message in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: train"),
        (["fly"], "invalid choice: 'fly'"),
        (["train", "--epoch", "1"], "unrecognized arguments: --epoch 1"),
        (["train", "--epochs", "0"], "argument --epochs: must be >= 1, got 0"),
        (["train", "--epochs", "1.5"], "argument --epochs: expected an integer, got '1.5'"),
        (["train", "--batch-size", "-1"], "argument --batch-size: must be >= 1, got -1"),
        (
            ["train", "--validation", "1"],
            "argument --validation: expected a number from 0 to below",
        ),
        (["train", "--validation", "0.9999"], "0.9999 of 1438 images leaves none to train on"),
        (["train", "--seed", "-1"], "argument --seed: must be >= 0, got -1"),
        (["train", "--lr", "fast"], "argument --lr: invalid float value: 'fast'"),
        (["train", "--lr", "nan"], "SGD: lr must be finite and >= 0, got nan"),
        (["train", "--dtype", "float16"], "argument --dtype: invalid choice: 'float16'"),
        (["train", "--architecture", "resnet"], "'resnet' is not one of conv8, conv8k5, pool,"),
        (
            ["train", "--data", "/nowhere/at/all"],
            "/nowhere/at/all: no file, folder or data set of that name",
        ),
    ],
)
def test_bad_values_get_one_line(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert_refused(arguments, message, capsys)
    assert not any(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_gets_one_line(tmp_path, capsys):
    (tmp_path / "file").touch()
    out = tmp_path / "file" / "runs"
    assert_refused([*TINY, "--out", str(out)], f"{out}: cannot be written to: Not a direc", capsys)


def test_damaged_data_get_one_line(tmp_path, mnist_like, capsys):
    (mnist_like / "t10k-labels-idx1-ubyte").write_bytes(b"")
    arguments = [*TINY, "--data", str(mnist_like), "--out", str(tmp_path / "out")]
    assert_refused(arguments, "got an empty file", capsys)
    assert not (tmp_path / "out").exists()


def test_a_rate_that_is_much_too_large_gets_one_line(tmp_path, capsys):
    arguments = [*TINY, "--lr", "1e30", "--out", str(tmp_path)]
    assert_refused(arguments, "the loss diverged (nan or inf); try --lr below 1e+30", capsys)


def test_ctrl_c_keeps_what_was_learned(tmp_path, capsys, monkeypatch):
    fit, calls = training.fit, []

    def interrupted(*args, **kwargs):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return fit(*args, **kwargs)

    monkeypatch.setattr("reference.training.fit", interrupted)
    assert main([*TINY, "--epochs", "9", "--out", str(tmp_path)]) == 130
    out, err = capsys.readouterr()
    assert err.strip().splitlines()[-1] == (
        "interrupted after 2 of 9 epochs: what was learned is kept"
    )
    tested = Model.load(tmp_path / "model.npz").evaluate(*of_the_test())["accuracy"]
    assert f"test accuracy {tested:.2%}" in out
    monkeypatch.setattr("reference.training.fit", fit)
    assert main([*TINY, "--epochs", "2", "--out", str(tmp_path / "two")]) == 0
    kept, two = (dict(np.load(tmp_path / name / "model.npz")) for name in (".", "two"))
    assert all(np.array_equal(kept[name], two[name]) for name in two)


def test_ctrl_c_before_the_end_of_an_epoch_ends_cleanly(tmp_path, capsys, monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("reference.training.fit", interrupt)
    assert main([*TINY, "--out", str(tmp_path)]) == 130
    assert "interrupted after 0 of 1 epochs" in capsys.readouterr().err
    assert (tmp_path / "model.npz").exists()


def of_the_test():
    data = load("digits", 0, np.float32)
    return data.x_test, data.y_test


def test_the_images_for_testing_are_measured_once_in_the_end(tmp_path, monkeypatch):
    measured = []
    evaluate = Model.evaluate

    def counted(self, x, y, **options):
        measured.append(len(x))
        return evaluate(self, x, y, **options)

    monkeypatch.setattr(Model, "evaluate", counted)
    for share, expected in (("0.1", [144, 144, 359]), ("0", [359])):
        measured.clear()
        options = ["--epochs", "2", "--validation", share, "--out", str(tmp_path / share)]
        assert main([*TINY, *options]) == 0
        assert measured == expected


def test_a_model_is_not_overwritten_unless_told(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(TINY) == main(TINY) == 0
    assert "saved runs/2/model.npz" in capsys.readouterr().out
    before = (tmp_path / "runs" / "1" / "model.npz").read_bytes()
    again = [*TINY, "--seed", "5", "--out", "runs/1"]
    assert_refused(again, "runs/1/model.npz is there already: expected another folder", capsys)
    assert (tmp_path / "runs" / "1" / "model.npz").read_bytes() == before
    assert main([*again, "--overwrite"]) == 0
    assert (tmp_path / "runs" / "1" / "model.npz").read_bytes() != before
