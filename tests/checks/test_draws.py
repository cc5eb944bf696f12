"""The examples of laws: the same in every run, whatever else is loaded."""

import sys
from types import ModuleType, SimpleNamespace

from cnn_conformance.checks import draws
from cnn_conformance.checks.draws import Draw, law


def drawn():
    """Return the examples that a law is tried on."""
    found: list[Draw] = []
    tried = law(lambda implementation, case, draw: found.append(draw))
    tried(SimpleNamespace(begin=lambda unit: None), SimpleNamespace(unit="ReLU"))
    return found


def test_there_are_as_many_as_are_asked_for():
    assert len(drawn()) == draws.EXAMPLES


def test_constants_of_modules_that_are_loaded_change_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(draws, "EXAMPLES", 200)
    before = drawn()
    for number in range(20):
        file = tmp_path / f"constants{number}.py"
        file.write_text(f"A = {[number * 100 + k + 7000 for k in range(100)]}", "utf-8")
        module = ModuleType(file.stem)
        module.__file__ = str(file)
        monkeypatch.setitem(sys.modules, file.stem, module)
    assert drawn() == before


def test_hypothesis_still_looks_around_where_this_names_it():
    assert hasattr(draws.PROVIDERS, draws.LOOK_AROUND)
