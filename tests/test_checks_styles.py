"""Right code in a usual style is not accused: what a check could ask for beyond the sentence."""

from collections.abc import Mapping

import numpy as np
import pytest
from planted.grading import FIXTURES, checks_of, grade, in_worker, objects

from cnn_conformance import reference
from cnn_conformance.checks import buffers
from cnn_conformance.oracle import tolerance
from cnn_conformance.oracle.comparison import compare
from cnn_conformance.outcomes import Outcome


def not_passed(units, unit):
    results = grade(objects(units), checks_of(unit)).results
    passed = {Outcome.PASSED, Outcome.MISSING}
    return {key: result.message for key, result in results.items() if result.outcome not in passed}


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
    units = {name: getattr(reference, name) for name in reference.__all__}
    core = {key for key in checks_of("Network") if "[adam" not in key}
    results = grade(objects(units | {"SGD": KeepsVelocity}), core).results
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
    implementation = objects({"BatchNorm2D": reference.BatchNorm2D})
    own = buffers.with_own_statistics(implementation, golden)
    assert own is not golden
    for name in ("y", "dx", "dweight", "dbias"):
        allowed = tolerance.fine(golden.bound(name), np.dtype("float64"))
        compare(own[name], golden[name], allowed, name)
        assert own.bound(name) == pytest.approx(golden.bound(name), rel=1e-6)


def test_running_statistics_that_make_no_sense_do_not_decide_what_is_right(tmp_path):
    (tmp_path / "net.py").write_text(
        "import numpy as np\n\n"
        "class BatchNorm2D:\n"
        "    def __init__(self, num_features, eps=1e-5, momentum=0.1):\n"
        "        self.params = {'weight': np.ones(num_features), 'bias': np.zeros(num_features)}\n"
        "        self.grads, self.training = {}, True\n"
        "        self.buffers = {'running_mean': np.nan, 'running_var': -np.ones(num_features)}\n"
        "    def forward(self, x):\n"
        "        return x * 0.0\n"
        "    def backward(self, dout):\n"
        "        return dout * 0.0\n"
    )
    keys = [f"test_batchnorm2d.py::test_{name}[evaluation]" for name in ("y", "dx", "dweight")]
    results = grade(in_worker(tmp_path / "net.py"), keys).results
    assert {result.outcome for result in results.values()} == {Outcome.FAILED}
