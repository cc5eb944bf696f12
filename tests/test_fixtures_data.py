"""The committed golden data, without PyTorch: complete, hostile, right by another computation."""

import hashlib
import json
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "fixtures"
EPS = np.finfo(np.float64).eps
TEXTS = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.toml")}
CASES = [(stem, table) for stem, text in sorted(TEXTS.items()) for table in text["case"]]


def stored(stem):
    """Return the arrays of a unit by case and name."""
    arrays = {}
    with np.load(FOLDER / f"{stem}.npz", allow_pickle=False) as file:
        for key in file.files:
            case, name = key.split("/", 1)
            arrays.setdefault(case, {})[name] = file[key]
    return arrays


ARRAYS = {stem: stored(stem) for stem in TEXTS}


def cases(*stems, where=lambda table: True):
    """Parametrize a test with the cases of some units (all of them if none is named)."""
    chosen = [(s, t) for s, t in CASES if (s in stems or not stems) and where(t)]
    return pytest.mark.parametrize(
        ("table", "arrays"),
        [pytest.param(t, ARRAYS[s][t["id"]], id=f"{s}-{t['id']}") for s, t in chosen],
    )


def assert_golden(arrays, name, value):
    """Demand that a value computed here is what is stored, to a few roundings."""
    assert arrays[name].shape == np.shape(value)
    assert np.abs(arrays[name] - value).max() <= 8 * EPS * arrays[f"{name}.bound"]


# --- complete ---------------------------------------------------------------------------------


def test_manifest_has_the_hash_of_every_file():
    files = {path for path in FOLDER.iterdir() if path.suffix in (".toml", ".npz")}
    assert json.loads((FOLDER / "manifest.json").read_text("utf-8"))["files"] == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def test_every_case_is_stored_and_nothing_else():
    assert {s: list(ARRAYS[s]) for s in TEXTS} == {
        s: [table["id"] for table in text["case"]] for s, text in TEXTS.items()
    }


def test_every_requirement_of_a_case_is_in_the_specification():
    known = set(re.findall(r"\*\*([A-Z0-9]+-\d+)\*\*", (ROOT / "conformance/SPEC.md").read_text()))
    assert {r for _, table in CASES for r in table["requirement"].values()} <= known


@cases()
def test_everything_is_finite_and_float64_but_for_labels(table, arrays):
    for name, array in arrays.items():
        labels = (
            name == "target"
            and array.ndim == 1
            and table["inputs"]["target"].get("kind")
            in (
                "labels",
                None,
            )
        )
        assert array.dtype == (np.int64 if labels else np.float64), name
        assert np.isfinite(array).all(), name


@cases()
def test_every_bound_is_a_positive_number_no_smaller_than_its_output(table, arrays):
    bounds = [name for name in arrays if name.endswith(".bound")]
    assert bounds
    for name in bounds:
        assert arrays[name].shape == ()
        assert arrays[name] > 0, name
        assert arrays[name] >= np.abs(arrays[name.removesuffix(".bound")]).max() * 0.999, name


# --- hostile ----------------------------------------------------------------------------------


@cases()
def test_no_input_is_constant_and_signs_are_mixed_where_the_kind_allows(table, arrays):
    for name, array in arrays.items():
        spec = table["inputs"].get(name, {"kind": "normal"})
        if name.endswith(".bound") or f"{name}.bound" in arrays or "values" in spec:
            continue
        if array.size > 1:
            assert np.unique(array).size > 1, name
        if array.size > 7 and spec["kind"] in ("normal", "grid", "large", "ties", "zeros"):
            assert (array < 0).any(), name
            assert (array > 0).any(), name


@cases("maxpool2d", "relu", where=lambda t: t["inputs"]["x"]["kind"] in ("grid", "negative"))
def test_grids_keep_their_gap_and_leave_out_zero(table, arrays):
    values = np.sort(arrays["x"], axis=None)
    np.testing.assert_array_equal(np.diff(values), 1 / 8)
    if table["inputs"]["x"]["kind"] == "negative":
        assert values[-1] == -1 / 16
    else:
        assert np.abs(values).min() == 1 / 16
        assert abs(values[0] + values[-1]) <= 1 / 8
    assert np.unique(np.diff(arrays["x"].ravel())).size > 2  # shuffled


