"""Code in a known style is graded as it stands: recognised, translated, not fixed, not hurt."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from cnn_conformance.batch.command import main as batch
from cnn_conformance.implementation import styles
from cnn_conformance.implementation.styles._front import prepared
from cnn_conformance.oracle import specification
from cnn_conformance.outcomes import WRONG, Outcome
from cnn_conformance.practice import check
from cnn_conformance.reproduce import main as reproduce
from tests import ROOT
from tests.grade import checks_of, grade, in_worker, loaded, printed

EXAMPLES = ROOT / "examples" / "styles"
UNITS = {
    "coursera": {"Adam", "AvgPool2D", "Conv2D", "Dense", "MaxPool2D", "ReLU", "SGD"},
    "cs231n": {
        *("Conv2D", "Dense", "LayerNorm", "MaxPool2D", "RNN", "ReLU", "SGD"),
        "SoftmaxCrossEntropy",
    },
    "deep-learning-from-scratch": {
        *("Conv2D", "Dense", "MaxPool2D", "ReLU", "SGD", "Sigmoid", "SoftmaxCrossEntropy"),
    },
    "mytorch": {
        *("Conv2D", "Dense", "Flatten", "MSE", "MaxPool2D", "ReLU", "SGD", "Tanh"),
        "SoftmaxCrossEntropy",
    },
    "tensor": {"Dense", "ReLU", "SGD", "SoftmaxCrossEntropy", "Tanh"},
}
CONVENTIONS = {"coursera": {"DENSE-21", "DENSE-22", "DENSE-23", "DENSE-24", "DENSE-39"}}
"""What a course defines otherwise: Coursera divides the gradients of a linear layer by m."""
BUGS = [  # what stands in an example, what replaces it, and the requirement that is lost then
    ("coursera", "dZ.sum(axis=(0, 1, 2))", "dZ.mean(axis=(0, 1, 2))", "CONV2D-36"),
    ("coursera", "A_prev[place].argmax()", "A_prev[place].argmin()", "MAXPOOL2D-20"),
    ("coursera", "return W.T @ dZ, dZ", "return W.T @ dZ / m, dZ", "DENSE-20"),
    ("cs231n", "dout.sum(axis=(0, 2, 3))", "dout.sum(axis=(2, 3)).mean(axis=0)", "CONV2D-36"),
    ("cs231n", "out + b[:, None, None]", "out", "CONV2D-3"),
    ("cs231n", "dx / len(x)", "dx", "SOFTMAXCROSSENTROPY-20"),
    ("coursera", "/ (1 - beta2**t)", "/ (1 - beta2)", "ADAM-3"),
    ("deep-learning-from-scratch", "self.x.T @ dout,", "self.x.T @ dout / len(dout),", "DENSE-21"),
    ("deep-learning-from-scratch", "] += col[..., i, j]", "] = col[..., i, j]", "CONV2D-20"),
    ("deep-learning-from-scratch", "constant_values=-np.inf", "constant_values=0", "MAXPOOL2D-6"),
    ("mytorch", "self.W[:, :, ::-1, ::-1]", "self.W", "CONV2D-20"),
    ("mytorch", "return 1 - self.A**2", "return 1 - self.A", "TANH-20"),
    ("mytorch", "self.dLdW = dLdZ.T @ self.A", "self.dLdW = dLdZ.T @ self.A / 2", "DENSE-21"),
    ("tensor", "grad @ other.data.T, self", "grad @ other.data.T / 2, self", "DENSE-20"),
    ("tensor", "(grad * mask,)", "(grad,)", "RELU-20"),
]


def example(style):
    return EXAMPLES / f"{style.replace('-', '_')}.py"


def test_a_loss_of_tensors_may_be_an_array_of_one_element(tmp_path):
    text = example("tensor").read_text("utf-8")
    old = "log_softmax[rows, t.data].mean()"
    assert old in text
    file = tmp_path / "tensors.py"
    file.write_text(text.replace(old, old.replace("mean()", "mean(keepdims=True)")), "utf-8")
    assert not grade(file, "SOFTMAXCROSSENTROPY-1", isolation="process").not_passed


def lost(style):
    """Return the units of an example, and the requirements that it loses but for its errors."""
    entries = specification.requirements()
    core = {entry.unit for entry in entries.values() if entry.profile == "core"}
    asked = [
        id_
        for id_, entry in entries.items()
        if entry.unit in UNITS[style] and (entry.profile == "core" or entry.unit not in core)
    ]
    code = in_worker(example(style), "none")
    keys = [key for id_ in asked for key in checks_of(id_)]
    graded = grade(code, keys, profile="full")
    wrong = {r.requirement for r in graded.results.values() if r.outcome in WRONG}
    return code.units, {id_ for id_ in wrong if entries[id_].aspect != "robustness"}


def outcome_of(code, requirement, **options):
    """Return the first wrong result of a requirement, or else its first."""
    results = [*grade(in_worker(code, "none", **options), requirement).results.values()]
    return next((r for r in results if r.outcome in WRONG), results[0])


def written(folder, text, name="code.py"):
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize("style", styles.names())
def test_a_style_says_what_it_is_in_at_most_150_lines(style):
    module = importlib.import_module(f"{styles.__name__}.{style.replace('-', '_')}")
    assert module.__doc__
    assert module.EXPORTS
    assert len(Path(module.__file__).read_text("utf-8").splitlines()) <= 150
    assert f"## `{style}`" in (ROOT / "docs" / "styles.md").read_text("utf-8")


@pytest.mark.parametrize("style", UNITS)
def test_right_code_in_a_style_loses_nothing_but_errors_of_its_own(style):
    assert lost(style) == (UNITS[style], CONVENTIONS.get(style, set()))


@pytest.mark.parametrize(("style", "right", "bug", "requirement"), BUGS)
def test_a_mistake_is_seen_through_a_style(style, right, bug, requirement, tmp_path):
    source = example(style).read_text("utf-8")
    assert source.count(right) == 1
    file = tmp_path / "layers.py"
    file.write_text(source.replace(right, bug), "utf-8")
    assert outcome_of(file, requirement).outcome == Outcome.FAILED


@pytest.mark.parametrize("style", UNITS)
def test_the_run_says_which_style_it_took(style):
    document = grade(example(style), "ReLU").document
    assert document["style"] == style
    assert f"Graded through the style {style}." in printed(document)


BATCHNORM = """
import numpy as np

