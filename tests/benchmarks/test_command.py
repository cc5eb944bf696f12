"""`python -m benchmarks`: tables, plots, interruptions and refusals."""

import json

import pytest

from benchmarks import __main__ as command
from benchmarks import tables
from benchmarks.workloads import WORKLOADS


def everything():
    """Return results that have all there is, with long numbers."""
    wide = {"median": 0.5678, "low": 0.5432, "high": 12.345, "bursts": 9}
    whom = ("torch", "limit", "dezero", "numpy-ml")
    cell = {"ms": {"reference": 12.345}, "ratio": dict.fromkeys(whom, wide)}
    cell |= {"untouched": {"reference": wide, "torch": wide}, "two threads": {"torch": wide}}
    curve = {"elements": [4, 400], "ms": [1.0, 100.0], "slope": wide, "limit": wide}
    return {
        "machine": {"cpu": "some processor " * 9, "versions": {"numpy": "2.4.6"}},
        "runtimes": {"reference": {"threads": 1}},
        "settings": {"quick": True, "sections": []},
        "speed": {
            f"{w.name} {part} {dtype}": cell
            for w in WORKLOADS.values()
            for part in w.parts
            for dtype in ("float32", "float64")
        },
        "memory": {
            f"{name} {part}": dict.fromkeys(("reference", *whom), 1.25)
            for name in ("W1", "W3", "W4")
            for part in ("forward", "backward")
        },
        "growth": {"conv, batch": curve},
        "grading": {
            name: {"seconds": wide, "ratio": wide} for name in ("floor", "reference", "loops")
        },
        "batch": {"copies": 6, "ratio": wide, "seconds": {"one": wide, "batch": wide}},
        "missing": [{"who": "numpy-ml", "what": "W5a backward float32", "reason": "slow " * 30}],
    }


def test_tables_fit_100_columns():
    lines = tables.render(everything()).splitlines()
    assert [line for line in lines if len(line) > 100] == []


def test_results_are_shown_anew(tmp_path, capsys):
    (tmp_path / "results.json").write_text(json.dumps(everything()), encoding="utf-8")
    assert command.main(["--show", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "0.57 (0.54-12.35)" in shown
    assert "MISSED" in shown
    assert {p.stem for p in tmp_path.glob("*.png")} == {"speed", "memory", "growth", "grading"}


def compared(tmp_path, capsys, before, after):
    for name, results in (("before", before), ("after", after)):
        (tmp_path / f"{name}.json").write_text(json.dumps(results), encoding="utf-8")
    files = [str(tmp_path / f"{name}.json") for name in ("before", "after")]
    assert command.main(["--compare", *files]) == 0
    return capsys.readouterr().out


def test_two_runs_are_set_side_by_side(tmp_path, capsys):
    before, after = everything(), everything()
    ratio = {"median": 0.7, "low": 0.69, "high": 0.71, "bursts": 9}
    faster = {"median": 0.35, "low": 0.34, "high": 0.36, "bursts": 9}
    before["speed"]["W2 step float32"] = {"ms": {}, "ratio": {"torch": ratio}}
    after["speed"]["W2 step float32"] = {"ms": {}, "ratio": {"torch": faster, "limit": faster}}
    before["machine"]["cores"] = 64
    lines = compared(tmp_path, capsys, before, after).splitlines()
    words = [line.split() for line in lines]
    row = ["W2", "step", "float32", "torch", "0.70", "(0.69-0.71)", "0.35", "(0.34-0.36)", "0.50*"]
    assert row in words
    assert ["W2", "step", "float32", "limit", "-", "0.35", "(0.34-0.36)", "-"] in words
    assert ["cores", "64", "-"] in words
    assert any("W2 step float32" in line and line.endswith("MISSED  met") for line in lines)
    assert [line for line in lines if len(line) > 100 and "float" in line] == []


def test_runs_that_are_alike_change_no_goals(tmp_path, capsys):
    shown = compared(tmp_path, capsys, everything(), everything())
    assert "1.00*" not in shown
    assert "Goals that changed" not in shown


def test_more_than_two_runs_are_not_compared(capsys, monkeypatch):
    assert "expected one or two files, got 3" in refused(["--compare", *"abc"], capsys, monkeypatch)


def test_an_interruption_keeps_what_was_measured(tmp_path, capsys, monkeypatch):
    def speed(plan, contestants, record):
        record.results["speed"]["W2 step float32"] = everything()["speed"]["W2 step float32"]
        raise KeyboardInterrupt

    monkeypatch.setattr(command.speed, "measure", speed)
    assert command.main(["--quick", "--no-peers", "--out", str(tmp_path)]) == 0
    assert "interrupted" in capsys.readouterr().out
    results = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert "W2 step float32" in results["speed"]
    assert results["settings"]["interrupted"]
    assert results["runtimes"]["reference"]["core type"] != "unknown"


def test_a_folder_without_results_is_a_mistake_of_the_command_line(tmp_path, capsys):
    with pytest.raises(SystemExit):
        command.main(["--show", str(tmp_path)])
    assert "there is no results.json" in capsys.readouterr().err


def refused(argv, capsys, monkeypatch):
    """Return the last line of what refuses a command line before anything is measured."""
    monkeypatch.setattr(command, "_measure", lambda *_: pytest.fail("it was measured"))
    with pytest.raises(SystemExit) as ended:
        command.main(argv)
    assert ended.value.code == 2
    return capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "results.json is damaged: Expecting value"),
        ("{", "results.json is damaged: Expecting property name"),
        ("[]", "results.json has not all of batch, grading, growth"),
        ("{}", "results.json has not all of batch, grading, growth"),
        (json.dumps(everything() | {"speed": 3}), "results.json is not as a run writes it"),
        (json.dumps(everything() | {"missing": [{}]}), "not as a run writes it: KeyError: 'who'"),
    ],
)
def test_damaged_results_are_refused_in_one_line(text, reason, tmp_path, capsys, monkeypatch):
    (tmp_path / "results.json").write_text(text, encoding="utf-8")
    assert reason in refused(["--show", str(tmp_path)], capsys, monkeypatch)


