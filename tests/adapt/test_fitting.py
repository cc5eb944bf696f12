"""Whether a style that has been recognised by its names fits the code."""

import numpy as np
import pytest

from cnn_conformance.adapt import automatic
from cnn_conformance.implementation.styles._front import Front
from cnn_conformance.outcomes import NotPassed
from tests.grade import grade, in_worker

COLUMNS = """
import numpy as np

class Linear:
    def __init__(self, n_x, n_h):
        self.W, self.b = np.random.standard_normal((n_h, n_x)), np.zeros((n_h, 1))

    def forward(self, A):
        self.A = A
        return self.W @ A + self.b

    def backward(self, dZ):
        self.dW, self.db = dZ @ self.A.T, dZ.sum(axis=1, keepdims=True)
        return self.W.T @ dZ

class Softmax:
    def forward(self, Z):
        e = np.exp(Z - Z.max(axis=0))
        self.A = e / e.sum(axis=0)
        return self.A

    def backward(self, dLdA):
        return self.A * (dLdA - (dLdA * self.A).sum(axis=0))
"""
ROWS = """
import numpy as np

class Linear:
    def __init__(self, in_features, out_features):
        self.W = np.random.standard_normal((out_features, in_features))
        self.b = np.zeros((out_features, 1))

    def forward(self, A):
        self.A = A
        return {forward}

    def backward(self, dLdZ):
        self.dLdW, self.dLdb = dLdZ.T @ self.A, dLdZ.sum(axis=0).reshape(-1, 1)
        return dLdZ @ self.W

class ReLU:
    def forward(self, Z):
        self.A = np.maximum(Z, 0)
        return self.A

    def backward(self, dLdA):
        return dLdA * (self.A > 0)
"""


def adapted(text, folder):
    (folder / "nn.py").write_text(text, "utf-8")
    made = automatic.adapted(in_worker(folder / "nn.py"), folder)
    made.end()
    return made


def test_code_that_has_a_styles_names_and_another_interface_is_drafted(tmp_path):
    made = adapted(COLUMNS, tmp_path)
    assert made.style == str(tmp_path / "adapter.py")
    assert {"Dense", "Softmax"} <= made.units
    assert "the style mytorch, by its names, does not fit (Dense: " in made.assumptions[0]
    assert not grade(made, "DENSE-1").not_passed
    assert not grade(made, "SOFTMAX-1").not_passed


@pytest.mark.parametrize(
    "forward",
    ["A @ self.W.T + self.b.T", "A @ self.W + self.b.T", "None"],
    ids=["right", "crashes", "nothing yet"],
)
def test_a_style_with_a_mistake_stays_the_style(tmp_path, forward):
    made = adapted(ROWS.format(forward=forward), tmp_path)
    assert made.style == "mytorch"


ENGINE = """
import numpy as np

class Tensor:
    def __init__(self, data):
        self.data = np.asarray(data, float)
        self.grad = {grad}

    def __mul__(self, other):
        return Tensor(self.data * other.data)

    def backward(self, gradient):
        self.grad = Tensor(gradient.data)
"""


@pytest.mark.parametrize(
    ("grad", "kind"), [("np.zeros_like(self.data)", np.ndarray), ("None", None)], ids=str
)
def test_a_gradient_is_handed_to_an_optimizer_as_the_tensors_have_it(grad, kind):
    found = {}
    exec(ENGINE.format(grad=grad), found)
    front = Front(found)
    assert type(front.gradient(np.ones(2))) is (kind or found["Tensor"])


PAIRS = """
import numpy as np

class Tensor:
    def __init__(self, data):
        self.data, self.grad = np.asarray(data, float), None

    def backward(self, gradient):
        pass

class Conv2d:
    def __init__(self, cin, cout, k, stride=1, padding=0):
        self.k, self.s, self.p = k, stride, padding
        self.weight = Tensor(np.random.standard_normal({shape}))
        self.bias = Tensor(np.zeros(cout))

    def __call__(self, x):
        return Tensor(np.zeros((len(x.data), 1, 1, 1)))
"""


@pytest.mark.parametrize(
    ("shape", "refused"),
    [("(cout, cin, k, k)", True), ("(cout, cin, *(k if isinstance(k, tuple) else (k, k)))", False)],
    ids=["numbers", "pairs"],
)
def test_a_pair_that_a_module_of_tensors_cannot_take_is_unsupported(tmp_path, shape, refused):
    (tmp_path / "nn.py").write_text(PAIRS.format(shape=shape), "utf-8")
    made = in_worker(tmp_path / "nn.py")
    assert made.style == "tensor"
    if refused:
        with pytest.raises(NotPassed, match="kernel_size as a pair"):
            made.layer("Conv2D", [2, 3, (2, 3)], {})
    else:
        made.layer("Conv2D", [2, 3, (2, 3)], {})
    made.end()
