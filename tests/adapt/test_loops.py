"""Training loops of classes with layers: what they give is judged, and what is none is named."""

import pytest

from tests.adapt.drafting import drafted, outcomes, searched
from tests.adapt.test_search import of

NET = """
import numpy as np

class Network:
    def __init__(self, layers, loss, optimizer):
        self.layers, self.loss, self.optimizer = layers, loss, optimizer

    def run(self, x, training=False):
        for layer in self.layers:
            x = layer.forward_pass(x, training)
        return x

    def train(self, x, y, n_epochs=1, batch=32, shuffle=True):
        history = {"loss": [], "accuracy": []}
        for _ in range(n_epochs):
            order = np.random.permutation(len(x)) if shuffle else np.arange(len(x))
            total, right = 0.0, 0
            for start in range(0, len(x), batch):
                chosen = order[start:start + batch]
                out = self.run(x[chosen], training=True)
                total += self.loss.value(y[chosen], out) * len(chosen)
                right += (out.argmax(1) == y[chosen].argmax(1)).sum()
                grad = self.loss.derivative(y[chosen], out)
                for layer in reversed(self.layers):
                    grad = layer.backward_pass(grad)
                self.optimizer.update(self.layers)
            history["loss"].append(total / len(x))
            history["accuracy"].append(right / len(x))
        return history

    def predict(self, x, batch=256):
        return np.concatenate([self.run(x[i:i + batch]) for i in range(0, len(x), batch)])
"""
SELF_UPDATING = """
import numpy as np

class Red:
    def __init__(self):
        self.capas = []

    def agregar(self, capa):
        self.capas.append(capa)

    def usar(self, perdida, perdida_prima):
        self.perdida, self.perdida_prima = perdida, perdida_prima

    def predecir(self, x):
        for capa in self.capas:
            x = capa.propagar(x)
        return x

    def entrenar(self, x, y, epocas, tasa, lote=16):
        historia = []
        for epoca in range(epocas):
            order, total = np.random.permutation(len(x)), 0
            for k in range(0, len(x), lote):
                i = order[k:k + lote]
                salida = self.predecir(x[i])
                total += self.perdida(y[i], salida) * len(i)
                error = self.perdida_prima(y[i], salida)
                for capa in reversed(self.capas):
                    error = capa.retropropagar(error, tasa)
            historia.append(total / len(x))
        return historia
"""
CASES = ("labels-last-batch", "onehot")
FIT = [f"test_training.py::test_parameters[{case}]" for case in CASES]
FIT += [f"test_training.py::test_losses[{case}]" for case in CASES]
ACCURACY = [f"test_training.py::test_accuracies[{case}]" for case in CASES]
ORDER = ["test_training.py::test_visits_every_sample[labels-last-batch]"]
PREDICT = ["test_training.py::test_predict[labels-last-batch]"]
PREDICT += ["test_training.py::test_predict_mode[labels-last-batch]"]


def test_a_loop_and_a_prediction_are_drafted(tmp_path):
    units = drafted(of(NET, tmp_path, "net"))
    keys = [*FIT, *ACCURACY, *ORDER, *PREDICT, "test_training.py::test_fit_mode[regression]"]
    assert {*outcomes(units, keys).values()} == {"passed"}


def test_layers_that_update_themselves_are_told_to_by_backward_and_kept_in_order(tmp_path):
    code = of(SELF_UPDATING, tmp_path, "red")
    (plan,) = (each.plan for each in searched(code).found if each.plan.unit == "fit")
    assert plan.facts["in_backward"]
    assert plan.facts["mixes"]
    assert plan.steps == [
        "layer.usar(perdida=self.at.loss, perdida_prima=self.at.loss.slope)",
    ]
    assert {*outcomes(drafted(code), [*FIT, *ORDER]).values()} == {"passed"}


MISTAKES = [
    ("range(0, len(x), batch):\n ", "range(0, len(x) - batch + 1, batch):\n ", FIT[0]),
    (" * len(chosen)", "", FIT[2]),
    (
        "order = np.random.permutation(len(x)) if",
        "order = np.random.randint(len(x), size=len(x)) if",
        ORDER[0],
    ),
    ("derivative(y[chosen], out)", "derivative(y[chosen], out) / 2", FIT[0]),
    ("x[i:i + batch]", "x[i:i + batch][::-1]", PREDICT[0]),
]


@pytest.mark.parametrize(("was", "is_", "shown"), MISTAKES)
def test_a_mistake_in_a_loop_stays_visible(was, is_, shown, tmp_path):
    assert NET.count(was) == 1
    units = drafted(of(NET.replace(was, is_), tmp_path, f"net_{tmp_path.name}"))
    assert outcomes(units, [shown])[shown] == "failed"


@pytest.mark.parametrize(
    ("was", "is_", "unit", "said"),
    [
        ("self.run(x[i:i + batch])", "self.run(x[i:i + batch]).argmax(1)", "predict", "classes"),
        ("self.run(x[i:i + batch])", "np.exp(self.run(x[i:i + batch]))", "predict", "not linear"),
        ("self.optimizer.update(self.layers)", "pass", "fit", "optimizer.step 0 times"),
        ("layer.forward_pass(x, training)", "x + 1", "fit", "no loop over layers"),
        ("batch=32, ", "", "fit", "size of a batch"),
    ],
)
def test_what_is_no_such_loop_is_said_in_one_line(was, is_, unit, said, tmp_path):
    text = NET.replace(was, is_).replace("def train(", "batch = 32\n\n    def train(")
    text = text.replace("+ batch]\n", "+ self.batch]\n") if unit == "fit" else text
    result = searched(of(text, tmp_path, f"none_{tmp_path.name}"))
    assert said in result.missing[unit]
    assert "\n" not in result.missing[unit]
