"""Habits of code in the wild: how it takes arguments, and where it keeps things."""

import numpy as np
import pytest

from cnn_conformance.adapt.source import words
from tests.adapt.drafting import drafted, searched
from tests.adapt.test_search import of

DENSE = """
from dataclasses import dataclass, field

import numpy as np

{before}

class Dense:
    def __init__(self, {arguments}):
        self.W = {param}(np.random.standard_normal({shape}))
        self.b = {param}(np.zeros({out}))

    def forward(self, x):
        self.x = x
        return x @ self.W{data} + self.b{data}

    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(0)
        return dout @ self.W{data}.T
"""
PLAIN = {"before": "", "param": "", "data": "", "out": "n_out", "shape": "(n_in, n_out)"}


def dense(**parts):
    return DENSE.format(**PLAIN | parts)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (
            dense(
                arguments="config",
                shape="(config['n_in'], config['n_out'])",
                out="config.get('n_out', 1)",
            ),
            "layers.Dense(config={'n_in': self.in_features, 'n_out': self.out_features})",
        ),
        (
            dense(
                arguments="**options",
                shape="(options['n_in'], options['units'])",
                out="options['units']",
            ),
            "layers.Dense(n_in=self.in_features, units=self.out_features)",
        ),
        (
            dense(arguments="*, n_in: int, n_out: int, name: str = 'dense'"),
            "layers.Dense(n_in=self.in_features, n_out=self.out_features)",
        ),
        (
            dense(arguments="shape", shape="shape", out="shape[1]"),
            "layers.Dense(shape=(self.in_features, self.out_features))",
        ),
    ],
    ids=["a dict", "keywords", "keyword-only", "a shape"],
)
def test_a_constructor_takes_sizes_in_its_own_way(tmp_path, text, made):
    (found,) = searched(of(text, tmp_path, f"sizes_{tmp_path.name}")).found
    assert (found.plan.make, found.stage) == (made, 2)


def test_sizes_may_be_fields_of_a_dataclass(tmp_path):
    text = dense(arguments="").replace("class Dense", "@dataclass\nclass Dense")
    fields = "n_in: int\n    n_out: int\n    W: np.ndarray = field(init=False)\n\n"
    text = text.replace("def __init__(self, ):", f"{fields}    def __post_init__(self):")
    text = text.replace("(n_in, n_out)", "(self.n_in, self.n_out)").replace(
        "zeros(n_out)", "zeros(self.n_out)"
    )
    (found,) = searched(of(text, tmp_path, "fields")).found
    assert found.plan.make == "layers.Dense(n_in=self.in_features, n_out=self.out_features)"
    assert found.stage == 2


def test_a_weight_may_be_in_an_object_with_slots(tmp_path):
    slots = "class Param:\n    __slots__ = ('value', 'grad')\n\n"
    slots += "    def __init__(self, value):\n        self.value = value\n"
    text = dense(arguments="n_in, n_out", before=slots, param="Param", data=".value")
    (found,) = searched(of(text, tmp_path, "slotted")).found
    assert found.plan.facts["parameters"]["weight"] == ("IO", "layer.W.value", "layer.dW")


@pytest.mark.parametrize(
    ("names", "made"),
    [
        (("p", "q"), "layers.Dense(p=self.out_features, q=self.in_features)"),
        (("n_in", "n_out"), "layers.Dense(n_in=self.in_features, n_out=self.out_features)"),
        (("units1", "units2"), "layers.Dense(units1=self.in_features, units2=self.out_features)"),
    ],
    ids=["names that do not tell", "names that tell", "numbers that tell"],
)
def test_sizes_change_places_only_where_their_names_do_not_tell(tmp_path, names, made):
    first, second = names
    text = dense(arguments=f"{first}, {second}", shape=f"({second}, {first})", out=first)
    (found,) = searched(of(text, tmp_path, f"swapped_{first}")).found
    assert found.plan.make == made
    assert found.stage == (2 if first == "p" else 1)


CONV = """
import numpy as np

class Conv:
    def __init__(self, {arguments}):
        self.W = np.random.standard_normal({shape})

    def forward(self, x):
        rows, columns = self.W.shape[{axes}]
        windows = np.lib.stride_tricks.sliding_window_view(x, (rows, columns), axis={of})
        return np.einsum('{sum}', windows, self.W)
"""
FIRST = {"axes": "2:", "of": "(2, 3)", "sum": "ncijuv,kcuv->nkij"}
LAST = {"axes": ":2", "of": "(1, 2)", "sum": "nijcuv,uvck->nijk"}


@pytest.mark.parametrize(
    ("parts", "given"),
    [
        (
            {"arguments": "in_c, out_c, k", "shape": "(out_c, in_c, k, k)", **FIRST},
            "in_c=self.in_channels, out_c=self.out_channels, k=self.kernel_size",
        ),
        (
            {"arguments": "c, n, s", "shape": "(n, c, s, s)", **FIRST},
            "c=self.in_channels, n=self.out_channels, s=self.kernel_size",
        ),
        (
            {"arguments": "kernel_shape", "shape": "kernel_shape", **LAST},
            "kernel_shape=(*self.kernel_size, self.in_channels, self.out_channels)",
        ),
    ],
    ids=["short names", "letters", "the shape of the weight"],
)
def test_a_convolution_takes_sizes_in_its_own_way(tmp_path, parts, given):
    (found,) = searched(of(CONV.format(**parts), tmp_path, f"conv_{tmp_path.name}")).found
    assert found.plan.make == f"layers.Conv({given})"