@pytest.mark.parametrize("below", [".", "below"])
def test_where_nothing_can_be_written_nothing_is_measured(below, tmp_path, capsys, monkeypatch):
    (tmp_path / "file").touch()
    argv = ["--out", str(tmp_path / "file" / below)]
    assert "file: no folder can be made" in refused(argv, capsys, monkeypatch).replace("/below", "")


@pytest.mark.parametrize(
    ("peer", "reason"),
    [
        ("cs231n=NOWHERE", "there is no file or folder NOWHERE"),
        ("cs231n=README.md", "expected a Python file such as PATH/layers.py, got /"),
        ("cs231n", "needs a checkout: --peer cs231n=PATH"),
        ("README.md", "no adapter README.md; give one of cs231n, dezero, numpy_ml, or the path of"),
    ],
)
def test_a_peer_that_does_not_start_is_refused(peer, reason, tmp_path, capsys, monkeypatch):
    (tmp_path / "README.md").write_text("# Layers", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    line = refused(["--out", str(tmp_path), "--peer", peer], capsys, monkeypatch)
    assert f"--peer {peer}: {reason}" in line


def test_tables_are_shown_before_anything_is_written(tmp_path, capsys, monkeypatch):
    (tmp_path / "results.json").write_text(json.dumps(everything()), encoding="utf-8")

    def full(results, folder):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(command, "_write", full)
    assert command.main(["--show", str(tmp_path)]) == 1
    shown = capsys.readouterr()
    assert "MISSED" in shown.out
    assert shown.err == f"{tmp_path}: cannot be written to: No space left on device\n"


@pytest.mark.parametrize(
    ("median", "text"),
    [(0.0017, "0.0017"), (0.00042, "0.00042"), (0.05, "0.050"), (0.5, "0.50"), (12.345, "12.3")],
)
def test_a_ratio_has_two_digits_that_mean_something(median, text):
    assert tables.cell({"median": median, "low": median, "high": median}) == text


def test_an_unknown_section_is_a_mistake_of_the_command_line(capsys):
    with pytest.raises(SystemExit):
        command.main(["sped"])
    assert "no section 'sped'; there are speed, memory" in capsys.readouterr().err
