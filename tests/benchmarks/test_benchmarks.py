"""The benchmarks: what is timed, who is believed, and what a failure costs."""

import json
import time
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import grading, peaks, tables
from benchmarks.contestants import ALLOCATORS, load, named, peers, runtime
from benchmarks.goals import Goal, goals
from benchmarks.group import Group
from benchmarks.inputs import inputs
from benchmarks.plan import QUICK
from benchmarks.process import Failed, Process, TooSlow
from benchmarks.record import Record
from benchmarks.turns import ratio, summary, take_turns
from benchmarks.workloads import WORKLOADS, Conv, MaxPool, Training, from_json, to_json

CONV = Conv((2, 3, 9, 8), filters=4, kernel=3, stride=2, padding=1)
POOL = MaxPool((2, 3, 9, 8), 3, stride=2)
TRAINING = Training((6, 1, 8, 8), convs=(3, 4), dense=(5,), classes=3)
PARTS = {CONV: ("forward", "backward", "both"), POOL: ("forward", "backward"), TRAINING: ("step",)}


class Bar:
    """A progress bar that shows nothing."""

    def set_description_str(self, text):
        pass

    def update(self):
        pass


@pytest.fixture
def record():
    return Record({"missing": []}, Bar())


def measure(contestants, task, record, patience=20.0):
    """Return who was measured, for each part of a task."""
    plan = replace(QUICK, patience=patience, burst=0.001)
    with Group(contestants, task, "float64", plan, record) as group:
        return {part: set(group.measure(part, part, rounds=2)) for part in PARTS[task]}


def adapter(folder, body):
    """Write an adapter that is the reference's but for what `body` defines anew."""
    path = folder / "planted.py"
    source = runtime("reference").path.read_text(encoding="utf-8")
    path.write_text(f"{source}\n\n{body}\n", encoding="utf-8")
    return named(path)


# --- who is believed ---------------------------------------------------------------------------


@pytest.mark.torch
@pytest.mark.parametrize("task", PARTS, ids=lambda task: type(task).__name__)
def test_torch_computes_what_the_reference_computes(task, record):
    found = measure([runtime("reference"), runtime("torch")], task, record)
    assert found == {part: {"reference", "torch"} for part in PARTS[task]}
    assert record.results["missing"] == []


@pytest.mark.parametrize("task", PARTS, ids=lambda task: type(task).__name__)
def test_functions_in_the_style_of_cs231n_are_a_peer(task, record, tmp_path):
    package = tmp_path / "course"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "layers.py").write_text(CS231N, encoding="utf-8")
    (peer,) = [c for c in peers([f"cs231n={package / 'layers.py'}"]) if c.name == "cs231n"]
    found = measure([runtime("reference"), peer], task, record)
    assert record.results["missing"] == []
    assert found == {part: {"reference", "cs231n"} for part in PARTS[task]}


CS231N = '''
"""Stand-ins that let the reference do the work."""
import numpy as np
import reference as r


def run(layer, x, *parameters):
    layer.params.update(zip(("weight", "bias"), parameters))
    return layer.forward(x), layer


def back(dout, layer):
    dx = layer.backward(dout)
    return (dx, *layer.grads.values()) if layer.grads else dx


def conv_forward_naive(x, w, b, conv_param):
    raise AssertionError("there is a better one")


def conv_forward_im2col(x, w, b, conv_param):
    K, C, KH, _ = w.shape
    return run(r.Conv2D(C, K, KH, conv_param["stride"], conv_param["pad"]), x, w, b)


def max_pool_forward_naive(x, pool_param):
    return run(r.MaxPool2D(pool_param["pool_height"], pool_param["stride"]), x)


def affine_forward(x, w, b):
    y, layer = run(r.Dense(*w.shape), x.reshape(len(x), -1), w.T, b)
    return y, (layer, x.shape)


def affine_backward(dout, cache):
    dx, dw, db = back(dout, cache[0])
    return dx.reshape(cache[1]), dw.T, db


def relu_forward(x):
    return run(r.ReLU(), x)


def softmax_loss(x, y):
    loss = r.SoftmaxCrossEntropy()
    return loss.forward(x, y), loss.backward()


conv_backward_naive = conv_backward_im2col = max_pool_backward_naive = relu_backward = back
'''


