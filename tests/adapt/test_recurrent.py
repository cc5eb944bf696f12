"""Recurrent layers: whole sequences, lists of steps, functions and cells, right and wrong."""

from pathlib import Path

import pytest

from cnn_conformance.adapt import gates
from tests.adapt.drafting import VALUES, drafted, outcomes, searched
from tests.adapt.test_search import of
from tests.grade import one_case_each

FILES = Path(__file__).parent / "recurrent"
UNITS = {
    "rows": "RNN",
    "steps_first": "GRU",
    "columns": "LSTM",
    "functions": "LSTM",
    "cell": "LSTM",
}
MISTAKES = [
    ("rows", "dnext = da @ self.Whh.T", "dnext = 0 * da @ self.Whh.T", "test_d"),
    ("rows", " + self.hs[:, t - 1] @ self.Whh", "", "test_y"),
    ("rows", "self.hs[:, t - 1] @ self.Whh", "self.hs[:, t - 1] @ self.Whh.T", "test_y"),
    ("steps_first", "np.tanh(nx + r * nh)", "np.tanh(nx + nh)", "test_y"),
    ("steps_first", "dh * z + right", "right", "test_d"),
    ("columns", "dc_next = dboth[size:], dc * f", "dc_next = dboth[size:], dc", "test_d"),
    ("columns", "c, f * c + i * g", "c, i * c + f * g", "test_y"),
    ("functions", "dc * c_prev * f * (1 - f)", "dc * c_prev * f", "test_d"),
    ("functions", "f * c_prev + i * g", "i * c_prev + f * g", "test_y"),
    ("cell", "da @ self.Wh, dc * f", "da @ self.Wh, dc", "test_d"),
    ("cell", "f * c + i * g", "f * c + i", "test_y"),
]
FUSED = """
import numpy as np

class CharRNN:
    def __init__(self, vocab_size, hidden_size):
        self.Wxh = np.zeros((hidden_size, vocab_size))
        self.Whh = np.zeros((hidden_size, hidden_size))

    def loss_and_grads(self, inputs, targets, hprev):
        return 0.0, [], hprev
"""
LAST = """
import numpy as np

class RNN:
    def __init__(self, input_size, hidden_size):
        self.U = np.random.randn(input_size, hidden_size)
        self.W = np.random.randn(hidden_size, hidden_size)

    def forward(self, x):
        h = np.zeros((len(x), len(self.W)))
        for t in range(x.shape[1]):
            h = np.tanh(x[:, t] @ self.U + h @ self.W)
        return h

    def backward(self, dh):
        return dh
"""


def written(style, tmp_path, was="", is_=""):
    """Return the folder with a foreign file, or one with a mistake."""
    source = (FILES / f"{style}.py").read_text("utf-8")
    assert source.count(was) == 1 or not was
    code = tmp_path / f"code_{tmp_path.name}"
    code.mkdir()
    (code / f"{style}.py").write_text(source.replace(was, is_) if was else source, "utf-8")
    return code


def values(unit):
    keys = one_case_each()[unit.lower()]
    return [k for k in keys if k.partition("::")[2].startswith(VALUES) and "relu" not in k]


@pytest.mark.parametrize("style", UNITS)
def test_right_code_is_right_through_its_draft(style, tmp_path):
    unit = UNITS[style]
    found = outcomes({unit: drafted(written(style, tmp_path))[unit]}, values(unit))
    known = {key: said for key, said in found.items() if "given-state" not in key}
    assert known
    assert {*known.values()} == {"passed"}


@pytest.mark.parametrize(("style", "was", "is_", "shown"), MISTAKES)
def test_a_mistake_stays_visible(style, was, is_, shown, tmp_path):
    unit = UNITS[style]
    found = outcomes({unit: drafted(written(style, tmp_path, was, is_))[unit]}, values(unit))
    failed = [key for key, said in found.items() if said == "failed"]
    assert any(key.partition("::")[2].startswith(shown) for key in failed)


@pytest.mark.parametrize(
    ("text", "said"),
    [(FUSED, "its output layer and its loss are in one"), (LAST, "only the state after the last")],
)
def test_what_is_no_layer_of_its_own_is_said(text, said, tmp_path):
    result = searched(of(text, tmp_path, "no_layer"))
    assert not result.found
    assert said in result.missing["RNN"]


def test_a_gru_of_one_bias_is_not_drafted(tmp_path):
    code = written("steps_first", tmp_path)
    file = code / "steps_first.py"
    text = file.read_text("utf-8").replace(' + self.params["recurrent_bias"]', "")
    file.write_text(text, "utf-8")
    assert "one bias for each gate" in searched(code).missing["GRU"]


@pytest.mark.parametrize(
    ("names", "gate"),
    [
        (["Wxf", "Wxi", "Wxc", "Wxo", "Whf", "Whi", "Whc", "Who"], ("f", "x")),
        (["Wfx", "Wix", "Wcx", "Wox", "Wfh", "Wih", "Wch", "Woh"], ("f", "x")),
        (["Uf", "Ui", "Ug", "Uo", "Wf", "Wi", "Wg", "Wo"], ("f", "")),
        (["weight_forget", "weight_input", "weight_cell", "weight_output"], ("f", "")),
    ],
)
def test_gates_are_told_by_names(names, gate):
    found = gates.of_arrays(names, "LSTM")
    assert found[names[0]] == gate
    assert sorted({own for own, _ in found.values()}) == ["f", "g", "i", "o"]


def test_names_that_do_not_tell_all_gates_tell_none():
    assert gates.of_arrays(["Wf", "Wi", "W1", "W2"], "LSTM") == {}
    assert gates.of_arrays(["Wx", "Wh"], "LSTM") == {}
