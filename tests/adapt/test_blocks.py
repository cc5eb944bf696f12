"""Functions that return functions: layers as blocks with closures, optimizers as pairs."""

import numpy as np
import pytest

from tests.adapt.drafting import drafted, outcomes, searched
from tests.adapt.test_search import of
from tests.grade import one_case_each

BLOCKS = """
import numpy as np

def linear(theta, x):
    w, b = theta

    def back(g):
        return (x.T @ g, g.sum(0)), g @ w.T

    return x @ w + b, back

def conv(step=1, pad=0):
    def block(theta, x):
        w, b = theta
        f = w.shape[2]
        padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        views = np.lib.stride_tricks.sliding_window_view(padded, (f, f), (2, 3))
        views = views[:, :, ::step, ::step]
        y = np.einsum("ncijuv,kcuv->nkij", views, w) + b[:, None, None]

        def back(g):
            dx = np.zeros(padded.shape)
            for i in range(g.shape[2]):
                for j in range(g.shape[3]):
                    part = np.einsum("nk,kcuv->ncuv", g[:, :, i, j], w)
                    dx[:, :, i * step : i * step + f, j * step : j * step + f] += part
            dx = dx[:, :, pad : dx.shape[2] - pad, pad : dx.shape[3] - pad]
            return (np.einsum("ncijuv,nkij->kcuv", views, g), g.sum((0, 2, 3))), dx

        return y, back

    return block

def pointwise(f, slope):
    def block(theta, x):
        return f(x), lambda g: ((), g * slope(x))

    return block

relu = pointwise(lambda x: np.maximum(x, 0), lambda x: x > 0)

def leaky_relu(alpha=0.01):
    return pointwise(lambda x: np.where(x > 0, x, alpha * x), lambda x: np.where(x > 0, 1, alpha))

net = pointwise(np.sin, np.cos)
"""


@pytest.fixture(scope="module")
def code(tmp_path_factory):
    return of(BLOCKS, tmp_path_factory.mktemp("blocks"), "blocks")


def test_a_function_that_a_function_makes_is_a_layer(code):
    found = {each.plan.unit: each for each in searched(code).found}
    assert [*found] == ["Conv2D", "Dense", "ReLU", "LeakyReLU"]
    assert {each.stage for each in found.values()} == {2}
    plan = found["Conv2D"].plan
    assert plan.make == "layers.conv(step=self.stride, pad=self.padding)"
    assert plan.facts["parameters"]["bias"][2] == "returned[0][1]"
    assert found["ReLU"].plan.run == "layers.relu(theta=(), x=x)"


def test_values_of_blocks_are_graded(code, tmp_path):
    stems = ("conv2d", "relu", "leaky_relu")
    keys = [k for s in stems for k in one_case_each().get(s, []) if "::test_y" in k]
    keys += ["test_conv2d.py::test_dx[stride-2]", "test_conv2d.py::test_y[padding-1]"]
    assert {*outcomes(drafted(code), keys).values()} <= {"passed", "unsupported"}
    wrong = BLOCKS.replace("dx[:, :, i * step : i * step + f", "dx[:, :, i : i + f").replace(
        "j * step : j * step + f] += part", "j : j + f] += part"
    )
    got = outcomes(drafted(of(wrong, tmp_path, "wrong")), keys)
    assert [key for key, outcome in got.items() if outcome == "failed"] == [keys[-2]]


PAIRS = """
import numpy as np

def sgd(rate):
    return (lambda p: (), lambda p, g, s: (p - rate * g, ()))

def momentum(rate, mass=0.9):
    def begin(p):
        return np.zeros_like(p)

    def update(g, s, p):
        s = mass * s + g
        return p - rate * s, s

    return begin, update
"""


def test_a_pair_of_functions_is_an_optimizer(tmp_path):
    same = PAIRS.replace("lambda p, g, s:", "lambda g, s, p:")
    sgd = drafted(of(same, tmp_path, "pairs"))["SGD"]
    params, grads = {"0.weight": np.ones(3)}, {"0.weight": np.full(3, 2.0)}
    optimizer = sgd(0.1, momentum=0.5)
    for _ in range(2):
        optimizer.step(params, grads)
    np.testing.assert_allclose(params["0.weight"], 1 - 0.2 - 0.3)
    sgd(0.1).step(params, grads)
    np.testing.assert_allclose(params["0.weight"], 1 - 0.2 - 0.3 - 0.2)