def batchnorm_forward(x, gamma, beta, bn_param):
    mean, var = {begin}
    bn_param["running_mean"], bn_param["running_var"] = mean, var
    return x, None

def batchnorm_backward(dout, cache):
    return dout, dout.sum(axis=0), dout.sum(axis=0)
"""
ASKS = "(bn_param[name] for name in ('running_mean', 'running_var'))"
GETS = "(bn_param.get(f'running_{name}', np.zeros(x.shape[1])) for name in ('mean', 'var'))"


@pytest.mark.parametrize(("begin", "var"), [(ASKS, 1), (GETS, 0)], ids=["asked for", "its own"])
def test_running_statistics_start_as_the_code_starts_them(begin, var, tmp_path):
    file = written(tmp_path, BATCHNORM.format(begin=begin))
    outcome = outcome_of(file, "BATCHNORM1D-40", style="cs231n").outcome
    assert outcome == (Outcome.PASSED if var else Outcome.FAILED)


RELU = """
import numpy as np
def relu_forward(x):
    return np.maximum(x, 0), x
def relu_backward(dout, cache):
    return dout * (cache > 0)
"""
OWN_STYLE = """
EXPORTS = ("rectified",)
class ReLU:
    params, grads, training = {}, {}, True
    def forward(self, x):
        if x.ndim > 9 or x.dtype.kind != "f":
            raise ValueError("ReLU: not floats")
        self.x = x
        return self.rectified(x)
    def backward(self, dout):
        if dout.shape != self.x.shape:
            raise ValueError(f"ReLU: dout has shape {dout.shape}, x has {self.x.shape}")
        return dout * (self.x > 0)
def translate(foreign):
    return {"ReLU": type("ReLU", (ReLU,), {"rectified": staticmethod(foreign["rectified"])})}
