"""The scripts in examples/ run on a small budget and do what they say."""

import json
import re
import runpy
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests import ROOT


@pytest.fixture
def run(capsys, monkeypatch):
    """Run a script's main; return its result and what it has printed."""
    monkeypatch.syspath_prepend(ROOT / "examples")  # as Python does for a script

    def main(name, *arguments):
        result = runpy.run_path(str(ROOT / "examples" / f"{name}.py"))["main"](*arguments)
        return result, capsys.readouterr().out

    return main


def printed(text, title):
    """Return the matrices below a title, side by side: an array (rows, columns)."""
    lines = text.split(f"\n{title}", 1)[1].split("\n\n")[0].splitlines()[1:]
    return np.array([[float(number) for number in line.split()] for line in lines])


def test_the_worked_example_prints_the_tutorial_s_numbers(run):
    given = json.loads((ROOT / "fixtures" / "worked_example.json").read_text("utf-8"))
    _, text = run("worked_example")

    def beside(matrices):
        return np.concatenate(np.array(matrices, float), axis=1)

    assert np.array_equal(printed(text, "feature maps"), beside(given["y"][0]))
    for k in range(2):
        after = printed(text, f"filter {k} after the step")
        assert np.array_equal(after, beside(given["weight_after_step"][k]))
        bias = re.search(rf"filter {k} after the step, bias (\S+)", text)
        assert float(bias[1]) == given["bias_after_step"][k]


def test_the_keras_like_tour_trains_saves_and_loads(run, tmp_path):
    accuracy, text = run("keras_like", ["--epochs", "3", "--verbose", "0", "--out", str(tmp_path)])
    assert accuracy > 0.8
    assert "a layer that does not fit is refused: Model: layer 10, Conv2D" in text
    assert "the same predictions" in text
    assert {p.name for p in tmp_path.iterdir()} == {"model.npz", "history.png", "confusion.png"}


def test_a_curve_is_learned_one_sample_at_a_time(run):
    error, text = run("regression", ["--epochs", "20"])
    assert error < 0.1 < 0.5 < float(re.search(r"all y would have (\S+),", text)[1])


def test_the_functional_network_learns_the_digits(run):
    accuracy, text = run("mnist_functional", ["--steps", "600", "--rate", "0.05"])
    assert accuracy > 0.5
    assert "step  400" in text


@pytest.mark.parametrize("loss", ["cross_entropy", "mse"])
def test_a_network_learns_from_folders_of_images(loss, run, tmp_path):
    argv = ["--loss", loss, "--plot", str(tmp_path / "loss.png")]
    measured, text = run("image_folder_cnn", argv)
    assert measured["accuracy"] > 0.8
    assert "300 images of 2 classes: blots, lamps" in text
    assert (tmp_path / "loss.png").stat().st_size > 1000


def test_odd_files_among_the_images_are_used_or_named(run, tmp_path):
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (80, 60, 3), dtype=np.uint8))
    for name in ("cat", "dog", "owl"):
        (tmp_path / name).mkdir()
    for number, mode in enumerate(("RGB", "L", "RGBA", "P", "1", "LA")):
        noise.convert(mode).save(tmp_path / "cat" / f"{number}.png")
    for number in range(5):
        lying = Image.Exif()
        lying[0x0112] = 6
        noise.save(tmp_path / "dog" / f"{number}.jpg", exif=lying)
    cut = (tmp_path / "dog" / "0.jpg").read_bytes()[:2000]
    (tmp_path / "dog" / "0.jpg").write_bytes(cut)
    (tmp_path / "dog" / "notes.txt").write_text("Bello, 2019")
    _, text = run("image_folder_cnn", [str(tmp_path), "--epochs", "1"])
    assert "10 images of 2 classes: cat, dog" in text
    named = sorted(re.findall(r"^skipped: (\S+): ", text, re.MULTILINE))
    assert named == ["dog/0.jpg", "dog/notes.txt", "owl"]
    assert "skipped: 3 in all" in text


def ended(name, *arguments, without=None):
    """Run a script as a user does, if asked without a module; return the finished process."""
    path = ROOT / "examples" / f"{name}.py"
    code = (
        f"import sys, runpy; sys.modules[{without!r}] = None; sys.path[0] = {str(path.parent)!r}; "
        f"runpy.run_path({str(path)!r}, run_name='__main__')"
    )
    script = [str(path)] if without is None else ["-c", code]
    command = [sys.executable, *script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        (
            "mnist_functional",
            ["--data", "/nope"],
            "/nope: no file, folder or data set of that name",
        ),
        ("mnist_functional", ["--batch-size", "0"], "--batch-size: expected a whole number of at"),
        ("mnist_functional", ["--steps", "many"], "at least 1, got 'many'"),
        ("regression", ["--epochs", "0"], "--epochs: expected a whole number of at least 1, got"),
        ("regression", ["--samples", "0"], "--samples: expected a whole number of at least 1"),
        ("regression", ["--seed", "-1"], "--seed: expected a whole number of at least 0, got '-1'"),
        ("keras_like", ["--epochs", "0"], "--epochs: expected a whole number of at least 1, got"),
        ("keras_like", ["--out", __file__], "no folder can be made there: File exists"),
        ("image_folder_cnn", ["--count", "0"], "--count: expected a whole number of at least 1"),
        ("image_folder_cnn", ["--plot", "/nope/loss.png"], "--plot: there is no folder /nope"),
        ("image_folder_cnn", [str(ROOT / "docs")], "expected a folder for each class with images"),
    ],
)
def test_what_cannot_be_run_is_refused_in_one_line(name, arguments, reason):
    process = ended(name, *arguments)
    assert process.returncode == 2
    assert reason in process.stderr.splitlines()[-1]
    assert "Traceback" not in process.stderr


@pytest.mark.parametrize(
    ("name", "module", "extras"),
    [
        ("keras_like", "matplotlib", "needs matplotlib: pip install -e '.[plots]'"),
        ("image_folder_cnn", "PIL", "needs Pillow and matplotlib: pip install -e '.[data,plots]'"),
        ("image_folder_cnn", "matplotlib", "pip install -e '.[data,plots]'"),
    ],
)
def test_what_has_to_be_installed_is_said_in_one_line(name, module, extras):
    process = ended(name, without=module)
    assert process.returncode == 1
    (line,) = process.stderr.splitlines()
    assert module in line
    assert extras in line
