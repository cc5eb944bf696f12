"""Code whose names tell little: loops say what methods are for, shapes what a layer is."""

import numpy as np
import pytest

from tests.adapt.drafting import drafted, outcomes, searched
from tests.adapt.test_search import of
from tests.grade import one_case_each

LAYERS = """
import numpy as np

class Basis:
    def hin(self, x):
        raise NotImplementedError

class Faltung(Basis):
    def __init__(self, kanaele, filter_anzahl, groesse, schrittweite=1, rand=0):
        self.s, self.r, self.g = schrittweite, rand, groesse
        self.gewichte = np.random.standard_normal((filter_anzahl, kanaele, groesse, groesse))
        self.schwellen = np.zeros(filter_anzahl)

    def hin(self, x):
        r, s = self.r, self.s
        self.x = np.pad(x, ((0, 0), (0, 0), (r, r), (r, r)))
        views = np.lib.stride_tricks.sliding_window_view(self.x, (self.g, self.g), (2, 3))
        self.views = views[:, :, ::s, ::s]
        y = np.einsum("ncijuv,kcuv->nkij", self.views, self.gewichte)
        return y + self.schwellen[:, None, None]

    def her(self, d):
        self.gewichte_steigung = np.einsum("ncijuv,nkij->kcuv", self.views, d)
        self.schwellen_steigung = d.sum((0, 2, 3))
        dx, s = np.zeros_like(self.x), self.s
        for i in range(d.shape[2]):
            for j in range(d.shape[3]):
                part = np.einsum("nk,kcuv->ncuv", d[:, :, i, j], self.gewichte)
                dx[:, :, i * s : i * s + self.g, j * s : j * s + self.g] += part
        r = self.r
        return dx[:, :, r : dx.shape[2] - r, r : dx.shape[3] - r]

class Groesstes(Basis):
    def __init__(self, feld=2):
        self.feld = feld

    def hin(self, x):
        n, c, h, w = x.shape
        k = self.feld
        blocks = x.reshape(n, c, h // k, k, w // k, k)
        out = blocks.max((3, 5), keepdims=True)
        self.mask, self.shape = blocks == out, x.shape
        return out[:, :, :, 0, :, 0]

    def her(self, d):
        return (self.mask * d[:, :, :, None, :, None]).reshape(self.shape)

class Umformen(Basis):
    def hin(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def her(self, d):
        return d.reshape(self.shape)

class Kurve(Basis):
    def __init__(self, f, df):
        self.f, self.df = f, df

    def hin(self, x):
        self.x = x
        return self.f(x)

    def her(self, d):
        return d * self.df(self.x)

def Gleichrichter():
    return Kurve(lambda x: np.maximum(x, 0), lambda x: x > 0)

class Netz:
    def __init__(self, *schichten):
        self.schichten = schichten

    def hin(self, x):
        for s in self.schichten:
            x = s.hin(x)
        return x

    def her(self, d):
        for s in self.schichten[::-1]:
            d = s.her(d)
        return d
"""
UNITS = ["Conv2D", "MaxPool2D", "Flatten", "ReLU", "Sequential"]


def test_loops_over_layers_tell_what_methods_are_for(tmp_path):
    found = {each.plan.unit: each for each in searched(of(LAYERS, tmp_path, "netz")).found}
    assert list(found) == UNITS
    assert {each.stage for each in found.values()} == {2}
    assert found["Conv2D"].plan.run == "self.layer.hin(x)"
    assert found["Conv2D"].plan.back == "self.layer.her(dout)"
    assert found["ReLU"].plan.make == "layers.Gleichrichter()"


def test_their_values_are_graded(tmp_path):
    keys = [k for s in ("relu", "flatten") for k in one_case_each()[s] if "::test_y" in k]
    got = outcomes(drafted(of(LAYERS, tmp_path, "right")), keys)
    assert {*got.values()} == {"passed"}
    wrong = LAYERS.replace("np.maximum(x, 0)", "np.maximum(x, -1)")
    got = outcomes(drafted(of(wrong, tmp_path, "wrong")), keys)
    assert "failed" in got.values()