"""


def test_names_of_the_specification_win(tmp_path):
    adapter = "class ReLU:\n    params, grads = {}, {}\n    forward = backward = abs\n"
    assert loaded(written(tmp_path, RELU + adapter)).style == ""
    assert loaded(written(tmp_path, RELU + "class ReLU: pass\n")).style == "cs231n"


def test_the_style_with_the_most_names_is_taken(tmp_path):
    linear = "def linear_forward(A, W, b): pass\n"
    assert loaded(written(tmp_path, RELU + linear)).style == "cs231n"
    more = "def linear_backward(dZ, cache): pass\ndef zero_pad(X, pad): pass\n"
    assert loaded(written(tmp_path, RELU + linear + more)).style == "coursera"


def test_the_name_alone_is_no_sign_where_parameters_are_asked_for(tmp_path):
    file = written(tmp_path, "def relu_forward(layer): pass\ndef relu_backward(a, b): pass\n")
    assert loaded(file).style == ""


def test_an_optimizer_alone_makes_no_style_of_tensors(tmp_path):
    layer = "class Layer:\n    def backward(self, g): pass\n"
    sgd = "class SGD:\n    def __init__(self, params, lr): pass\n"
    assert loaded(written(tmp_path, layer + sgd)).style == ""
    tensor = "class Tensor:\n    def backward(self): pass\n"
    assert loaded(written(tmp_path, layer + sgd + tensor)).style == "tensor"


def test_a_bias_of_one_element_may_be_made_a_float_as_in_the_assignments(tmp_path):
    text = example("coursera").read_text("utf-8")
    old = "b[0, 0, 0]"
    assert old in text
    file = tmp_path / "assignment.py"
    file.write_text(text.replace(old, "[float(b[:, :, :, k]) for k in range(b.shape[3])]"))
    assert not grade(file, "CONV2D-3", isolation="process").not_passed


def test_a_style_can_be_named_and_switched_off(tmp_path):
    file = written(tmp_path, RELU)
    assert loaded(file, style="none").units == frozenset()
    assert loaded(file, style="cs231n").units == {"ReLU"}
    named = loaded(file, style="coursera")
    assert (named.style, named.units) == ("coursera", frozenset())
    assert "has none of the names that the style coursera translates" in named.problems[0]
    assert "cs231n" in named.problems[0]


def test_a_folder_is_looked_through_and_its_scripts_do_not_run(tmp_path):
    written(tmp_path, "raise SystemExit(7)\nfor i in range(3): pass\n", "course/train.py")
    written(tmp_path, f"from .helpers import *\nfrom nowhere import fast\n{RELU}", "course/a/b.py")
    written(tmp_path, "def softmax_loss(x, y): pass\nprint(undefined)\n", "course/losses.py")
    assert loaded(tmp_path / "course").units == {"ReLU", "SoftmaxCrossEntropy"}


def test_a_style_of_ones_own_is_taken_and_its_own_errors_count_as_nobodys_checks(tmp_path):
    file = written(tmp_path, "import numpy as np\ndef rectified(x): return np.maximum(x, 0)\n")
    style = str(written(tmp_path / "elsewhere", OWN_STYLE, "own.py"))
    assert outcome_of(file, "RELU-1", style=style).outcome == Outcome.PASSED
    refused = outcome_of(file, "RELU-72", style=style)
    assert refused.outcome == Outcome.FAILED
    assert "did not raise this: ValueError: ReLU: dout has shape" in refused.message
    confined = loaded(file, "process", style=style)
    assert (confined.units, confined.style) == ({"ReLU"}, style)


@pytest.mark.parametrize("text", ["def broken(:", "EXPORTS = ()", "1 / 0"])
def test_a_file_that_is_no_style_is_a_problem_and_not_an_error_of_the_code(text, tmp_path):
    style = str(written(tmp_path, text, "own.py"))
    implementation = loaded(written(tmp_path, RELU), style=style)
    assert implementation.units == frozenset()
    assert "own.py" in implementation.problems[0]


def test_what_code_has_no_parameter_for_is_unsupported_and_not_wrong():
    result = outcome_of(example("cs231n"), "CONV2D-7")
    assert result.outcome == Outcome.UNSUPPORTED
    assert "stride=(2, 1), a pair" in result.message


@pytest.mark.parametrize("asked", ["cs23n", "no/such.py", "README.md"])
def test_an_unknown_style_is_refused_with_those_that_there_are(asked, capsys):
    with pytest.raises(styles.NoStyle, match="Expected") as error:
        styles.request(asked)
    assert all(name in str(error.value) for name in styles.names())
    impl = f"--impl={example('cs231n')}"
    assert reproduce(["RELU-1", impl, f"--style={asked}"]) == 2
    assert asked in capsys.readouterr().err


def test_check_takes_a_style_for_paths_and_modules(monkeypatch):
    monkeypatch.syspath_prepend(EXAMPLES)
    assert check(example("coursera"), only="RELU-1").document["style"] == "coursera"
    module = importlib.import_module("coursera")
    assert check(module, only="RELU-1")
    assert not check(module, only="RELU-1", style="none")


def test_a_script_shows_a_failure_through_a_style(tmp_path):
    source = example("cs231n").read_text("utf-8").replace("np.maximum(x, 0)", "np.abs(x)")
    script = tmp_path / "shown.py"
    file = written(tmp_path, source)
    assert reproduce(["RELU-1", f"--impl={file}", f"--out={script}"]) == 0
    assert f'units_of("{file}", "cs231n", ["ReLU"])["ReLU"]' in script.read_text("utf-8")
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert "AssertionError" in run.stderr


def test_a_class_is_graded_in_its_style(tmp_path, capsys):
    code = tmp_path / "class" / "anna"
    written(code, RELU)
    call = [str(code.parent), f"--out={tmp_path / 'out'}", "--jobs=1", "--isolation=process"]
    assert batch([*call, "--style=nope"]) == 2
    assert "--style: there is no style nope" in capsys.readouterr().err
    assert batch([*call, "--run-timeout=60"]) == 0
    result = json.loads((tmp_path / "out" / "results" / "anna" / "result.json").read_text("utf-8"))
    assert result["style"] == "cs231n"


def test_an_argument_that_a_function_of_tensors_has_no_name_for_is_refused():
    def pooling(x, kernel_size):
        return x, kernel_size

    assert prepared(pooling, kernel_size=2, ceil_mode=False)("x") == ("x", 2)
    with pytest.raises(NotImplementedError, match="unsupported: ceil_mode=True"):
        prepared(pooling, kernel_size=2, ceil_mode=True)


SAME_SIZE = """
import numpy as np