def test_who_computes_something_else_is_named_and_not_measured(record, tmp_path):
    wrong = adapter(
        tmp_path,
        "right = conv\n"
        "def conv(task, **arrays):\n"
        "    calls = right(task, **arrays)\n"
        "    return calls | {'backward': lambda: (-calls['backward']()[0],)}",
    )
    found = measure([runtime("reference"), wrong], CONV, record)
    assert found["forward"] == {"reference", "planted"}
    assert found["backward"] == {"reference"}
    (missing,) = record.results["missing"]
    assert missing["who"] == "planted"
    assert "array 0" in missing["reason"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("import os; os._exit(3)", "ended with 3"),
        ("raise KeyError('gone')", "KeyError: 'gone'"),
        ("raise NotImplementedError('no stride')", "no stride"),
        ("import time; time.sleep(60)", "over 1 s for one call"),
        ("print('chatter'); return weight", None),
    ],
)
def test_a_failing_peer_costs_only_itself(body, reason, record, tmp_path):
    lines = (
        "def conv(task, x, weight, **rest):\n    def y():\n        {}\n    return {{'forward': y}}"
    )
    plan = replace(QUICK, patience=1.0, burst=0.001)
    group = [adapter(tmp_path, lines.format(body)), runtime("limit")]
    with Group(group, CONV, "float32", plan, record) as running:
        times = running.measure("forward", "here", rounds=2)
    assert len(times["limit"]) == 2
    reasons = [(m["who"], m["what"]) for m in record.results["missing"] if reason in m["reason"]]
    assert reasons == ([("planted", "here")] if reason else [])
    assert ("planted" in times) == (reason is None)


def test_who_is_too_slow_is_ended_before_others_go_on(tmp_path):
    slow = adapter(tmp_path, "import time\ndef conv(task, **rest): time.sleep(60)")
    with Process(slow) as process:
        with pytest.raises(TooSlow):
            process.ask("prepare", 1.0, task=to_json(CONV), dtype="float32")
        assert process.process.wait(10) != 0


def test_what_an_adapter_has_no_function_for_is_not_measured(record, tmp_path):
    (tmp_path / "little.py").write_text("def conv(task, **arrays): pass\n", encoding="utf-8")
    found = measure([runtime("reference"), named(tmp_path / "little.py")], POOL, record)
    assert found["forward"] == {"reference"}
    assert record.results["missing"][0]["reason"] == "the adapter has no max_pool"


def test_an_adapter_that_is_not_there_is_a_mistake_of_the_command_line():
    with pytest.raises(ValueError, match=r"no adapter typo; give one of cs231n, dezero, numpy_ml"):
        peers(["typo=somewhere"])


# --- what is timed -----------------------------------------------------------------------------


def test_the_limit_of_a_convolution_is_its_bare_gemms(monkeypatch):
    shapes = []
    monkeypatch.setattr(np, "matmul", lambda a, b, out: shapes.append((*a.shape, b.shape[1])))
    limit = load(runtime("limit").path, "")
    calls = limit.conv(CONV, **inputs(CONV, "float32"))
    calls["forward"]()
    assert shapes == [(4, 27, 40)]  # K, C*KH*KW, N*OH*OW
    calls["backward"]()
    assert shapes[1:] == [(4, 40, 27), (27, 4, 40)]


