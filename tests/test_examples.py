"""The scripts in examples/ run on a small budget and do what they say."""

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[1]


@pytest.fixture
def run(capsys):
    """Run a script's main; return its result and what it has printed."""

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
    named = sorted(re.findall(r"^left out: (\S+): ", text, re.MULTILINE))
    assert named == ["dog/0.jpg", "dog/notes.txt", "owl"]
    assert "left out: 3 in all" in text


def test_a_folder_without_images_is_refused_in_one_line(tmp_path):
    script = [sys.executable, str(ROOT / "examples" / "image_folder_cnn.py"), str(tmp_path)]
    ended = subprocess.run(script, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert "expected a folder for each class with images in it" in ended.stderr
    assert "Traceback" not in ended.stderr