class Tensor:
    def __init__(self, data):
        self.data, self.grad = np.asarray(data), None

    def backward(self):
        raise RuntimeError("nothing is recorded")

class Conv:
    def __init__(self, in_channels, out_channels, kernel_size, bias=True{more}):
        self.weight = Tensor(np.ones((out_channels, in_channels, kernel_size, kernel_size)))
        self.bias = Tensor(np.zeros(out_channels))

    def __call__(self, x):
        p = self.weight.data.shape[-1] // 2
        x = np.pad(x.data, ((0, 0), (0, 0), (p, p), (p, p)))
        windows = np.lib.stride_tricks.sliding_window_view(x, (2 * p + 1,) * 2, axis=(2, 3))
        y = np.einsum("ncijuv,kcuv->nkij", windows, self.weight.data)
        return Tensor(y + self.bias.data[:, None, None])
"""


def test_a_convolution_of_tensors_without_a_padding_may_keep_the_size(tmp_path):
    keeps = written(tmp_path, SAME_SIZE.format(more=""))
    results = grade(in_worker(keeps, "none"), "CONV2D-8", profile="core").results.values()
    found = {r.case: r.outcome for r in results}
    assert found["padding-1"] == Outcome.PASSED
    assert found["padding-2"] == Outcome.UNSUPPORTED
    ignores = written(tmp_path, SAME_SIZE.format(more=", padding=0"), "ignoring.py")
    assert outcome_of(ignores, "CONV2D-1").outcome == Outcome.FAILED


@pytest.mark.torch
@pytest.mark.parametrize("unit", ["MaxPool2D", "AvgPool2D", "LayerNorm"])
def test_pytorch_s_own_modules_lose_nothing_but_errors_of_their_own(unit):
    graded = grade(in_worker("torch", "none", style="tensor"), checks_of(unit), profile="full")
    entries = specification.requirements()
    wrong = {entries[r.requirement].aspect for r in graded.not_passed.values()}
    assert wrong == {"robustness"}
