"""What a draft says, and what is believed of the worker that tried it."""

import ast
import shutil
from pathlib import Path

import numpy as np
import pytest

from cnn_conformance.adapt import draft, hypotheses, search, source
from cnn_conformance.adapt.command import main
from cnn_conformance.adapt.plan import WIDTH
from tests.adapt.drafting import FOREIGN, drafted, searched
from tests.grade import grade

CODE = """
import numpy as np

class Conv:
    def __init__(self, filters, kernel, channels):
        self.W = np.random.standard_normal((filters, channels, kernel, kernel))

    def forward(self, x):
        return {forward}

class MaxPool:
    def __init__(self, size):
        self.size = size

    def forward(self, x):
        n, c, h, w = x.shape
        k = self.size
        return x[:, :, : h // k * k, : w // k * k].reshape(n, c, h // k, k, w // k, k).max((3, 5))
"""


def of(source_text, folder, name):
    code = folder / name
    code.mkdir()
    (code / "layers.py").write_text(source_text, "utf-8")
    return code


@pytest.fixture(scope="module")
def channels_last():
    return searched(FOREIGN / "channels_last.py")


@pytest.fixture(scope="module")
def text(channels_last):
    return draft.text(channels_last, FOREIGN / "channels_last.py")


def test_a_draft_is_python_of_readable_width(text):
    ast.parse(text)
    assert max(map(len, text.splitlines())) <= WIDTH


@pytest.mark.parametrize(
    "said",
    [
        '"""Class `Convolution` of channels_last.py, line 7."""',
        'x = "NHWC"  # x of shape (2, 8, 11, 5) gives (2, 6, 9, 7)',
        'runtime.Parameter("UVCK", "layer.kernel", "layer.kernel_gradient")',
        "layer.kernel_gradient is linear in dout",
        "kernel_shape=self.kernel_size",
        "# Not taken: NCHW: it raises ValueError",
    ],
)
def test_a_draft_says_where_a_unit_is_and_why_each_role_is_assumed(text, said):
    assert " ".join(said.split()) in " ".join(text.split())


def test_a_layout_that_fits_one_unit_is_tried_first_for_the_next(channels_last):
    conv, pool = channels_last.found
    assert (conv.plan.facts["x"], pool.plan.facts["x"]) == ("NHWC", "NHWC")
    assert conv.plan.rivals
    assert not pool.plan.rivals


def test_code_that_always_raises_is_taken_by_its_names(tmp_path):
    code = of(CODE.format(forward="x.this_is_wrong"), tmp_path, "raising")
    conv, pool = searched(code).found
    assert (conv.stage, pool.stage) == (1.0, 1.5)
    assert "this_is_wrong" in conv.plan.questions[0]
    assert conv.plan.facts["parameters"]["weight"][:2] == ("KCUV", "layer.W")


def test_what_has_no_backward_loses_backward_and_no_more(tmp_path):
    code = of(CODE.format(forward="x"), tmp_path, "forward_only")
    graded = grade(drafted(code), "MaxPool2D")
    assert graded.outcomes["test_maxpool2d.py::test_y[tiles]"] == "passed"
    assert graded.outcomes["test_maxpool2d.py::test_dx[tiles]"] == "unsupported"


def test_nothing_runs_but_definitions(tmp_path):
    code = of(f"{CODE.format(forward='x')}\nopen('{tmp_path}/ran', 'w')\n", tmp_path, "script")
    assert searched(code).found
    assert not (tmp_path / "ran").exists()


@pytest.fixture
def candidate():
    inventory = source.inventory(FOREIGN / "channels_last.py")
    return hypotheses.candidates("Conv2D", inventory)[0]


def answer(candidate, **changes):
    facts = {"x": "NHWC", "y": "NHWK", "dx": "returned"}
    plan = {
        "make": candidate.makes[0]["text"],
        "steps": [],
        "run": candidate.runs[0],
        "back": candidate.backs[0],
        "facts": facts | changes.pop("facts", {}),
        "evidence": {},
        "questions": [],
        "rivals": [],
    }
    return plan | changes


def test_a_plan_of_what_was_asked_is_believed(candidate):
    assert search.checked(answer(candidate), candidate).run == candidate.runs[0]


