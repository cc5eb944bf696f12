"""Right code in a usual style is not accused: what a check could ask for beyond the sentence."""

from collections import OrderedDict
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pytest

from cnn_conformance import reference
from cnn_conformance.checks import buffers
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.comparison import compare
from cnn_conformance.outcomes import Outcome
from tests.grade import FIXTURES, RIGHT, checks_of, grade, in_this_process


def not_passed(units, unit):
    lost = grade(units, unit).not_passed
    return {key: r.message for key, r in lost.items() if r.outcome is not Outcome.MISSING}


class KeepsVelocity:
    """Plain SGD that keeps a velocity for each key, though momentum is 0."""

    def __init__(self, lr):
        reference.SGD(lr)
        self.lr, self.velocity = lr, {}

    def step(self, params, grads):
        for name, gradient in grads.items():
            if params[name].shape != gradient.shape:
                raise ValueError(f"SGD: {params[name].shape} and {gradient.shape}")
        for name, gradient in grads.items():
            velocity = self.velocity.setdefault(name, np.zeros_like(gradient))
            velocity[...] = 0.0 * velocity + gradient
            params[name] -= params[name].dtype.type(self.lr) * velocity


def test_an_optimizer_may_keep_something_for_every_key_of_a_network():
    core = {key for key in checks_of("Network") if "[adam" not in key}
    results = grade(RIGHT | {"SGD": KeepsVelocity}, core).results
    wrong = [key for key, r in results.items() if r.outcome is Outcome.FAILED]
    assert wrong == []


class PrivateStatistics(reference.BatchNorm2D):
    """Keeps its running statistics to itself, and shows copies."""

    def forward(self, x):
        self.shown = self.__dict__.pop("buffers", None) or self.shown
        self.__dict__["buffers"] = self.shown
        y = super().forward(x)
        self.shown = self.__dict__.pop("buffers")
        return y

    def __getattr__(self, name):
        if name == "buffers":
            return {key: array.copy() for key, array in self.shown.items()}
        raise AttributeError(name)


def test_running_statistics_may_be_private():
    assert not_passed({"BatchNorm2D": PrivateStatistics}, "BatchNorm2D") == {}


class ComputedWhenAsked(Mapping):
    """A mapping that is no dict, and computes its values when they are asked for."""

    def __init__(self, values):
        self.values_of = values

    def __getitem__(self, key):
        return self.values_of[key] + 0.0

    def __iter__(self):
        return iter(self.values_of)

    def __len__(self):
        return len(self.values_of)


class LazyDict(dict):
    """A dict whose entries are there, but made only when one asks for them."""

    def __init__(self, values):
        super().__init__(dict.fromkeys(values))
        self.values_of = values

    def __getitem__(self, key):
        return self.values_of[key]


@pytest.mark.parametrize("kind", [ComputedWhenAsked, LazyDict])
def test_gradients_may_be_computed_when_they_are_asked_for(kind):
    class Dense(reference.Dense):
        def backward(self, dout):
            self.__dict__["grads"] = {}
            dx = super().backward(dout)
            self.grads = kind(self.grads)
            return dx

    assert not_passed({"Dense": Dense}, "Dense") == {}


@pytest.mark.parametrize("kind", [MappingProxyType, OrderedDict, LazyDict])
@pytest.mark.parametrize("loop", ["fit", "evaluate"])
def test_a_loop_may_return_any_mapping(loop, kind):
    def returns_another(*arguments, **options):
        return kind(getattr(reference, loop)(*arguments, **options))

    assert not_passed({loop: returns_another}, loop) == {}


class DropsMore(reference.Dropout):
    """Drops independently and anew, but another share."""

    def __init__(self, p=0.5, rng=None):
        super().__init__(p, rng)
        self.p = p**2
        self.scale = (1 - p**2) / (1 - p)

    def forward(self, x):
        y = super().forward(x)
        return y * self.scale if self.training else y


def test_who_drops_another_share_loses_that_share_alone():
    lost = not_passed({"Dropout": DropsMore}, "Dropout")
    assert any("test_share" in key for key in lost)
    assert not any(name in key for key in lost for name in ("independent", "anew", "rng_decides"))


@pytest.mark.parametrize("case", ["evaluation", "evaluation-eps", "evaluation-small-variance"])
def test_what_evaluation_has_to_give_is_worked_out_as_pytorch_does(case):
    """The reference keeps PyTorch's statistics: with those, the law gives PyTorch's numbers."""
    golden = FIXTURES.unit("batchnorm2d").cases[case]
    implementation = in_this_process({"BatchNorm2D": reference.BatchNorm2D})
    own = buffers.with_own_statistics(implementation, golden)
    assert own is not golden
    for name in ("y", "dx", "dweight", "dbias"):
        allowed = tolerance.fine(golden.bound(name), np.dtype("float64"))
        compare(own[name], golden[name], allowed, name)
        assert own.bound(name) == pytest.approx(golden.bound(name), rel=1e-6)


