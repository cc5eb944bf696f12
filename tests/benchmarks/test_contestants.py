"""Who is believed, what is timed, and what a failure costs."""

import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import numpy as np
import pytest

from benchmarks import grading, peaks
from benchmarks.contestants import ALLOCATORS, load, named, peers, runtime
from benchmarks.group import Group
from benchmarks.inputs import inputs
from benchmarks.plan import QUICK
from benchmarks.process import Process, TooSlow
from benchmarks.record import Record
from benchmarks.workloads import Conv, MaxPool, Training, Unit, from_json, to_json

CONV = Conv((2, 3, 9, 8), filters=4, kernel=3, stride=2, padding=1)
POOL = MaxPool((2, 3, 9, 8), 3, stride=2)
TRAINING = Training((6, 1, 8, 8), convs=(3, 4), dense=(5,), classes=3)
UNITS = {
    Unit("LSTM", (2, 4, 3), (3, 5)): ("forward", "backward", "both"),
    Unit("MultiHeadAttention", (2, 4, 6), (6, 2)): ("forward", "backward", "both"),
    Unit("BatchNorm2D", (3, 2, 4, 5), (2,)): ("forward", "backward", "both"),
    Unit("LayerNorm", (3, 2, 4), (4,)): ("forward", "backward", "both"),
}
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
        return {part: set(group.measure(part, part, rounds=2)) for part in (PARTS | UNITS)[task]}


def adapter(folder, body):
    """Write an adapter that is the reference's but for what `body` defines anew."""
    path = folder / "planted.py"
    source = runtime("reference").path.read_text(encoding="utf-8")
    path.write_text(f"{source}\n\n{body}\n", encoding="utf-8")
    return named(path)


# --- who is believed ---------------------------------------------------------------------------


@pytest.mark.torch
@pytest.mark.parametrize(
    "task", PARTS | UNITS, ids=lambda task: getattr(task, "name", type(task).__name__)
)
def test_torch_computes_what_the_reference_computes(task, record):
    found = measure([runtime("reference"), runtime("torch"), runtime("limit")], task, record)
    measured = {"reference", "torch", "limit"}
    assert found == dict.fromkeys((PARTS | UNITS)[task], measured)
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


def test_the_limit_of_an_lstm_is_its_gemms(monkeypatch):
    flops = []
    monkeypatch.setattr(np, "matmul", lambda a, b, out: flops.append(a.size * b.shape[1]))
    N, T, D, H = 2, 4, 3, 5
    task = Unit("LSTM", (N, T, D), (D, H))
    calls = load(runtime("limit").path, "").unit(task, **inputs(task, "float32"))
    calls["forward"]()
    assert sum(flops) == N * T * 4 * H * (D + H)
    flops.clear()
    calls["backward"]()
    assert sum(flops) == 2 * N * T * 4 * H * (D + H)  # of what goes in, and of the weights


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


def extra_memory(way, size):
    """Return how much more memory an array of ``size`` bytes needs."""
    return peaks.WAYS[way](lambda: np.ones(size, np.uint8).max())


@pytest.mark.parametrize("way", peaks.WAYS)
def test_a_temporary_array_counts_as_extra_memory(way):
    size = 1 << 26
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        # Earlier tests may have left free memory here, which the array would be put in.
        extra = fresh.submit(extra_memory, way, size).result()
    assert 0.9 * size < extra < 1.2 * size


def test_a_task_survives_json():
    for task in PARTS | UNITS:
        assert from_json(json.loads(json.dumps(to_json(task)))) == task


def test_the_floor_imports_libraries_and_nothing_of_ours(tmp_path):
    grading._floor(tmp_path)
    names = set((tmp_path / "test_floor.py").read_text("utf-8").split())
    assert {"numpy", "pytest"} <= names
    assert not {name for name in names if name.split(".")[0] in ("conformance", "reference")}