@pytest.mark.parametrize(
    "change",
    [
        {"run": "__import__('os').system('true')"},
        {"make": "open('grade')"},
        {"back": "self.layer.backward(dout) or print()"},
        {"steps": ["import os"]},
        {"facts": {"x": 'NHWC"\nimport os\n"'}},
        {"facts": {"dx": "returned; import os"}},
        {"facts": {"takes": {"stride": "exec"}}},
        {"facts": {"parameters": {"weight": ["KCUV", "layer.__class__()", ""]}}},
        {"facts": {"parameters": {"other": ["KCUV", "", ""]}}},
    ],
    ids=str,
)
def test_a_plan_with_anything_else_in_it_is_refused(candidate, change):
    with pytest.raises(ValueError, match=r"was not asked for|neither an order"):
        search.checked(answer(candidate, **change), candidate)


def test_what_the_worker_says_stays_within_its_comment(candidate):
    said = 'a\nimport os\x1b[2J """'
    plan = search.checked(answer(candidate, questions=[said], evidence={"x": said}), candidate)
    tree = ast.parse(f"import numpy\n{plan.text()}")
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.Import)][1:]


def test_the_command_writes_an_adapter_that_grades(tmp_path, capsys):
    out = tmp_path / "adapter.py"
    code = FOREIGN / "gradients_in_dicts.py"
    assert main([str(code), "--out", str(out), "--isolation=process"]) == 0
    said = capsys.readouterr().out
    assert "Dense  class `Affine` of gradients_in_dicts.py" in said
    assert f"grade {code} --style={out}" in said
    assert "class Dense(runtime.Dense):" in out.read_text("utf-8")
    graded = grade(code, "DENSE-1", style=str(out))
    assert {r["verdict"] for r in graded.document["requirements"] if r["id"] == "DENSE-1"} == {
        "passed"
    }


def test_the_command_says_what_is_wrong(tmp_path, capsys):
    assert main([str(tmp_path / "absent")]) == 2
    (tmp_path / "empty").mkdir()
    assert main([str(tmp_path / "empty")]) == 1
    assert "nothing in it is called like a unit" in capsys.readouterr().err


def test_a_candidate_that_never_ends_costs_its_own_seconds(tmp_path, monkeypatch):
    monkeypatch.setattr(search, "SECONDS_EACH", 0.5)
    code = of(CODE.format(forward="[0 for _ in iter(int, 1)]"), tmp_path, "endless")
    result = search.search(Path(code))
    assert [found.plan.unit for found in result.found] == ["MaxPool2D"]
    assert "0.5 s of computing" in result.missing["Conv2D"]


def test_a_default_of_the_code_is_not_replaced(tmp_path):
    text = "import numpy as np\n\nclass TanH:\n    def __init__(self, alpha=1.7):\n"
    text += "        self.alpha = alpha\n\n    def forward(self, x):\n"
    text += "        return self.alpha * np.tanh(x)\n"
    (tanh,) = searched(of(text, tmp_path, "scaled")).found
    assert tanh.plan.make == "layers.TanH()"


def test_options_in_a_dict_have_the_keys_that_the_code_looks_for(tmp_path):
    text = """
import numpy as np

def pool_forward(images, options):
    k, s = options["f"], options["stride"]
    windows = np.lib.stride_tricks.sliding_window_view(images, (k, k), axis=(1, 2))
    return windows[:, ::s, ::s].max(axis=(4, 5)), (images, options)
"""
    (pool,) = [f for f in searched(of(text, tmp_path, "options")).found if "Max" in f.plan.unit]
    assert pool.plan.run == (
        "layers.pool_forward(x, options={'f': self.kernel_size, 'stride': self.stride})"
    )
    assert pool.plan.facts["x"] == "NHWC"


def test_backward_before_forward_is_left_to_functions_which_get_none_as_cache(tmp_path):
    code = tmp_path / "code"
    code.mkdir()
    shutil.copy(FOREIGN / "cached_functions.py", code)
    convolution = drafted(code)["Conv2D"](3, 2, 3)
    with pytest.raises(TypeError) as raised:
        convolution.backward(np.ones((4, 2, 5, 5)))
    assert Path(raised.traceback[-1].path).name == "cached_functions.py"


OPTIMIZERS = """
import numpy as np

class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def step(self, layers):
        for layer in layers:
            for key in layer.params:
                layer.params[key] -= self.lr * layer.grads[key]

class Momentum(SGD):
    def __init__(self, lr=0.01, mu=0.9):
        self.lr, self.mu, self.v = lr, mu, {}

    def step(self, layers):
        for layer in layers:
            for key in layer.params:
                v = self.mu * self.v.get((id(layer), key), 0.0) + layer.grads[key]
                self.v[id(layer), key] = v
                layer.params[key] -= self.lr * v

class Adam:
    def __init__(self, lr, params):
        self.lr, self.params = lr, params

    def update_params(self, grads):
        for key in self.params:
            self.params[key] = self.params[key] - self.lr * grads['d' + key]
        return self.params
"""


