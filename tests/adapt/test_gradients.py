"""Where gradients are, and what tells the order of axes."""

import numpy as np
import pytest

from tests.adapt.drafting import FOREIGN, drafted, searched
from tests.adapt.test_callers import CHECKS
from tests.adapt.test_search import of
from tests.grade import grade

UPDATED = """
import numpy as np

class Layer:
    def __call__(self, x):
        self.memory = x
        return self.forward(x)

class Linear(Layer):
    def __init__(self, in_dim, out_dim):
        self.W, self.b = np.random.standard_normal((out_dim, in_dim)), np.zeros(out_dim)

    def forward(self, x):
        return x @ self.W.T + self.b

    def backward(self, error):
        self.error = error
        return error @ self.W

    def fit(self, lr, weight_decay=0.05):
        self.W -= lr * (self.error.T @ self.memory + weight_decay * self.W)
        self.b -= lr * self.error.sum(0)
"""


def test_gradients_may_show_in_an_update_alone_and_the_call_may_keep_what_backward_needs(tmp_path):
    code = of(UPDATED, tmp_path, "updating")
    (dense,) = searched(code).found
    assert dense.plan.run == "self.layer.__call__(x)"
    assert dense.plan.back == (
        "runtime.updated(self.layer.backward(dout), self.layer.fit(lr=1.0, weight_decay=0.0))"
    )
    assert dense.plan.questions == []
    assert not grade({"Dense": drafted(code)["Dense"]}, CHECKS).not_passed
    wrong = of(UPDATED.replace("sum(0)", "mean(0)"), tmp_path, "wrongly_updating")
    assert grade({"Dense": drafted(wrong)["Dense"]}, CHECKS).not_passed.keys() == {
        "test_dense.py::test_dbias[bias]"
    }


APPENDED = """
import numpy as np

class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.random.standard_normal((n_out, n_in)), np.zeros(n_out)
        self.weight_gradients, self.bias_gradients = [], []

    def __call__(self, x):
        self.x = x.flatten()
        return self.W @ self.x + self.b

    def backward(self, g):
        self.weight_gradients.append(np.outer(g, self.x))
        self.bias_gradients.append(g)
        return g @ self.W
"""


def test_of_gradients_in_a_list_the_latest_is_that_of_the_sample(tmp_path):
    code = of(APPENDED, tmp_path, "appending")
    (dense,) = searched(code).found
    assert [each[2] for each in dense.plan.facts["parameters"].values()] == [
        "layer.weight_gradients[-1]",
        "layer.bias_gradients[-1]",
    ]
    assert not grade({"Dense": drafted(code)["Dense"]}, CHECKS).not_passed


@pytest.mark.parametrize(("order", "layout"), [((4, 5, 1), "K(UVC)"), ((1, 4, 5), "K(CUV)")])
def test_an_order_of_axes_is_found_whatever_is_added_to_the_output(tmp_path, order, layout):
    text = f"""
import numpy as np

class Conv:
    def __init__(self, in_channels, out_channels, size):
        self.size, self.channels = size, in_channels
        self.W = np.random.standard_normal((out_channels, in_channels * size * size))

    def forward(self, x):
        windows = np.lib.stride_tricks.sliding_window_view(x, (self.size,) * 2, axis=(2, 3))
        columns = windows.transpose(0, 2, 3, *{order})
        columns = columns.reshape(*columns.shape[:3], -1)
        return np.moveaxis(columns @ self.W.T, -1, 1) + len(x)
"""
    (found,) = searched(of(text, tmp_path, f"ordered_{layout[2]}")).found
    assert found.plan.facts["parameters"]["weight"][0] == layout


def test_of_a_gradient_that_is_a_mean_no_axes_are_named(tmp_path):
    source = (FOREIGN / "channels_last.py").read_text("utf-8")
    meant = source.replace("delta.sum(axis=(0, 1, 2))", "delta.mean(axis=(0, 1, 2))")
    assert meant != source
    found = searched(of(meant, tmp_path, "meant")).found
    (plan,) = [each.plan for each in found if each.plan.unit == "Conv2D"]
    (said,) = plan.questions
    assert said == "the gradient of the bias is a mean, the others are sums: taken as it is"


def test_a_kernel_is_square_where_its_rows_are_taken_for_its_columns(tmp_path):
    text = """
import numpy as np

def convolution(image, filt, bias):
    n_f, n_c, f, _ = filt.shape
    windows = np.lib.stride_tricks.sliding_window_view(image, (f, f), axis=(1, 2))
    return np.einsum('cijuv,kcuv->kij', windows, filt) + bias[:, None, None]
"""
    code = of(text, tmp_path, "square")
    (found,) = searched(code).found
    assert found.plan.facts["takes"] == {"kernel_size": "number"}
    assert not found.plan.facts["square_only"]  # that is said of the kernel, not of the image
    with pytest.raises(NotImplementedError, match="kernel_size as a pair"):
        drafted(code)["Conv2D"](2, 3, (2, 3))


def test_a_padding_may_be_a_flag(tmp_path):
    text = """
import numpy as np

class Conv:
    def __init__(self, in_channels, out_channels, kernel_size, padding=True):
        self.W = np.random.standard_normal((out_channels, in_channels, kernel_size, kernel_size))
        self.pad = kernel_size // 2 if padding is True else 0

    def forward(self, x):
        x = np.pad(x, ((0, 0), (0, 0), (self.pad, self.pad), (self.pad, self.pad)))
        k = self.W.shape[2]
        windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))
        return np.einsum('ncijuv,kcuv->nkij', windows, self.W)
"""
    conv = drafted(of(text, tmp_path, "flagged"))["Conv2D"]
    for padding, size in ((0, 6), (1, 8)):
        assert conv(2, 3, 3, padding=padding, bias=False).forward(np.ones((1, 2, 8, 8))).shape == (
            *(1, 3),
            *(size, size),
        )
    with pytest.raises(NotImplementedError, match="unsupported: padding"):
        conv(2, 3, 3, padding=2, bias=False)


def test_an_optimizer_may_get_each_parameter_with_its_gradient(tmp_path):
    text = """
import numpy as np

class SGD:
    def __init__(self, parameters, lr=0.01, momentum=0.0):
        self.parameters = list(parameters)
        self.lr, self.momentum = lr, momentum
        self.v = [np.zeros_like(p) for p, _ in parameters]

    def step(self):
        for (p, g), v in zip(self.parameters, self.v):
            v *= self.momentum
            v += g
            p -= self.lr * v
"""
    code = of(text, tmp_path, "paired")
    (sgd,) = searched(code).found
    assert (sgd.plan.facts["holds"], sgd.stage) == ("pairs", 2)
    checks = ["test_sgd.py::test_update[one-step]"]
    assert not grade({"SGD": drafted(code)["SGD"]}, checks).not_passed
    wrong = of(text.replace("p -= self.lr", "p += self.lr"), tmp_path, "wrongly_paired")
    assert grade({"SGD": drafted(wrong)["SGD"]}, checks).not_passed
