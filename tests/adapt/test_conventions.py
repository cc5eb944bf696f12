"""Conventions of a whole code base: columns, one sample at a time, states that are handed over."""

import re

import numpy as np
import pytest

from cnn_conformance.adapt import search
from tests.adapt.drafting import drafted, outcomes, searched
from tests.adapt.test_search import of
from tests.grade import manifest


def found_in(text, folder, name):
    return {each.plan.unit: each for each in searched(of(text, folder, name)).found}


COLUMNS = """
import numpy as np

def convolve(image, filt, bias):
    k, c, f, _ = filt.shape
    h, w = image.shape[1] - f + 1, image.shape[2] - f + 1
    out = np.zeros((k, h, w))
    for i in range(h):
        for j in range(w):
            out[:, i, j] = (filt * image[:, i : i + f, j : j + f]).sum((1, 2, 3)) + bias
    return out

def dense(z, w, b):
    return w @ z + b

def dense_backward(dout, z, w):
    m = z.shape[1]
    return w.T @ dout, dout @ z.T{over}, dout.sum(1, keepdims=True){over}

def softmax(z):
    e = np.exp(z - np.max(z{axis}))
    return e / np.sum(e{axis})

def cross_entropy(p, y):
    return -np.sum(y * np.log(p)){over}

def cross_entropy_grad(p, y):
    return p - y
"""
BOTH = {"over": "", "axis": ", axis=0, keepdims=True"}


def test_columns_come_in_batches_if_all_of_a_layer_takes_them(tmp_path):
    found = found_in(COLUMNS.format(**BOTH | {"over": " / z.shape[1]"}), tmp_path, "columns")
    assert found["Conv2D"].plan.facts["x"] == "CHW"
    assert found["Dense"].plan.facts["x"] == "IN"
    assert "means over the samples" in found["Dense"].plan.questions[0]


def test_one_column_at_a_time_if_gradients_do_not_sum(tmp_path):
    text = COLUMNS.format(**BOTH).replace("dout.sum(1, keepdims=True)", "dout")
    assert found_in(text, tmp_path, "one")["Dense"].plan.facts["x"] == "I1"


@pytest.mark.parametrize(("axis", "layout"), [(BOTH["axis"], "IN"), ("", "I1")])
def test_a_softmax_without_an_axis_takes_one_sample(tmp_path, axis, layout):
    found = found_in(COLUMNS.format(over="", axis=axis), tmp_path, f"softmax_{layout}")
    assert found["Softmax"].plan.facts["x"] == layout
    assert found["SoftmaxCrossEntropy"].plan.facts["by_sample"] == (layout == "I1")


def test_the_gradient_of_a_loss_is_not_that_of_its_softmax(tmp_path):
    text = COLUMNS.format(**BOTH).replace("cross_entropy_grad", "softmax_cost_grad")
    plan = found_in(text, tmp_path, "partner")["Softmax"].plan
    assert (plan.back, plan.names) == ("", ("softmax",))


STATES = """
import numpy as np

def sgd(w, dw, state, lr, mu=0.0):
    state["v"] = mu * state.get("v", 0) - lr * dw
    w += state["v"]

def adam(w, dw, memory, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    t = memory["t"] = memory.get("t", 0) + 1
    m = memory["m"] = beta1 * memory.get("m", 0) + (1 - beta1) * dw
    v = memory["v"] = beta2 * memory.get("v", 0) + (1 - beta2) * dw**2
    return w - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
"""


def test_each_parameter_has_a_state_of_its_own(tmp_path):
    units = drafted(of(STATES, tmp_path, "states"))
    params = {"0.weight": np.ones((2, 3)), "0.bias": np.ones(2)}
    grads = {"0.weight": np.full((2, 3), 2.0), "0.bias": np.full(2, 4.0)}
    optimizer = units["SGD"](0.1, momentum=0.5)
    for _ in range(2):
        optimizer.step(params, grads)
    np.testing.assert_allclose(params["0.bias"], 1 - 0.4 - 0.4 * 1.5)
    adam = units["Adam"](lr=0.1, betas=(0.5, 0.9))
    adam.step(params, grads)
    np.testing.assert_allclose(params["0.weight"], 0.5 - 0.1)


FIRST = """
import numpy as np

def conv_fwd(x, w, b):
    f = w.shape[2]
    views = np.lib.stride_tricks.sliding_window_view(x, (f, f), (2, 3))
    return np.einsum("ncijuv,kcuv->nkij", views, w) + b[:, None, None], (views, w)

def conv_bwd(dout, cache):
    views, w = cache
    return {returned}np.einsum("ncijuv,nkij->kcuv", views, dout), dout.sum((0, 2, 3))
"""


@pytest.mark.parametrize(
    ("returned", "dx", "weight"),
    [("", "", "returned[0]"), ("np.zeros((2, 3, 4)), ", "returned[0]", "returned[1]")],
)
def test_a_first_layer_may_have_no_gradient_for_x(tmp_path, returned, dx, weight):
    plan = found_in(FIRST.replace("{returned}", returned), tmp_path, "first")["Conv2D"].plan
    assert plan.facts["dx"] == dx
    assert plan.facts["parameters"]["weight"][2] == weight