def test_an_optimizer_gets_parameters_in_the_form_that_its_source_speaks_of(tmp_path):
    sgd, adam = searched(of(OPTIMIZERS, tmp_path, "stepping")).found
    assert sgd.plan.facts["holds"] == {
        "params['W']": "grads['W']",
        "params['b']": "grads['b']",
    }
    assert (
        "        if self.momentum:\n"
        "            return layers.Momentum(**self.if_given(lr='lr', mu='momentum'))\n"
        "        return layers.SGD(**self.if_given(lr='lr'))\n"
    ) in sgd.plan.text()
    assert adam.plan.facts["gradient_key"] == "d{}"
    assert adam.plan.facts["made_with_parameters"]
    assert (sgd.stage, adam.stage) == (2, 2)


def test_a_step_that_changes_nothing_is_taken_by_its_names(tmp_path):
    text = OPTIMIZERS.replace("self.params[key] - self.lr", "self.params[key] - 0.0")
    _, adam = searched(of(text, tmp_path, "standing")).found
    assert adam.stage == 1
    assert "a step does not change" in adam.plan.questions[0]


def dropout(name, scale, said=""):
    return f"""
import numpy as np

class Dropout:
    def __init__(self, {name}):
        '''{said}'''
        self.share = {name}

    def forward(self, x, training=True):
        if not training:
            return x
        self.mask = (np.random.random(x.shape) < self.share) / {scale}
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask
"""


@pytest.mark.parametrize(
    ("text", "given"),
    [
        (dropout("keep_prob", "(1 - self.share)"), "1 - self.p"),
        (dropout("drop_rate", "self.share"), "self.p"),
        (dropout("p", "self.share"), "1 - self.p"),
        (dropout("p", "(1 - self.share)"), "self.p"),
        (dropout("p", "self.share", "p: the probability that an element is dropped "), "self.p"),
    ],
    ids=["kept by name", "dropped by name", "kept by what it does", "neither", "docstring"],
)
def test_a_probability_is_what_its_name_says_and_else_what_is_done_with_it(tmp_path, text, given):
    (found,) = searched(of(text, tmp_path, f"dropping_{tmp_path.name}")).found
    assert found.plan.make.partition("=")[2] == f"{given})"


def test_losses_of_samples_are_averaged_and_asked_about(tmp_path):
    text = "import numpy as np\n\ndef mse(y_pred, y_true):\n"
    text += "    return ((y_pred - y_true) ** 2).mean(axis=1)\n"
    (mse,) = searched(of(text, tmp_path, "per_sample")).found
    assert mse.plan.facts["averaged"]
    assert "averaged" in mse.plan.questions[0]


LOSS = """
import numpy as np

def softmax(z):
    e = np.exp(z - z.max({axis}, keepdims=True))
    return e / e.sum({axis}, keepdims=True)

class Dense:
    def __init__(self, n_in, n_out):
        self.W = np.random.standard_normal((n_out, n_in))

    def forward(self, x):
        return {dense}

def cross_entropy(probs, labels):
    return -np.sum(labels * np.log(probs)){divided}
"""
ROWS = {"axis": 1, "dense": "x @ self.W.T"}
COLUMNS = {"axis": 0, "dense": "self.W @ x"}


@pytest.mark.parametrize(
    ("said", "facts", "asks"),
    [
        ({**ROWS, "divided": ""}, ("sum", False), ""),
        ({**COLUMNS, "divided": ""}, ("sum", True), ""),
        ({**ROWS, "divided": " / probs.shape[0]"}, ("mean", False), ""),
        ({**ROWS, "divided": " / probs.shape[1]"}, ("mean", False), "taken as a mean"),
    ],
    ids=["sum", "samples in columns", "mean", "mean over the wrong axis"],
)
def test_a_loss_is_a_sum_if_it_adds_up_and_its_source_does_not_divide(tmp_path, said, facts, asks):
    code = of(LOSS.format(**said), tmp_path, f"loss_{tmp_path.name}")
    (loss,) = [f.plan for f in searched(code).found if f.plan.base == "Loss"]
    assert (loss.facts["reduction_taken"], loss.facts["in_columns"]) == facts
    assert (asks in " ".join(loss.questions)) if asks else "mean" not in " ".join(loss.questions)