def test_a_layer_without_a_name_is_no_unit_if_its_output_has_another_shape(tmp_path):
    text = LAYERS.replace("return out[:, :, :, 0, :, 0]", "return out")
    found = [each.plan.unit for each in searched(of(text, tmp_path, "kept")).found]
    assert "MaxPool2D" not in found


def test_a_loop_that_hands_on_a_shape_goes_nowhere(tmp_path):
    build = "    def build(self, shape):\n        return shape\n"
    base = "    def hin(self, x):\n        raise"
    text = LAYERS.replace(base, f"{build}\n{base}")
    loops = "".join(
        f"\n    def build{n}(self, shape):\n        for s in self.schichten:\n"
        "            shape = s.build(shape)\n"
        for n in range(3)
    )
    found = searched(of(text + loops, tmp_path, "built")).found
    assert {each.plan.run for each in found} == {"self.layer.hin(x)"}


@pytest.mark.parametrize("reverse", ["[::-1]", ""])
def test_only_a_loop_from_the_end_goes_backward(tmp_path, reverse):
    text = LAYERS.replace("[::-1]", reverse)
    found = {each.plan.unit: each for each in searched(of(text, tmp_path, "loops")).found}
    assert ("Flatten" in found) == bool(reverse)


@pytest.mark.parametrize(
    ("source", "unit"),
    [("max((3, 5))", "MaxPool2D"), ("sum((3, 5)) / k**2", "AvgPool2D")],
)
def test_a_pooling_is_what_its_source_says(tmp_path, source, unit):
    text = f"""
class PoolCell:
    def __init__(self, k=2):
        self.k = k

    def forward(self, x):
        n, c, h, w = x.shape
        k = self.k
        return x.reshape(n, c, h // k, k, w // k, k).{source}
"""
    assert [each.plan.unit for each in searched(of(text, tmp_path, "pool")).found] == [unit]


def test_the_argument_of_a_factory_is_that_of_the_unit(tmp_path):
    text = LAYERS.replace("Gleichrichter()", "ELU(a=1.0)").replace(
        "np.maximum(x, 0)", "np.where(x > 0, x, a * np.expm1(x))"
    )
    code = of(text, tmp_path, "factory")
    elu = drafted(code)["ELU"](alpha=0.5)
    np.testing.assert_allclose(elu.forward(np.full((1, 1, 1, 1), -1.0)), 0.5 * np.expm1(-1.0))


def test_a_pooling_that_compares_is_of_the_largest(tmp_path):
    text = """
import numpy as np

class PoolCell:
    def forward(self, x):
        out = np.full((x.shape[0], x.shape[1], x.shape[2] // 2, x.shape[3] // 2), -np.inf)
        for i in range(2):
            for j in range(2):
                part = x[:, :, i::2, j::2]
                out = np.where(part > out, part, out)
        return out
"""
    assert [each.plan.unit for each in searched(of(text, tmp_path, "cell")).found] == ["MaxPool2D"]


MAX_OF_WINDOWS = """
import numpy as np

class Pooling:
    def __init__(self, size=2, stride=2):
        self.size, self.stride = size, stride

    def forward(self, image):
        C, H, W = image.shape
        rows, columns = (int((n - self.size) / self.stride) + 1 for n in (H, W))
        y = np.zeros((C, rows, columns))
        for i in range(rows):
            for j in range(columns):
                top, left = i * self.stride, j * self.stride
                window = image[:, top : top + self.size, left : left + self.size]
                y[:, i, j] = np.max(window, axis=(1, 2))
        return y
"""


def test_a_division_in_the_formula_of_a_size_makes_no_average(tmp_path):
    found = {f.plan.unit for f in searched(of(MAX_OF_WINDOWS, tmp_path, "pooling")).found}
    assert found == {"MaxPool2D"}