def test_most_windows_of_the_ties_have_several_largest_elements():
    x = ARRAYS["maxpool2d"]["ties"]["x"]
    windows = np.lib.stride_tricks.sliding_window_view(x, (2, 2), axis=(2, 3))[:, :, ::2, ::2]
    largest = (windows == windows.max(axis=(4, 5), keepdims=True)).sum(axis=(4, 5))
    assert (largest > 1).mean() > 0.5
    assert set(np.unique(x)) == {-2, -1, 0, 1}


def test_a_third_of_the_zeros_is_zero():
    assert (ARRAYS["relu"]["zeros"]["x"] == 0).mean() == pytest.approx(1 / 3)


@cases("softmaxcrossentropy", where=lambda t: "values" not in t["inputs"]["target"])
def test_every_class_occurs_and_square_targets_are_not_symmetric(table, arrays):
    (samples, classes), target = arrays["logits"].shape, arrays["target"]
    if table["inputs"]["target"]["kind"] == "probabilities":
        assert (target > 0).all()
        np.testing.assert_allclose(target.sum(axis=1), 1, rtol=4 * EPS)
        return
    labels = target if target.ndim == 1 else target.argmax(axis=1)
    rows = np.eye(classes)[labels]
    if target.ndim == 2:
        np.testing.assert_array_equal(target, rows)
    assert np.unique(labels).size == min(samples, classes)
    assert samples != classes or (rows != rows.T).any()


@cases("conv2d")
def test_no_convolution_is_large(table, arrays):
    assert arrays["y"].size * arrays["weight"][0].size <= 20_000


# --- right ------------------------------------------------------------------------------------


def geometry(table, kernel):
    """Return kernel, stride and padding as pairs."""
    options = table.get("options", {})
    pair = [kernel, options.get("stride", kernel), options.get("padding", 0)]
    return [tuple(np.broadcast_to(value, 2)) for value in pair]


def windows(x, kernel, stride, padding, fill):
    """Yield where each window stands in the output, and its slices of the padded image."""
    (KH, KW), (SH, SW), (PH, PW) = kernel, stride, padding
    xp = np.pad(x, ((0, 0), (0, 0), (PH, PH), (PW, PW)), constant_values=fill)
    OH, OW = (xp.shape[2] - KH) // SH + 1, (xp.shape[3] - KW) // SW + 1
    places = [
        (i, j, slice(i * SH, i * SH + KH), slice(j * SW, j * SW + KW))
        for i in range(OH)
        for j in range(OW)
    ]
    return xp, OH, OW, places


def crop(xp, x, padding):
    return xp[:, :, padding[0] :, padding[1] :][:, :, : x.shape[2], : x.shape[3]]


def convolve(x, w, stride, padding, dout=None):
    """Return y, dx and dw by loops over windows and filters."""
    xp, OH, OW, places = windows(x, w.shape[2:], stride, padding, 0.0)
    y, dxp, dw = np.zeros((len(x), len(w), OH, OW)), np.zeros_like(xp), np.zeros_like(w)
    for i, j, rows, columns in places:
        for k in range(len(w)):
            for n in range(len(x)):
                window = xp[n, :, rows, columns]
                y[n, k, i, j] = (window * w[k]).sum()
                if dout is not None:
                    dxp[n, :, rows, columns] += dout[n, k, i, j] * w[k]
                    dw[k] += dout[n, k, i, j] * window
    return y, crop(dxp, x, padding), dw


def convolve_anyhow(x, w, options, dout):
    """Return y, dx and dw with dilation, groups and paddings by name, of plain convolutions."""
    stride = tuple(np.broadcast_to(options.get("stride", 1), 2))
    dh, dw = np.broadcast_to(options.get("dilation", 1), 2)
    groups, padding = options.get("groups", 1), options.get("padding", 0)
    gaps = np.zeros((*w.shape[:2], dh * (w.shape[2] - 1) + 1, dw * (w.shape[3] - 1) + 1))
    gaps[:, :, ::dh, ::dw] = w
    before = after = np.broadcast_to(0 if padding == "valid" else padding, 2)
    if padding in ("same", "same_lower"):
        zeros = np.array(gaps.shape[2:]) - 1
        before, after = zeros // 2, zeros - zeros // 2
        before, after = (after, before) if padding == "same_lower" else (before, after)
    xp = np.pad(x, ((0, 0), (0, 0), (before[0], after[0]), (before[1], after[1])))
    parts = [
        convolve(each, kernels, stride, (0, 0), gradient)
        for each, kernels, gradient in zip(
            np.split(xp, groups, 1), np.split(gaps, groups), np.split(dout, groups, 1), strict=True
        )
    ]
    y, dxp = (np.concatenate([part[i] for part in parts], axis=1) for i in range(2))
    return y, crop(dxp, x, before), np.concatenate([part[2] for part in parts])[:, :, ::dh, ::dw]


