"""The script that computes the golden data: repeatable, checks what is stored, private sets."""

import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parents[1] / "fixtures"


def load(name):
    """Import a module of the script's folder, as the script does."""
    sys.path.insert(0, str(FOLDER))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(FOLDER))


@pytest.fixture(scope="module")
def generate():
    return load("generate")


@pytest.fixture(scope="module")
def private(generate, tmp_path_factory):
    """A private set."""
    folder = tmp_path_factory.mktemp("private") / "set"
    assert generate.main(["--out", str(folder), "--seed", "7"]) == 0
    return folder


@pytest.fixture
def copy(tmp_path):
    """A copy of the committed set, to plant differences in."""
    return Path(shutil.copytree(FOLDER, tmp_path / "copy", ignore=shutil.ignore_patterns("__*")))


def change_arrays(folder, change):
    """Write dense.npz anew with some arrays changed, and its hash into the manifest."""
    path = folder / "dense.npz"
    with np.load(path) as file:
        arrays = dict(file)
    change(arrays)
    np.savez_compressed(path, **arrays)
    accept(folder, "dense.npz")


def accept(folder, name):
    """Make the manifest name the file as it is now."""
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = load("stored").hashes(folder)[name]
    (folder / "manifest.json").write_text(json.dumps(manifest))


def arrays_of(path):
    with np.load(path) as file:
        return dict(file)


# --- checking what is stored ------------------------------------------------------------------


@pytest.mark.torch
def test_check_passes_on_the_committed_set(generate, capsys):
    assert generate.main(["--check"]) == 0
    assert capsys.readouterr().out.startswith("fixtures: all of adagrad, adam")


def plant_value(arrays):
    arrays["bias/y"][1, 2] += 1e-12


def plant_input(arrays):
    arrays["bias/x"][0, 0] = np.nextafter(arrays["bias/x"][0, 0], 9)


def plant_nan(arrays):
    arrays["bias/y"][1, 2] = np.nan


def plant_bound(arrays):
    arrays["bias/y.bound"] = arrays["bias/y.bound"] * 1.01


def plant_dtype(arrays):
    arrays["bias/y"] = arrays["bias/y"].astype(np.float32)


def plant_shape(arrays):
    arrays["bias/y"] = arrays["bias/y"].T


def plant_missing(arrays):
    del arrays["bias/dbias"]


def plant_extra(arrays):
    arrays["bias/other"] = np.ones(3)


