"""Habits of calling: closures, neighbours, parameters in a dict, methods that are functions."""

import numpy as np
import pytest

from cnn_conformance.adapt import runtime
from tests.adapt.drafting import drafted, searched
from tests.adapt.test_search import of
from tests.grade import grade

CHECKS = ["test_dense.py::test_y[square]", "test_dense.py::test_dx[square]"]
CHECKS += ["test_dense.py::test_dweight[square]", "test_dense.py::test_dbias[bias]"]
CLOSURE = """
def linear(x, w, b):
    def back(dout):
        return dout @ w.T, x.T @ dout, dout.sum(0)
    return x @ w + b, back
"""
LAMBDA = """
def linear(x, w, b):
    back = lambda d: (d @ w.T, x.T @ d, d.sum(0))
    return x @ w + b, back
"""
PACKED = """
def linear_apply(params, x):
    return x @ params['w'] + params['b'], x

def linear_grad(params, cache, dy):
    return dy @ params['w'].T, {'w': cache.T @ dy, 'b': dy.sum(0)}
"""
METHODS = """
import numpy as np

class Net:
    def __init__(self, sizes):
        self.sizes = sizes

    def relu_forward(self, x):
        return np.maximum(x, 0)

    def relu_backward(self, dout, x):
        return dout * (x > 0)

    def fc_forward(self, x, w, b):
        return x.dot(w) + b

    def fc_backward(self, dout, x, w):
        return dout.dot(w.T), x.T.dot(dout), dout.sum(0)
"""
LINKED = """
import numpy as np

class DenseLayer:
    def __init__(self, prev, n_in, n_out):
        self.prev, self.next = prev, None
        prev.next = self
        self.W, self.b = np.random.standard_normal((n_in, n_out)), np.zeros(n_out)

    def forward(self):
        self.output = self.prev.output @ self.W + self.b

    def backward(self):
        self.dW = self.prev.output.T @ self.next.delta
        self.db = self.next.delta.sum(0)
        self.delta = self.next.delta @ self.W.T
"""


@pytest.mark.parametrize(
    ("text", "run", "back"),
    [
        (
            CLOSURE,
            "layers.linear(x, w=self.at.weight, b=self.at.bias)",
            "self.at.returned[1](dout)",
        ),
        (LAMBDA, "layers.linear(x, w=self.at.weight, b=self.at.bias)", "self.at.returned[1](dout)"),
        (
            PACKED,
            "layers.linear_apply(params={'w': self.at.weight, 'b': self.at.bias}, x=x)",
            "layers.linear_grad(params={'w': self.at.weight, 'b': self.at.bias}, "
            "cache=self.at.returned[1], dy=dout)",
        ),
        (
            METHODS,
            "self.layer.fc_forward(x, w=self.at.weight, b=self.at.bias)",
            "self.layer.fc_backward(dout, x=self.at.x, w=self.at.weight)",
        ),
        (
            LINKED,
            "runtime.linked(self.layer, 'prev', output=x).forward()",
            "runtime.linked(self.layer, 'next', delta=dout).backward()",
        ),
    ],
    ids=["closure", "lambda", "parameters in a dict", "methods of a network", "neighbours"],
)
def test_the_source_tells_how_it_is_called(tmp_path, text, run, back):
    code = of(text, tmp_path, f"calls_{tmp_path.name}")
    (dense,) = [f for f in searched(code).found if f.plan.unit == "Dense"]
    assert (dense.plan.run, dense.plan.back, dense.stage) == (run, back, 2)
    assert not grade({"Dense": drafted(code)["Dense"]}, CHECKS).not_passed
    doubled = ((".T, ", ".T * 2, "), ("(w.T)", "(2 * w.T)"), ("self.W.T", "self.W.T * 2"))
    for was, is_ in ((".sum(0)", ".mean(0)"), *doubled):
        text = text.replace(was, is_)
    wrong = of(text, tmp_path, f"wrong_{tmp_path.name}")
    assert {"test_dense.py::test_dx[square]", "test_dense.py::test_dbias[bias]"} <= set(
        grade({"Dense": drafted(wrong)["Dense"]}, CHECKS).not_passed
    )


def test_a_loss_may_return_what_goes_back(tmp_path):
    text = "import numpy as np\n\ndef mse(pred, target):\n    d = pred - target\n"
    text += "    return (d ** 2).mean(), lambda dout=1.0: dout * 2 * d / d.size\n"
    (found,) = searched(of(text, tmp_path, "returning")).found
    assert (found.plan.back, found.plan.facts["value"]) == ("self.at.returned[1]()", "returned[0]")


def test_a_layer_is_no_collection_of_functions(tmp_path):
    text = METHODS.replace("class Net", "class Dense").replace("relu_", "fc_relu_")
    assert "ReLU" not in {f.plan.unit for f in searched(of(text, tmp_path, "layer")).found}


def test_the_object_of_methods_is_made_where_its_constructor_needs_nothing(tmp_path):
    text = METHODS.replace("sizes)", "sizes=(1, 2))")
    found = {f.plan.unit: f.plan for f in searched(of(text, tmp_path, "made")).found}
    assert found["ReLU"].make == "layers.Net()"
    found = {f.plan.unit: f.plan for f in searched(of(METHODS, tmp_path, "bare")).found}
    assert found["ReLU"].make == "runtime.bare(layers.Net)"


