"""Names that forward and backward have in common, and parameters that are handed over."""

import numpy as np
import pytest

from tests.adapt.drafting import drafted, searched
from tests.adapt.test_callers import CHECKS
from tests.adapt.test_search import of
from tests.grade import grade

ONE_IMAGE = """
import sys, pandas as pd, numpy as np
rows = pd.read_csv(sys.argv[1]).values

def conv2D(img, K, b):
    n, C, k, _ = K.shape
    windows = np.lib.stride_tricks.sliding_window_view(img, (k, k), axis=(1, 2))
    return np.einsum('cijuv,kcuv->kij', windows, K) + b[:, None, None]

def conv2D_grad(dout, img, K):
    return np.zeros(img.shape), np.ones(K.shape) * dout.sum(), dout.sum((1, 2))

def maxpool2D(img, s=2):
    C, H, W = img.shape
    tiles = img.reshape(C, H // s, s, W // s, s).swapaxes(2, 3).reshape(C, H // s, W // s, s * s)
    where = tiles.argmax(-1)
    return tiles.max(-1), where

def maxpool2D_grad(dout, where, in_shape):
    return np.zeros(in_shape) + dout.sum() + where.sum()

def dense(x, W, b): return W.dot(x) + b
def dense_grad(dout, x, W): return W.T.dot(dout), np.outer(dout, x), dout

def relu(x): return x * (x > 0)
def drelu(x): return 1.0 * (x > 0)
"""


def test_backward_is_given_what_forward_has_or_returns_under_the_same_name(tmp_path):
    found = {f.plan.unit: f for f in searched(of(ONE_IMAGE, tmp_path, "named")).found}
    assert {f.stage for f in found.values()} == {2}
    backs = {unit: f.plan.back.partition("(")[2] for unit, f in found.items()}
    assert backs == {
        "Conv2D": "dout, img=self.at.x, K=self.at.weight)",
        "MaxPool2D": "dout, where=self.at.returned[1], in_shape=self.at.shape)",
        "Dense": "dout, x=self.at.x, W=self.at.weight)",
        "ReLU": "self.at.x) * dout",
    }
    assert found["Dense"].plan.facts["x"] == "I"  # as images come one at a time, so do vectors


def test_of_an_import_of_several_modules_each_fails_for_itself(tmp_path):
    drafted(of(ONE_IMAGE, tmp_path, "imports"))["ReLU"]().forward(np.ones((1, 2)))


GIVEN = """
import numpy as np

class Dense:
    def __init__(self, w: np.ndarray, b: np.ndarray):
        self.w, self.b = w, b

    def forward(self, x, training=True):
        self.x = x
        return x @ self.w.T + self.b

    def backward(self, d):
        self.dw, self.db = d.T @ self.x, d.sum(0)
        return d @ self.w
"""
IN_FORWARD = """
class Linear:
    def forward(self, x, w, b):
        self.x, self.w = x, w
        return x @ w + b

    def backward(self, grad):
        return grad @ self.w.T, self.x.T @ grad, grad.sum(0)
"""
WITH_ATTRIBUTES = """
import numpy as np

class Parameter(np.ndarray):
    def __new__(cls, value):
        made = np.asarray(value, float).view(cls)
        made.grad = None
        return made

class Linear:
    def __init__(self, d_in, d_out):
        self.W = Parameter(np.random.standard_normal((d_in, d_out)))
        self.b = Parameter(np.zeros(d_out))

    def forward(self, x):
        self.x = x
        return x @ np.asarray(self.W) + np.asarray(self.b)

    def backward(self, d):
        self.W.grad, self.b.grad = self.x.T @ d, d.sum(0)
        return d @ np.asarray(self.W).T
"""


@pytest.mark.parametrize(
    "text", [GIVEN, IN_FORWARD, WITH_ATTRIBUTES], ids=["constructor", "forward", "attributes"]
)
def test_parameters_are_where_the_code_has_them(tmp_path, text):
    code = of(text, tmp_path, f"parameters_{tmp_path.name}")
    (dense,) = searched(code).found
    assert (dense.stage, dense.plan.questions) == (2, [])
    assert not grade({"Dense": drafted(code)["Dense"]}, CHECKS).not_passed


def test_a_mode_of_a_border_is_a_number_if_its_default_is(tmp_path):
    text = """
import numpy as np

class ConvLayer:
    def __init__(self, nb_filters, channels, size, border_mode=0):
        self.W, self.p = np.random.standard_normal((nb_filters, channels, size, size)), border_mode

    def forward(self, X):
        X = np.pad(X, ((0, 0), (0, 0), (self.p, self.p), (self.p, self.p)))
        windows = np.lib.stride_tricks.sliding_window_view(X, self.W.shape[2:], axis=(2, 3))
        return np.einsum('ncijuv,kcuv->nkij', windows, self.W)
"""
    (found,) = searched(of(text, tmp_path, "bordered")).found
    assert found.plan.facts["takes"]["padding"] == "number"


@pytest.mark.parametrize("gradient", ["'d' + name", "f'd{name}'"])
def test_an_optimizer_may_go_through_the_names_of_attributes(tmp_path, gradient):
    text = f"""
class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def step(self, layer):
        for name in ('W', 'b'):
            setattr(layer, name, getattr(layer, name) - self.lr * getattr(layer, {gradient}))
"""
    (sgd,) = searched(of(text, tmp_path, f"through_{len(gradient)}")).found
    assert (sgd.plan.facts["holds"], sgd.stage) == ({"W": "dW", "b": "db"}, 2)