def test_a_class_may_return_its_slope(tmp_path):
    text = "import numpy as np\n\nclass Sigmoid:\n    def __call__(self, x):\n"
    text += "        return 1 / (1 + np.exp(-x))\n\n    def gradient(self, x):\n"
    text += "        return self(x) * (1 - self(x))\n"
    sigmoid = drafted(of(text, tmp_path, "sloping"))["Sigmoid"]()
    sigmoid.forward(np.zeros((1, 2)))
    assert sigmoid.backward(np.array([[1.0, 2.0]])).tolist() == [[0.25, 0.5]]


def test_the_gradient_of_a_loss_may_be_asked_for_without_arguments(tmp_path):
    text = "class MSE:\n    def __call__(self, y_true, y_pred):\n"
    text += "        self.d = y_pred - y_true\n        return (self.d ** 2).mean()\n\n"
    text += "    def gradient(self):\n        return 2 * self.d / self.d.size\n"
    (found,) = searched(of(text, tmp_path, "asking")).found
    assert (found.plan.back, found.plan.questions) == ("self.layer.gradient()", [])


@pytest.mark.parametrize(("word", "unit"), [("max", "MaxPool2D"), ("mean", "AvgPool2D")])
def test_a_pool_is_what_its_source_says(tmp_path, word, unit):
    text = f"""
class Pool:
    def forward(self, x):
        n, c, h, w = x.shape
        return x.reshape(n, c, h // 2, 2, w // 2, 2).{word}((3, 5))
"""
    found = searched(of(text, tmp_path, f"pool_{word}")).found
    assert [each.plan.unit for each in found] == [unit]


def test_backward_is_given_the_window_and_the_padding_that_have_defaults(tmp_path):
    text = """
import numpy as np

def maxpool_forward(inp, size=2, padding=0):
    x = np.pad(inp, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2), constant_values=-np.inf)
    n, c, h, w = x.shape
    h, w = h // size, w // size
    return x[:, :, : h * size, : w * size].reshape(n, c, h, size, w, size).max((3, 5))

def maxpool_backward(d_out, inp, size=2, padding=0):
    return np.zeros(inp.shape)
"""
    (pool,) = [f for f in searched(of(text, tmp_path, "defaults")).found if f.stage == 2]
    assert pool.plan.back.endswith(
        "(dout, inp=self.at.x, size=self.kernel_size, padding=self.padding)"
    )


def test_an_output_may_be_a_list_with_an_array_for_each_filter(tmp_path):
    text = CONV.format(arguments="in_c, out_c, k", shape="(out_c, in_c, k, k)", **FIRST)
    text = text.replace("return np.einsum(", "return list(np.einsum(").replace(
        "self.W)\n", "self.W).swapaxes(0, 1))\n"
    )
    (found,) = searched(of(text, tmp_path, "listed")).found
    assert (found.plan.facts["output"], found.plan.facts["y"]) == ("returned[*]", "KNHW")


def test_a_size_that_is_called_so_is_no_shape_of_a_weight(tmp_path):
    text = dense(arguments="out_dim", shape="(5, out_dim)", out="out_dim")
    (found,) = searched(of(text, tmp_path, "called")).found
    assert found.plan.make == "layers.Dense(out_dim=self.out_features)"


def test_a_layer_that_looks_only_for_a_size_gets_an_input_layer_of_the_code(tmp_path):
    text = """
class Input2D:
    def __init__(self, shape):
        self.size = shape

class Flatten:
    def __init__(self, previous_layer):
        self.out = previous_layer.size[-1]

    def forward(self, x):
        return x.reshape(len(x), -1)
"""
    (found,) = searched(of(text, tmp_path, "sized")).found
    assert found.plan.make == "layers.Flatten(previous_layer=layers.Input2D(self.at.shape))"


def test_the_last_activation_that_is_known_is_tried_too(tmp_path):
    text = CONV.format(
        arguments="channels, filter_size, numfilters, activation, stride=1",
        shape="(numfilters, channels, filter_size, filter_size)",
        **FIRST,
    )
    text = text.replace("self.W = ", "self.how = activation\n        self.W = ").replace(
        "        rows", "        assert self.how == 'relu'\n        rows"
    )
    (found,) = searched(of(text, tmp_path, "fussy")).found
    assert "activation='relu'" in found.plan.make


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Conv1D", "conv1d"),
        ("ConvLayer2D", "conv_layer2d"),
        ("Batch_Normalization_1D_np", "batch_normalization1d_np"),
        ("W1", "w1"),
        ("numFilters", "num_filters"),
    ],
)
def test_dimensions_stay_with_their_letter(name, said):
    assert words(name) == said


def test_a_convolution_of_one_dimension_is_not_one_of_two(tmp_path):
    text = CONV.format(arguments="in_c, out_c, k", shape="(out_c, in_c, k, k)", **FIRST)
    assert not searched(of(text.replace("Conv", "Conv1D"), tmp_path, "one")).found


def test_a_pooling_shape_is_no_shape_of_the_input(tmp_path):
    text = """
class MaxPooling2D:
    def __init__(self, pooling_shape=(2, 2)):
        self.h, self.w = pooling_shape

    def forward(self, x):
        n, c, h, w = x.shape
        return x.reshape(n, c, h // self.h, self.h, w // self.w, self.w).max((3, 5))
"""
    (found,) = searched(of(text, tmp_path, "shaped")).found
    assert found.plan.make == "layers.MaxPooling2D(pooling_shape=self.kernel_size)"


@pytest.mark.parametrize("name", ["Relu", "ReLU", "re_lu", "Rectifier", "RectifiedLinear"])
def test_a_rectifier_has_several_names(tmp_path, name):
    text = f"""
class {name}:
    def run(self, x):
        self.on = x > 0
        return x * self.on

    def back(self, grad):
        return grad * self.on
"""
    (found,) = searched(of(text, tmp_path, f"rectifier_{name}")).found
    assert found.plan.unit == "ReLU"