def test_a_neighbour_keeps_what_it_has():
    layer = type("Layer", (), {})()
    layer.prev = before = runtime.Neighbour()
    before.output = np.zeros(2)
    assert runtime.linked(layer, "prev", delta=1).prev is before
    assert (before.delta, before.output.tolist()) == (1, [0, 0])
    assert runtime.linked(layer, "next", delta=2).next.delta == 2


def test_gradients_that_add_up_are_reset_for_weight_and_bias_alike(tmp_path):
    text = """
import numpy as np

class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.random.standard_normal((n_in, n_out)), np.zeros(n_out)
        self.zero_grad()

    def zero_grad(self):
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW += self.x.T @ dout
        self.db += dout.sum(0)
        return dout @ self.W.T
"""
    (found,) = searched(of(text, tmp_path, "adding")).found
    assert found.plan.questions == []
    assert found.plan.back == "(self.layer.zero_grad(), self.layer.backward(dout))[1]"


def test_the_parameters_of_a_normalization_may_be_objects(tmp_path):
    text = """
import numpy as np

class Parameter:
    def __init__(self, data):
        self.data, self.grad = data, np.zeros_like(data)

class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5):
        self.gamma, self.beta = Parameter(np.ones(num_features)), Parameter(np.zeros(num_features))
        self.eps = eps

    def forward(self, x):
        self.hat = (x - x.mean(0)) / np.sqrt(x.var(0) + self.eps)
        return self.gamma.data * self.hat + self.beta.data
"""
    (found,) = [f for f in searched(of(text, tmp_path, "objects")).found if "1D" in f.plan.unit]
    assert found.plan.facts["parameters"]["weight"][:2] == ("C", "layer.gamma.data")


def test_the_word_for_a_mean_is_that_of_the_source(tmp_path):
    text = """
class PoolLayer:
    def __init__(self, size=2, poolType='max'):
        self.size, self.poolType = size, poolType

    def forward(self, x):
        n, c, h, w = x.shape
        tiles = x.reshape(n, c, h // 2, 2, w // 2, 2)
        if self.poolType == 'max':
            return tiles.max((3, 5))
        if self.poolType == 'avg':
            return tiles.mean((3, 5))
        raise ValueError(self.poolType)
"""
    makes = {f.plan.unit: f.plan.make for f in searched(of(text, tmp_path, "worded")).found}
    assert "poolType='max'" in makes["MaxPool2D"]
    assert "poolType='avg'" in makes["AvgPool2D"]


def test_a_class_called_softmax_may_have_a_loss(tmp_path):
    text = """
import numpy as np

class Softmax:
    def cal_loss(self, predict, label):
        e = np.exp(predict - predict.max(axis=1, keepdims=True))
        self.softmax = e / e.sum(axis=1, keepdims=True)
        loss = -np.sum(np.log(self.softmax) * label) / len(label)
        return loss, (self.softmax - label) / len(label)
"""
    (found,) = searched(of(text, tmp_path, "cal")).found
    assert found.plan.run == "self.layer.cal_loss(prediction, target)"
    assert found.plan.facts["gradient"] == "returned[1]"


def test_backward_may_return_the_very_array_that_it_was_given(tmp_path):
    text = "import numpy as np\n\nclass Relu:\n    def forward(self, x):\n        self.x = x\n"
    text += "        return np.maximum(x, 0)\n\n    def backward(self, delta):\n"
    text += "        delta[self.x <= 0] = 0\n        return delta\n"
    (found,) = searched(of(text, tmp_path, "in_place")).found
    assert (found.plan.facts["dx"], found.plan.questions) == ("returned", [])


def test_samples_of_any_axes_are_flattened_one_at_a_time(tmp_path):
    text = "class Flatten:\n    def forward(self, x):\n        self.shape = x.shape\n"
    text += "        return x.flatten()\n\n    def backward(self, d):\n"
    text += "        return d.reshape(self.shape)\n"
    flatten = drafted(of(text, tmp_path, "flattening"))["Flatten"]()
    for shape in ((2, 3), (2, 3, 4), (2, 3, 4, 5), (2, 3, 4, 5, 6)):
        x = np.random.standard_normal(shape)
        assert flatten.forward(x).shape == (2, x[0].size)
        assert np.array_equal(flatten.backward(x.reshape(2, -1)), x)


def test_a_normalization_is_told_the_shape_of_a_sample(tmp_path):
    text = """
import numpy as np

class BatchNorm:
    def set_input_shape(self, shape):
        self.input_shape = shape

    def initialize(self, optimizer):
        self.gamma, self.beta = np.ones(self.input_shape), np.zeros(self.input_shape)

    def forward_pass(self, X):
        return self.gamma * (X - X.mean(axis=0)) / np.sqrt(X.var(axis=0) + 1e-5) + self.beta

    def backward_pass(self, grad):
        return grad
"""
    (found,) = searched(of(text, tmp_path, "told_shape")).found
    assert found.plan.unit == "BatchNorm1D"  # a value for each place is no matter of channels
    assert found.plan.facts["parameters"]["weight"][:2] == ("C", "layer.gamma")