@pytest.mark.torch
@pytest.mark.parametrize(
    ("plant", "message"),
    [
        (plant_value, "dense.npz: bias/y is off by 1e-12, allowed "),
        (plant_input, "dense.npz: bias/x is off by "),
        (plant_nan, "dense.npz: bias/y is off by nan"),
        (plant_bound, "dense.npz: bias/y.bound is off by "),
        (plant_dtype, "dense.npz: bias/y is float32, should be float64"),
        (plant_shape, "dense.npz: bias/y has shape (4, 6), should have (6, 4)"),
        (plant_missing, "dense.npz: bias/dbias is missing"),
        (plant_extra, "dense.npz: bias/other does not follow from dense.toml"),
    ],
)
def test_check_names_the_array_that_differs(generate, copy, capsys, plant, message):
    change_arrays(copy, plant)
    assert generate.main(["dense", "--check", "--out", str(copy)]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(message)


@pytest.mark.torch
def test_check_accepts_another_order_of_rounding(generate, copy):
    def plant(arrays):
        arrays["bias/y"] *= 1 + np.finfo(float).eps

    change_arrays(copy, plant)
    assert generate.main(["dense", "--check", "--out", str(copy)]) == 0


@pytest.mark.torch
def test_check_names_the_arrays_of_a_case_that_was_removed(generate, copy, capsys):
    path = copy / "dense.toml"
    text = path.read_text()
    path.write_text(text[: text.index('[[case]]\nid = "wide"')])
    accept(copy, "dense.toml")
    assert generate.main(["dense", "--check", "--out", str(copy)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "dense.npz: wide/dx does not follow from dense.toml" in lines
    assert all(line.startswith("dense.npz: wide/") for line in lines)


@pytest.mark.torch
def test_check_names_a_case_that_was_changed(generate, copy, capsys):
    path = copy / "dense.toml"
    path.write_text(path.read_text().replace("shape = [5, 2]", "shape = [6, 2]"))
    assert generate.main(["dense", "--check", "--out", str(copy)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("dense.toml is not the file that manifest.json names")
    assert "dense.npz: bias-square/x has shape (5, 2), should have (6, 2)" in lines


def lines_of(folder, versions=None):
    """Check the files and hashes alone, for which no oracle is needed."""
    return list(load("stored").differences(folder, versions or {}, {}, whole=True))


def test_hashes_of_the_committed_set_fit():
    assert lines_of(FOLDER) == []


def test_an_edited_manifest_is_named(copy):
    path = copy / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"]["relu.npz"] = "0" * 64
    del manifest["files"]["mse.toml"]
    manifest["files"]["other.npz"] = "0" * 64
    path.write_text(json.dumps(manifest))
    assert lines_of(copy) == [
        "mse.toml is not in manifest.json",
        "other.npz is missing",
        "relu.npz is not the file that manifest.json names: its hash differs",
    ]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"seed": 0, "files": 3}'])
def test_a_manifest_that_cannot_be_read_is_named(copy, text):
    (copy / "manifest.json").write_text(text)
    (line,) = lines_of(copy)
    assert line.startswith("manifest.json cannot be read")


def test_a_changed_and_a_missing_file_are_named(copy):
    (copy / "sgd.toml").write_text("")
    (copy / "relu.npz").unlink()
    assert lines_of(copy) == [
        "relu.npz is missing",
        "sgd.toml is not the file that manifest.json names: its hash differs",
    ]


def test_other_versions_are_told_in_one_line_and_are_no_difference(copy, capsys):
    assert lines_of(copy, {"torch": "9.9"}) == []
    was = json.loads((copy / "manifest.json").read_text())["torch"]
    assert capsys.readouterr().out == f"note: made with torch {was}; this is torch 9.9\n"


# --- writing ----------------------------------------------------------------------------------


@pytest.mark.torch
def test_the_same_seed_gives_the_same_bytes(generate, private, tmp_path):
    assert generate.main(["--out", str(tmp_path), "--seed", "7"]) == 0
    names = {path.name for path in private.iterdir()}
    assert {path.name for path in tmp_path.iterdir()} == names
    for name in names:
        assert (tmp_path / name).read_bytes() == (private / name).read_bytes(), name


@pytest.mark.torch
def test_a_private_set_is_complete_and_right(generate, private):
    for path in FOLDER.glob("*.toml"):
        assert (private / path.name).read_bytes() == path.read_bytes()
    assert json.loads((private / "manifest.json").read_text())["seed"] == 7
    assert generate.main(["--check", "--out", str(private)]) == 0


@pytest.mark.torch
def test_a_private_set_has_the_same_cases_with_other_numbers_and_shapes(private):
    grown = drawn = 0
    for path in FOLDER.glob("*.npz"):
        committed, other = arrays_of(path), arrays_of(private / path.name)
        assert committed.keys() == other.keys()
        for name in (name for name in committed if name.endswith(("/x", "/logits", "/pred"))):
            if "large-logits" in name or "far-apart" in name or "worked" in name:
                continue  # given in the toml file
            drawn += 1
            assert committed[name].ndim == other[name].ndim
            assert all(np.array(other[name].shape) >= committed[name].shape), name
            grown += committed[name].shape != other[name].shape
            assert not np.array_equal(committed[name], other[name]), name
    assert drawn > 80
    assert grown > drawn / 2


@pytest.mark.torch
def test_arrays_of_a_case_grow_together(private):
    logits = arrays_of(private / "softmaxcrossentropy.npz")
    for name in (name for name in logits if name.endswith("/target")):
        assert len(logits[name]) == len(logits[name.replace("target", "logits")])
    images = arrays_of(private / "mse.npz")
    for name in (name for name in images if name.endswith("/target")):
        assert images[name].shape == images[name.replace("target", "pred")].shape


@pytest.mark.torch
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["conv", "dense"], "no unit conv; the units are adagrad, adam, avgpool2d"),
        (["--seed", "3"], "a private set takes --out DIR and --seed N"),
        (["--out", "new"], "a private set takes --out DIR and --seed N"),
        (["--out", "new", "--seed", "0"], "a private set takes --out DIR and --seed N"),
        (["--out", str(FOLDER), "--seed", "3"], "a private set takes --out DIR and --seed N"),
        (["dense", "--out", "new", "--seed", "3"], "a private set takes --out DIR and --seed N"),
        (["--out", ".", "--seed", "3"], ". is not empty and not a fixture set"),
        (["--out", "mine.txt", "--seed", "3"], "mine.txt is not empty and not a fixture set"),
        (["--check", "--seed", "3"], "--check takes the seed from the folder's manifest.json"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(
    generate, capsys, tmp_path, monkeypatch, arguments, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(SystemExit) as stopped:
        generate.main(arguments)
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_without_torch_one_line_says_how_to_install_it():
    code = (
        "import runpy, sys; sys.modules['torch'] = None; sys.path.insert(0, sys.argv[1]);"
        "runpy.run_path(sys.argv[1] + '/generate.py', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(FOLDER)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.endswith("pip install 'cnn-conformance[torch]'")


# --- cases ------------------------------------------------------------------------------------

TABLE = {"id": "a", "inputs": {"x": {"kind": "normal", "shape": [3, 2], "grow": [1, 0]}}}
TOML = b'[[case]]\nid = "a"\ninputs.x = { kind = "normal", shape = [2] }\n'


def doubled(case):
    """An oracle for tests: y = 2 x."""
    y = 2 * case.array("x")
    return {"y": (y, np.abs(y).max())}


def test_an_array_depends_on_nothing_but_seed_unit_case_and_name():
    case = load("drawing").Case
    alone = case("dense", TABLE).array("x")
    after_another = case("dense", TABLE)
    after_another.array("weight", (4, 4))
    np.testing.assert_array_equal(after_another.array("x"), alone)
    for other in (case("relu", TABLE), case("dense", TABLE | {"id": "b"}), case("dense", TABLE, 1)):
        assert other.array("x")[0, 0] != alone[0, 0]


@pytest.mark.parametrize(("seed", "attempts"), [(0, 1), (5, 3)])
def test_an_unsuitable_case_is_drawn_again_in_a_private_set_only(seed, attempts):
    drawing, stored = load("drawing"), load("stored")
    drawn = []

    def oracle(case):
        drawn.append(case.array("x"))
        if len(drawn) < 3:
            raise drawing.CaseError("too near a kink")
        return doubled(case)

    if seed == 0:
        with pytest.raises(drawing.CaseError, match=r"dense\.toml, case a: too near a kink"):
            stored.arrays_of_case("dense", TABLE, seed, oracle)
    else:
        stored.arrays_of_case("dense", TABLE, seed, oracle)
    assert len(drawn) == attempts
    assert len({x.tobytes() for x in drawn}) == attempts


def test_writing_one_unit_leaves_the_hashes_of_others(tmp_path):
    stored = load("stored")
    oracles = {"one": doubled, "two": doubled}
    for stem in oracles:
        (tmp_path / f"{stem}.toml").write_bytes(TOML)
    stored.write(tmp_path, tmp_path, 0, {}, oracles)
    assert list(stored.differences(tmp_path, {}, oracles, whole=True)) == []
    for stem in oracles:
        (tmp_path / f"{stem}.toml").write_bytes(TOML + b"# changed\n")
    stored.write(tmp_path, tmp_path, 0, {}, {"one": doubled})
    (line,) = stored.differences(tmp_path, {}, oracles, whole=True)
    assert line.startswith("two.toml is not the file")


@pytest.mark.parametrize(
    ("text", "message"),
    [(TOML + TOML, "more than one case is called a"), (b"[[case", "cannot be read")],
)
def test_a_bad_toml_file_is_named_and_nothing_is_written(tmp_path, text, message):
    (tmp_path / "one.toml").write_bytes(text)
    with pytest.raises(load("drawing").CaseError, match=rf"one\.toml.*{message}"):
        load("stored").write(tmp_path, tmp_path, 0, {}, {"one": doubled})
    assert [path.name for path in tmp_path.iterdir()] == ["one.toml"]


def network(**inputs):
    """Return the table of a small network case."""
    layers = [["Dense", 3, 4, {"bias": False}], ["ReLU"], ["Dense", 4, 2, {"bias": False}]]
    run = {"loss": "MSE", "epochs": 1, "batch_size": 2, "lr": 0.1}
    return {"id": "n", "layers": layers, "inputs": inputs, **run}


@pytest.mark.torch
def test_a_training_run_on_a_kink_is_refused(generate):
    drawing = load("drawing")
    target = {"kind": "normal", "shape": [2, 2]}
    load("networks").training_run(
        drawing.Case("network", network(x={"kind": "normal", "shape": [2, 3]}, target=target))
    )
    with pytest.raises(drawing.CaseError, match="too near a kink"):
        load("networks").training_run(
            drawing.Case("network", network(x={"values": np.zeros((2, 3))}, target=target))
        )


@pytest.mark.torch
def test_a_training_run_with_a_tie_of_two_classes_is_refused(generate):
    drawing = load("drawing")
    table = network(x={"kind": "normal", "shape": [2, 3]}, target={"values": [0, 1]})
    table |= {"loss": "SoftmaxCrossEntropy"}
    table["inputs"] |= {"2.weight": {"values": np.ones((2, 4))}}
    with pytest.raises(drawing.CaseError, match="tie of two classes"):
        load("networks").training_run(drawing.Case("network", table))