def test_the_limit_of_pooling_copies_half_of_what_is_touched(monkeypatch):
    copied = []
    monkeypatch.setattr(np, "copyto", lambda target, source: copied.append(source.nbytes))
    load(runtime("limit").path, "").max_pool(POOL, **inputs(POOL, "float32"))["forward"]()
    assert copied == [4 * (2 * 3 * 9 * 8 + 2 * 3 * 4 * 3) // 2]


def test_threads_and_allocator_are_those_of_the_contestant(monkeypatch):
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "1")
    raised = runtime("reference").environment()
    untouched = runtime("reference").but(allocator="untouched", threads=2).environment()
    assert ALLOCATORS["raised"].items() <= raised.items()
    assert raised["OPENBLAS_NUM_THREADS"] == "1"
    assert not {"MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_MAX_"} & untouched.keys()
    assert untouched["OMP_NUM_THREADS"] == "2"


@pytest.mark.parametrize("way", peaks.WAYS)
def test_a_temporary_array_counts_as_extra_memory(way):
    size = 1 << 26
    assert 0.9 * size < peaks.WAYS[way](lambda: np.ones(size, np.uint8).max()) < 1.2 * size


def test_a_task_survives_json():
    for task in PARTS:
        assert from_json(json.loads(json.dumps(to_json(task)))) == task


def test_the_floor_imports_libraries_and_nothing_of_ours(tmp_path):
    grading._floor(tmp_path)
    names = set((tmp_path / "test_floor.py").read_text("utf-8").split())
    assert {"numpy", "hypothesis"} <= names
    assert not {name for name in names if name.split(".")[0] in ("conformance", "reference")}


# --- ratios and goals --------------------------------------------------------------------------


def test_ratios_are_of_the_same_round():
    times = take_turns(
        {"a": iter([2.0, 40.0, 6.0]).__next__, "b": iter([1.0, 10.0, 2.0]).__next__},
        rounds=3,
        budgets={},
        failed=pytest.fail,
    )
    assert ratio(times, "a", "b") == {"median": 3.0, "low": 2.5, "high": 3.5, "bursts": 3}


def test_who_fails_in_a_later_round_keeps_what_was_measured():
    failures = []

    def breaks():
        if failures or len(times) > 1:
            raise Failed("broken")
        times.append(1.0)
        return 5.0

    times = []
    found = take_turns(
        {"a": lambda: 1.0, "b": breaks}, 3, {}, lambda name, failure: failures.append(name)
    )
    assert found["a"] == [1.0, 1.0, 1.0]
    assert found["b"][0] == 5.0


def test_who_has_used_up_the_budget_sits_out():
    calls = {"a": lambda: 1.0, "slow": lambda: time.sleep(0.2) or 3.0}
    times = take_turns(calls, 3, {"slow": 0.1}, pytest.fail)
    assert times == {"a": [1.0, 1.0, 1.0], "slow": [3.0, None, None]}
    assert ratio(times, "a", "slow") == summary([1 / 3])


def test_one_ratio_has_no_spread():
    assert summary([2.0]) == {"median": 2.0, "low": 2.0, "high": 2.0, "bursts": 1}


def test_every_goal_is_about_something_that_is_measured():
    cells = {f"{w.name} {part}" for w in WORKLOADS.values() for part in w.parts}
    for goal in goals():
        if goal.path[0] == "speed":
            assert goal.path[1].rsplit(" ", 1)[0] in cells


@pytest.mark.parametrize(
    ("median", "met"), [(0.94, False), (0.95, True), (1.05, True), (1.06, False)]
)
def test_a_goal_is_met_between_its_bounds(median, met):
    goal = Goal("x", "slope", ("growth", "x"), high=1.05, low=0.95)
    assert goal.met({"growth": {"x": summary([median])}}) is met
    assert goal.met({"growth": {}}) is None


# --- tables, plots, interruption ---------------------------------------------------------------


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
        ("", "its results.json is damaged: Expecting value"),
        ("{", "its results.json is damaged: Expecting property name"),
        ("[]", "its results.json has not all of batch, grading, growth"),
        ("{}", "its results.json has not all of batch, grading, growth"),
        (json.dumps(everything() | {"speed": 3}), "its results.json is not as a run writes it"),
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