def pool(x, kernel, stride, padding, dout=None):
    """Return y and dx by loops; the first of the largest elements takes the gradient."""
    xp, OH, OW, places = windows(x, kernel, stride, padding, -np.inf)
    y, dxp = np.zeros((*x.shape[:2], OH, OW)), np.zeros_like(xp)
    for i, j, rows, columns in places:
        for n, c in np.ndindex(x.shape[:2]):
            window = xp[n, c, rows, columns]
            u, v = np.unravel_index(window.argmax(), window.shape)
            y[n, c, i, j] = window[u, v]
            if dout is not None:
                dxp[n, c, rows.start + u, columns.start + v] += dout[n, c, i, j]
    return y, crop(dxp, x, padding)


@cases("conv2d")
def test_convolution_agrees_with_loops(table, arrays):
    options = table.get("options", {})
    y, dx, dweight = convolve_anyhow(arrays["x"], arrays["weight"], options, arrays["dout"])
    assert ("bias" in arrays) == options.get("bias", True)
    if "bias" in arrays:
        y = y + arrays["bias"][:, None, None]
        assert_golden(arrays, "dbias", arrays["dout"].sum(axis=(0, 2, 3)))
    assert_golden(arrays, "y", y)
    assert_golden(arrays, "dx", dx)
    assert_golden(arrays, "dweight", dweight)


@cases("maxpool2d")
def test_pooling_agrees_with_loops(table, arrays):
    y, dx = pool(arrays["x"], *geometry(table, table["arguments"][0]), arrays["dout"])
    assert_golden(arrays, "y", y)
    assert_golden(arrays, "dx", dx)


def loss_and_gradient(name, reduction, prediction, target):
    """Return a loss and its gradient for the prediction."""
    if name == "MSE":
        scale = 1 if reduction == "sum" else 1 / prediction.size
        return scale * ((prediction - target) ** 2).sum(), scale * 2 * (prediction - target)
    t = target if target.ndim == 2 else np.eye(prediction.shape[1])[target]
    scale = 1 if reduction == "sum" else 1 / len(prediction)
    shifted = prediction - prediction.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -scale * (t * log_p).sum(), scale * (np.exp(log_p) * t.sum(axis=1, keepdims=True) - t)


@cases("softmaxcrossentropy", "mse")
def test_losses_agree_with_their_formulas(table, arrays):
    name, of = ("MSE", "pred") if "pred" in arrays else ("SoftmaxCrossEntropy", "logits")
    reduction = table.get("options", {}).get("reduction", "mean")
    loss, gradient = loss_and_gradient(name, reduction, arrays[of], arrays["target"])
    assert_golden(arrays, "loss", loss)
    assert_golden(arrays, f"d{of}", gradient)


@cases("training")
def test_training_agrees_with_a_loop_of_its_own(table, arrays):
    x, target = arrays["x"], arrays["target"]
    weight, bias = arrays["weight"].copy(), arrays["bias"].copy()
    size, reduction = table["batch_size"], table.get("reduction", "mean")
    labels = target if target.ndim == 1 else target.argmax(axis=1)
    assert_golden(arrays, "predict", x @ weight.T + bias)
    losses, accuracies = [], []
    for _ in range(table["epochs"]):
        total, hits = 0.0, 0
        for start in range(0, len(x), size):
            rows = slice(start, start + size)
            y = x[rows] @ weight.T + bias
            loss, dy = loss_and_gradient(table["loss"], reduction, y, target[rows])
            weight -= table["lr"] * dy.T @ x[rows]
            bias -= table["lr"] * dy.sum(axis=0)
            total += loss if reduction == "sum" else loss * len(y)
            hits += (y.argmax(axis=1) == labels[rows]).sum()
        losses.append(total / len(x))
        accuracies.append(hits / len(x))
    assert_golden(arrays, "weight.after", weight)
    assert_golden(arrays, "bias.after", bias)
    assert_golden(arrays, "loss", losses)
    assert ("accuracy" in arrays) == (table["loss"] != "MSE")
    if "accuracy" in arrays:
        assert_golden(arrays, "accuracy", accuracies)