def test_a_cross_entropy_of_each_output_is_binary(tmp_path):
    text = """
import numpy as np

class CrossEntropy:
    def loss(self, y, p):
        return -y * np.log(p) - (1 - y) * np.log(1 - p)

    def acc(self, y, p):
        return np.mean(y == (p > 0.5))

    def gradient(self, y, p):
        return -y / p + (1 - y) / (1 - p)
"""
    found = found_in(text, tmp_path, "binary")
    assert [*found] == ["BCE"]
    assert found["BCE"].plan.run == "self.layer.loss(target, prediction)"


def test_a_derivative_that_calls_its_function_takes_the_input(tmp_path):
    text = """
import numpy as np

def sigmoide(z):
    return 1 / (1 + np.exp(-z))

def sigmoide_derivada(z):
    s = sigmoide(z)
    return s * (1 - s)
"""
    plan = found_in(text, tmp_path, "derivative")["Sigmoid"].plan
    assert plan.back == "layers.sigmoide_derivada(self.at.x) * dout"


def test_a_loss_of_probabilities_without_a_softmax_is_said_to_be_one(tmp_path):
    text = """
import numpy as np

def categorical_crossentropy(y_true, y_pred):
    return -np.sum(y_true * np.log(np.abs(y_pred)), axis=-1).mean(), -y_true / y_pred
"""
    result = searched(of(text, tmp_path, "probabilities"))
    assert "takes probabilities" in result.missing["SoftmaxCrossEntropy"]


KERAS = """
import numpy as np

class Conv2D:
    def __init__(self, filters, kernel_size, channels, padding="valid"):
        self.kernel = np.random.standard_normal((filters, channels, *kernel_size))
        self.bias, self.padding = np.zeros(filters), padding

    def forward(self, x):
        u, v = self.kernel.shape[2:]
        rows, columns = (u - 1, v - 1) if self.padding == "same" else (0, 0)
        before = [({first}) for n in (rows, columns)]
        pads = [(b, n - b) for b, n in zip(before, (rows, columns))]
        x = np.pad(x, ((0, 0), (0, 0), *pads))
        views = np.lib.stride_tricks.sliding_window_view(x, (u, v), (2, 3))
        return np.einsum("ncijuv,kcuv->nkij", views, self.kernel) + self.bias[:, None, None]
"""


@pytest.mark.parametrize(("first", "outcome"), [("n // 2", "passed"), ("-(-n // 2)", "failed")])
def test_a_padding_by_name_is_asked_for_by_name(tmp_path, first, outcome):
    units = drafted(of(KERAS.replace("{first}", first), tmp_path, tmp_path.name))
    keys = [key for key in manifest() if re.match(r"test_conv2d.py::test_y\w*\[same-even", key)]
    assert {*outcomes(units, keys).values()} == {outcome}


def test_a_recurrent_layer_that_cannot_be_drafted_is_named(tmp_path):
    text = (
        COLUMNS.format(**BOTH) + "\nclass LSTMLayer:\n    def run(self, xs):\n        return xs\n"
    )
    result = searched(of(text, tmp_path, "recurrent"))
    assert [*result.missing] == ["LSTM"]
    said = "LSTM is not graded: class `LSTMLayer` of layers.py, line"
    assert any(each.startswith(said) for each in search.assumptions(result))


TABLE = """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def sigmoid_prime(a):
    return a * (1 - a)

PAIRS = {"sigmoid": (sigmoid, sigmoid_prime)}

class Layer:
    def __init__(self, name):
        self.f, self.f_prime = PAIRS[name]

    def run(self, z):
        self.z = z
        self.a = self.f(self.z)
        return self.a

    def back(self, d):
        return d * self.f_prime(self.{kept})
"""


@pytest.mark.parametrize(("kept", "given"), [("z", "x"), ("a", "y")])
def test_a_derivative_is_handed_what_the_code_hands_to_it(tmp_path, kept, given):
    found = found_in(TABLE.replace("{kept}", kept), tmp_path, f"table_{kept}")
    assert found["Sigmoid"].plan.back == f"layers.sigmoid_prime(self.at.{given}) * dout"


def test_a_softmax_without_an_axis_may_take_rows_of_one(tmp_path):
    text = """
import numpy as np

class Conv2D:
    def __init__(self, filters, channels, size):
        self.w = np.random.standard_normal((filters, channels, size, size))

    def forward(self, image):
        views = np.lib.stride_tricks.sliding_window_view(image, self.w.shape[2:], (1, 2))
        return np.einsum("cijuv,kcuv->kij", views, self.w)

class Softmax:
    def forward(self, x):
        self.y = np.exp(x) / np.exp(x).sum()
        return self.y

    def backward(self, d):
        y = self.y[0]
        return d @ (np.diag(y) - np.outer(y, y)).reshape(self.y.shape[1], -1)
"""
    assert found_in(text, tmp_path, "rows_of_one")["Softmax"].plan.facts["x"] == "1I"