STATISTICS_OF_NAN = """
import numpy as np

class BatchNorm2D:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.params = {'weight': np.ones(num_features), 'bias': np.zeros(num_features)}
        self.grads, self.training = {}, True
        self.buffers = {'running_mean': np.nan, 'running_var': -np.ones(num_features)}
    def forward(self, x):
        return x * 0.0
    def backward(self, dout):
        return dout * 0.0
"""


def test_running_statistics_that_make_no_sense_do_not_decide_what_is_right():
    keys = [f"test_batchnorm2d.py::test_{name}[evaluation]" for name in ("y", "dx", "dweight")]
    results = grade(STATISTICS_OF_NAN, keys).results
    assert {result.outcome for result in results.values()} == {Outcome.FAILED}


class GathersGoingBack(reference.Sequential):
    """Makes `grads` while it goes back through the layers, and forgets the tape then."""

    def __init__(self, layers):
        super().__init__(layers)
        self.tape, self.gathered = [], {}

    def forward(self, x):
        self.tape = list(enumerate(self.layers))
        return super().forward(x)

    def backward(self, dout):
        if not self.tape:
            raise RuntimeError("Sequential: backward before forward")
        self.gathered = {}
        for index, layer in reversed(self.tape):
            dout = layer.backward(dout)
            self.gathered |= {f"{index}.{name}": array for name, array in layer.grads.items()}
        self.tape = []
        return dout

    @property
    def grads(self):
        return self.gathered


def test_gradients_may_be_in_the_order_in_which_backward_meets_them():
    lost = not_passed({"Sequential": GathersGoingBack}, "Sequential")
    assert [key for key in lost if "test_grads" in key or "test_dx" in key] == []


class GradientsInOneMemory(reference.Dense):
    """Writes its gradients into arrays that it made with its parameters."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.kept = {name: np.zeros_like(array) for name, array in self.params.items()}

    def backward(self, dout):
        dx = super().backward(dout)
        for name, array in self.grads.items():
            self.kept[name][...] = array
        self.grads = dict(self.kept)
        return dx


def test_gradients_may_be_written_into_memory_of_the_constructor():
    assert not_passed({"Dense": GradientsInOneMemory}, "Dense") == {}


class NoBothSides(reference.MaxPool2D):
    def forward(self, x):
        if x.ndim == 4 and x.shape[2] != x.shape[3]:
            raise NotImplementedError("unsupported: images that are not square")
        return super().forward(x)


def test_a_law_is_judged_on_the_inputs_that_are_offered():
    keys = [key for key in checks_of("MaxPool2D") if key.endswith(("[constant]", "[order]"))]
    keys += [key for key in checks_of("MaxPool2D") if "test_batch" in key]
    assert keys
    results = grade({"MaxPool2D": NoBothSides}, keys).results
    assert {result.outcome for result in results.values()} == {Outcome.PASSED}


def test_a_law_that_is_refused_whatever_is_asked_is_an_error():
    class Refuses(reference.MaxPool2D):
        def forward(self, x):
            raise NotImplementedError("unsupported: everything")

    keys = [key for key in checks_of("MaxPool2D") if "test_batch" in key]
    results = grade({"MaxPool2D": Refuses}, keys).results
    assert {result.outcome for result in results.values()} == {Outcome.ERROR}


def fit_on_one_hot_rows(model, loss, optimizer, x, y, **options):
    class OneHot:
        reduction = "mean"

        def forward(self, prediction, target):
            return loss.forward(prediction, np.eye(prediction.shape[1])[target])

        def backward(self):
            return loss.backward()

    return reference.fit(model, OneHot() if y.ndim == 1 else loss, optimizer, x, y, **options)


def test_labels_may_reach_the_loss_as_one_hot_rows():
    keys = [key for key in checks_of("fit") if "labels" in key]
    results = grade({"fit": fit_on_one_hot_rows}, keys).results
    lost = {key: r.message for key, r in results.items() if r.outcome is not Outcome.PASSED}
    assert lost == {}


@pytest.mark.parametrize(
    ("unit", "error", "text", "named"),
    [
        ("Dense", "dout-shape", "Dense: dout has 5 columns, expected 3", True),
        ("Dense", "dout-shape", "Dense: dout is wrong", False),
        ("MSE", "shapes-that-broadcast", "MSE: pred has 2 dimensions, target has 1", True),
        ("MSE", "shapes-that-broadcast", "MSE: the shapes differ", False),
    ],
)
def test_the_number_that_is_wrong_is_enough_to_name(unit, error, text, named):
    original = getattr(reference, unit)

    class Says(original):
        def forward(self, *inputs):
            try:
                return super().forward(*inputs)
            except ValueError:
                raise ValueError(text) from None

        def backward(self, *dout):
            try:
                return super().backward(*dout)
            except ValueError:
                raise ValueError(text) from None

    (key,) = (k for k in checks_of(unit) if k.endswith(f"test_error_texts[{error}]"))
    result = grade({unit: Says}, [key]).results[key]
    assert (result.outcome is Outcome.PASSED) == named, result.message