def forward(table, parameters, x):
    """Run a network of the fixtures with its parameters, and statistics if there are any."""
    for index, (name, *arguments) in enumerate(table["layers"]):
        weight, bias = (parameters.get(f"{index}.{part}") for part in ("weight", "bias"))
        if name == "Conv2D":
            options = arguments[-1] if isinstance(arguments[-1], dict) else {}
            _, stride, padding = geometry({"options": {"stride": 1, **options}}, 1)
            x = convolve(x, weight, stride, padding)[0]
            x = x if bias is None else x + bias[:, None, None]
        elif name == "Dense":
            x = x @ weight.T + (0 if bias is None else bias)
        elif name == "MaxPool2D":
            x = pool(x, *geometry(table, arguments[0]))[0]
        elif name == "BatchNorm2D":
            mean = parameters.get(f"{index}.running_mean", x.mean(axis=(0, 2, 3)))
            var = parameters.get(f"{index}.running_var", x.var(axis=(0, 2, 3)))
            scale, shift = weight / np.sqrt(var + 1e-5), bias
            x = (x - mean[:, None, None]) * scale[:, None, None] + shift[:, None, None]
        elif name == "Softmax":
            x = np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)
        elif name != "Dropout":  # which is left out in evaluation, and not trained with
            x = np.maximum(x, 0) if name == "ReLU" else x.reshape(len(x), -1)
    return x


@cases("network")
def test_networks_predict_what_their_parameters_give(table, arrays):
    first = {name: arrays[name] for name in arrays if re.fullmatch(r"\d+\.\w+", name)}
    trained = {n.removesuffix(".after"): arrays[n] for n in arrays if n.endswith(".after")}
    assert_golden(arrays, "predict", forward(table, trained or first, arrays["x"]))
    if not trained:
        return
    batch = slice(table["batch_size"])
    y = forward(table, first, arrays["x"][batch])
    loss, _ = loss_and_gradient(table["loss"], "mean", y, arrays["target"][batch])
    assert np.abs(arrays["steps.loss"][0] - loss) <= 8 * EPS * arrays["steps.loss.bound"]


@cases("network")
def test_a_network_is_judged_closely(table, arrays):
    """A tolerance that is as large as what it judges would let everything pass."""
    for name in (name for name in arrays if f"{name}.bound" in arrays and "accuracy" not in name):
        allowed = 4 * np.finfo(np.float32).eps * arrays[f"{name}.bound"]
        assert allowed < 2e-3 * np.abs(arrays[name]).max(), name


@cases("sequential")
def test_layers_in_a_row_agree_with_the_chain_rule(table, arrays):
    inputs, dx = [arrays["x"]], arrays["dout"]
    for index, (name, *_) in enumerate(table["layers"]):
        x = inputs[-1]
        w, b = arrays.get(f"{index}.weight"), arrays.get(f"{index}.bias")
        made = {"Square": x * x, "Turn": x[:, ::-1]}
        inputs.append(made[name] if name in made else x * w + b)
    assert_golden(arrays, "y", inputs.pop())
    for index, (name, *_) in reversed(list(enumerate(table["layers"]))):
        x = inputs.pop()
        if name == "Scale":
            assert_golden(arrays, f"d{index}.weight", (dx * x).sum(axis=0))
            assert_golden(arrays, f"d{index}.bias", dx.sum(axis=0))
        if name == "Turn":
            dx = dx[:, ::-1]
        else:
            dx = dx * (2 * x if name == "Square" else arrays[f"{index}.weight"])
    assert_golden(arrays, "dx", dx)


# --- what the tutorial prints -----------------------------------------------------------------


def test_the_worked_convolution_is_what_the_tutorial_prints():
    (table,) = (t for t in TEXTS["conv2d"]["case"] if t["id"] == "worked-example")
    printed, arrays = table["printed"], ARRAYS["conv2d"]["worked-example"]
    np.testing.assert_allclose(arrays["y"], printed["y"], atol=5e-4)
    for name in ("weight", "bias"):
        step = arrays[name] - printed["learning_rate"] * arrays[f"d{name}"]
        np.testing.assert_allclose(step, printed[f"{name}_after_step"], atol=5e-4)


def test_the_worked_step_is_what_the_tutorial_prints():
    (table,) = (t for t in TEXTS["sgd"]["case"] if t["id"] == "worked-example")
    for name, values in table["printed"].items():
        after = ARRAYS["sgd"]["worked-example"][f"{name}.after"]
        np.testing.assert_allclose(after[-1], values, atol=5e-4)