def test_a_loss_that_is_a_sum_is_one_unless_it_is_asked_for_a_mean(tmp_path):
    code = of(LOSS.format(**ROWS, divided=""), tmp_path, "summed")
    loss = drafted(code)["SoftmaxCrossEntropy"]
    assert loss().reduction == "sum"
    with pytest.raises(NotImplementedError, match='unsupported: "mean"'):
        loss("mean")


def test_a_function_with_a_slope_is_given_the_slope(tmp_path):
    text = "import numpy as np\n\ndef leaky_relu(x, alpha=0.01):\n"
    text += "    return np.where(x > 0, x, alpha * x)\n\n"
    text += "def leaky_relu_derivative(x, alpha=0.01):\n    return np.where(x > 0, 1, alpha)\n"
    leaky = drafted(of(text, tmp_path, "leaking"))["LeakyReLU"](0.3)
    assert leaky.forward(np.array([[-1.0, 2.0]])).tolist() == [[-0.3, 2.0]]
    assert leaky.backward(np.ones((1, 2))).tolist() == [[0.3, 1.0]]


LAZY = """
import numpy as np

class Dense:
    def __init__(self, units):
        self.units, self.params, self.grads = units, {'W': None, 'b': None}, {}

    def forward(self, x):
        if self.params['W'] is None:
            self.params['W'] = np.random.standard_normal((x.shape[1], self.units))
            self.params['b'] = np.zeros(self.units)
            self.seen = 0
        self.x = x
        return x @ self.params['W'] + self.params['b']

    def backward(self, dout):
        self.seen += 1
        self.grads = {'W': self.x.T @ dout, 'b': dout.sum(axis=0)}
        return dout @ self.params['W'].T
"""


def test_parameters_that_are_none_until_the_first_call_are_made_by_it(tmp_path):
    code = of(LAZY, tmp_path, "lazy")
    (dense,) = searched(code).found
    assert dense.plan.facts["parameters"]["weight"][:2] == ("IO", "layer.params['W']")
    graded = grade(
        {"Dense": drafted(code)["Dense"]},
        ["test_dense.py::test_y[square]", "test_dense.py::test_dweight[square]"],
    )
    assert not graded.not_passed


def test_rows_and_columns_that_change_places_stay_the_mistake_that_they_are(tmp_path):
    turned = CODE.format(forward="x").replace(".max((3, 5))", ".max((3, 5)).swapaxes(2, 3)")
    (pool,) = [f for f in searched(of(turned, tmp_path, "turned")).found if "Max" in f.plan.unit]
    assert pool.plan.facts["y"] == "NCHW"
    assert "square images only" in " ".join(pool.plan.questions)


def test_a_rate_may_be_told_in_each_step(tmp_path):
    text = """
class SGD:
    def update(self, layer, LR):
        for key in sorted(layer.params.keys()):
            layer.params[key] -= LR * layer.grads[key]
"""
    (sgd,) = searched(of(text, tmp_path, "told")).found
    assert sgd.stage == 2
    assert "self.layer.update(layer=layer, LR=self.lr)" in sgd.plan.text()


WEIGHTS_IN_A_LIST = """
import numpy as np

class Conv:
    def __init__(self, in_channels, out_channels, kernel_size):
        self.kernels = [
            np.random.standard_normal((kernel_size, kernel_size))
            for _ in range(in_channels * out_channels)
        ]
        self.out_channels = out_channels

    def forward(self, x):
        windows = np.lib.stride_tricks.sliding_window_view(x, self.kernels[0].shape, axis=(2, 3))
        filters = np.reshape(self.kernels, (self.out_channels, x.shape[1], *self.kernels[0].shape))
        return np.einsum("ncijuv,kcuv->nkij", windows, filters)
"""
MODEL_FIRST = """
import numpy as np

def compare_linear(n_in, n_out):
    return LinearModel(n_in, n_out), Linear(n_in, n_out)

class LinearModel:
    def __init__(self, n_in, n_out):
        self.first = Linear(n_in, n_out)

    def forward(self, x):
        return np.maximum(self.first.forward(x), 0)

class Linear:
    def __init__(self, n_in, n_out):
        self.W = np.random.standard_normal((n_in, n_out))

    def forward(self, x):
        return x @ self.W
"""


def test_a_layer_whose_weight_is_not_found_is_not_graded(tmp_path):
    result = searched(of(WEIGHTS_IN_A_LIST, tmp_path, "listed"))
    assert not result.found
    assert "no array that could be the weight was found" in result.missing["Conv2D"]


def test_what_is_called_after_a_layer_need_not_be_one(tmp_path):
    (dense,) = [f.plan for f in searched(of(MODEL_FIRST, tmp_path, "models")).found]
    assert dense.names == ("Linear",)