def test_the_depth_of_a_layer_that_is_told_the_shape_of_its_input_is_that_of_its_output(tmp_path):
    text = """
import numpy as np

class ConvLayer:
    def __init__(self, input_shape, kernel_shape, layer_depth):
        self.W = np.random.rand(kernel_shape[0], kernel_shape[1], input_shape[2], layer_depth)

    def forward_propagation(self, x):
        windows = np.lib.stride_tricks.sliding_window_view(x, self.W.shape[:2], axis=(0, 1))
        return np.einsum('ijcuv,uvck->ijk', windows, self.W)
"""
    (found,) = searched(of(text, tmp_path, "deep")).found
    assert "layer_depth=self.out_channels" in found.plan.make
    assert found.stage == 1.5


def test_a_softmax_with_its_loss_is_no_softmax(tmp_path):
    text = """
import numpy as np

class SoftmaxCE:
    def forward(self, z, y):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        self.p, self.y = e / e.sum(axis=1, keepdims=True), y
        return -np.log(self.p[np.arange(len(y)), y]).mean()

    def backward(self):
        g = self.p.copy()
        g[np.arange(len(g)), self.y] -= 1
        return g / len(g)
"""
    found = searched(of(text, tmp_path, "both")).found
    assert [each.plan.unit for each in found] == ["SoftmaxCrossEntropy"]


def test_a_normalization_of_features_is_none_of_images(tmp_path):
    text = """
import numpy as np

class Batchnorm:
    def __init__(self, depth, eps=1e-5, decay=0.9):
        self.gamma, self.beta, self.eps, self.decay = np.ones(depth), np.zeros(depth), eps, decay
        self.running_mean, self.running_var, self.mode = np.zeros(depth), np.ones(depth), 'train'

    def forward(self, a):
        m, v = self.running_mean, self.running_var
        if self.mode == 'train':
            m, v = a.mean(0), a.var(0)
            self.running_mean = self.decay * self.running_mean + (1 - self.decay) * m
            self.running_var = self.decay * self.running_var + (1 - self.decay) * v
        self.hat = (a - m) / np.sqrt(v + self.eps)
        return self.gamma * self.hat + self.beta

    def backward(self, g):
        self.dgamma, self.dbeta = (g * self.hat).sum(0), g.sum(0)
        return g
"""
    found = searched(of(text, tmp_path, "features")).found
    assert [each.plan.unit for each in found] == ["BatchNorm1D"]


def test_static_methods_keep_what_they_need_in_a_context(tmp_path):
    text = """
class LinearFunction:
    @staticmethod
    def forward(ctx, x, weight, bias):
        ctx.save_for_backward(x, weight)
        return x @ weight.T + bias

    @staticmethod
    def backward(ctx, grad_output):
        x, weight = ctx.saved_tensors
        return grad_output @ weight, grad_output.T @ x, grad_output.sum(0)
"""
    code = of(text, tmp_path, "context")
    (dense,) = searched(code).found
    assert (dense.plan.make, dense.stage) == ("runtime.Context()", 2)
    assert not grade({"Dense": drafted(code)["Dense"]}, CHECKS).not_passed
    wrong = of(text.replace("sum(0)", "mean(0)"), tmp_path, "wrong_context")
    assert grade({"Dense": drafted(wrong)["Dense"]}, CHECKS).not_passed


@pytest.mark.parametrize(("kept", "found"), [("self.mean, self.var", 2), ("m, v", 0)])
def test_running_statistics_are_those_that_evaluation_uses(tmp_path, kept, found):
    text = f"""
import numpy as np

class BatchNorm1d:
    def __init__(self, channels, eps=1e-5, momentum=0.9):
        self.gamma, self.beta = np.ones((1, channels)), np.zeros((1, channels))
        self.mean, self.var = np.zeros((1, channels)), np.ones((1, channels))
        self.eps, self.momentum, self.train_mode = eps, momentum, True

    def forward(self, x):
        m, v = x.mean(0, keepdims=True), x.var(0, keepdims=True)
        if self.train_mode:
            self.mean = self.momentum * self.mean + (1 - self.momentum) * m
            self.var = self.momentum * self.var + (1 - self.momentum) * v
        else:
            m, v = {kept}
        return self.gamma * (x - m) / np.sqrt(v + self.eps) + self.beta
"""
    (batch_norm,) = searched(of(text, tmp_path, f"running_{found}")).found
    assert len(batch_norm.plan.facts["running"]) == found


def test_what_a_command_line_has_is_no_part_of_what_a_file_defines(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["-c"])
    code = "import sys\nimport numpy as np\nrate = float(sys.argv[1])\n" + ONE_IMAGE
    assert "ReLU" in drafted(of(code, tmp_path, "argv"))


ONE_BY_ONE = """
import numpy as np

class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.random.standard_normal((n_out, n_in)), np.zeros(n_out)
        self.zero_grad()

    def zero_grad(self):
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)

    def forward(self, x):
        self.x = x.ravel()
        return self.W @ self.x + self.b

    def backward(self, dout):
        self.dW += np.outer(dout, self.x)
        self.db += dout
        return dout @ self.W
"""


def test_gradients_that_are_reset_before_each_sample_are_summed(tmp_path):
    code = of(ONE_BY_ONE, tmp_path, "one_by_one")
    (dense,) = searched(code).found
    assert (dense.plan.facts["x"], dense.plan.facts["adds_up"]) == ("I", False)
    keys = ["test_dense.py::test_dweight[square]", "test_dense.py::test_dbias[bias]"]
    assert not grade({"Dense": drafted(code)["Dense"]}, keys).not_passed
