"""Every outcome, produced by a planted implementation and reported as what it is."""

import shutil
from dataclasses import replace

import pytest

from cnn_conformance.checks.registry import manifest
from cnn_conformance.implementation import account, client
from cnn_conformance.oracle.cases import Fixtures
from cnn_conformance.outcomes import Outcome
from tests.grade import FIXTURES, RIGHT, checks_of, grade, in_this_process
from tests.planted import EVERY_OUTCOME

Y = "test_conv2d.py::test_y[{}]"


@pytest.fixture(scope="module")
def sinful():
    """Return the planted implementation, graded as a whole."""
    return grade(EVERY_OUTCOME, call=1.0, memory=1 << 30)


@pytest.mark.parametrize(
    ("case", "outcome", "says"),
    [
        ("kernel-5", "timeout", "option='call-timeout'"),
        ("rows-left-over", "crashed", "ended by itself', status=0"),
        ("stride-3-larger-than-the-kernel", "crashed", "SIGKILL"),
        ("kernel-wide", "crashed", "SIGSEGV"),
        ("padding-2", "error", "MemoryError"),
        ("padding-pair", "error", "ZeroDivisionError"),
        ("stride-pair", "unsupported", "strides that differ"),
    ],
)
def test_a_sin_costs_its_own_case(sinful, case, outcome, says):
    result = sinful.results[Y.format(case)]
    assert result.outcome == outcome
    assert says in repr(result.finding)


def test_the_worker_is_restarted_and_the_other_cases_go_on(sinful):
    sins = {
        "kernel-5",
        "rows-left-over",
        "stride-3-larger-than-the-kernel",
        "kernel-wide",
        "padding-2",
        "combined-30",  # has the same kernel, stride and padding
        "padding-pair",
        "stride-pair",
    }
    for key, result in sinful.results.items():
        if result.unit == "Conv2D":
            assert (result.outcome == "passed") != (result.case in sins), key


def test_what_stands_on_a_sin_is_blocked_by_it(sinful):
    results = {
        key: r for key, r in sinful.results.items() if r.unit == "Conv2D" and r.case == "kernel-5"
    }
    others = {str(r.outcome) for key, r in results.items() if key != Y.format("kernel-5")}
    assert others == {"blocked"}


def test_a_wrong_answer_is_failed(sinful):
    result = sinful.results["test_maxpool2d.py::test_y[gaps]"]
    assert result.outcome == "failed"
    assert result.finding.place == (0, 0, 0, 0)
    assert result.finding.got == pytest.approx(result.finding.expected + 1)


@pytest.mark.parametrize(
    ("unit", "outcome"),
    [("Dense", "missing"), ("ReLU", "not-started"), ("SGD", "error")],
)
def test_a_unit_that_does_not_work_at_all_has_one_outcome(sinful, unit, outcome):
    keys = checks_of(unit, profile="core")
    assert {sinful.outcomes[key] for key in keys} <= {outcome, "blocked", "unsupported"}
    entry = next(u for u in sinful.document["units"] if u["unit"] == unit)
    assert entry["verdict"] == outcome
    assert entry["points"] == 0


def test_a_network_of_units_that_are_missing_is_missing(sinful):
    keys = checks_of("Network", profile="core")
    assert {sinful.outcomes[key] for key in keys} == {"missing"}


def test_units_without_a_sin_lose_nothing(sinful):
    right = {"Flatten", "SoftmaxCrossEntropy", "MSE", "Sequential", "fit", "evaluate", "predict"}
    for unit in sinful.document["units"]:
        assert (unit["points"] == unit["max_points"]) == (unit["unit"] in right), unit["unit"]


def test_what_was_printed_is_shown_with_its_failure_only(sinful):
    assert "falling asleep" in sinful.results[Y.format("kernel-5")].prints
    assert "about to raise" in sinful.results[Y.format("padding-pair")].prints
    talkative = [key for key, r in sinful.results.items() if r.prints and r.outcome == "passed"]
    assert talkative == []
    assert "about to raise" not in sinful.results["test_maxpool2d.py::test_y[gaps]"].prints


def test_a_timeout_after_timeout_is_not_waited_for_for_ever():
    class Conv2D(RIGHT["Conv2D"]):
        def forward(self, x):
            raise AssertionError("is not asked")

    implementation = in_this_process({"Conv2D": Conv2D})
    for _ in range(3):
        implementation.account.exhaust("Conv2D", account.NO_ANSWER)
    graded = grade(implementation, "Conv2D")
    assert set(graded.outcomes.values()) <= {Outcome.TIMEOUT, Outcome.BLOCKED}
    assert "not tried" in graded.results[Y.format("channels")].message


def test_the_time_for_the_whole_run_is_limited():
    implementation = in_this_process(RIGHT)
    implementation.account.spent = 1e9
    result = grade(implementation, [Y.format("channels")]).results[Y.format("channels")]
    assert result.outcome == "timeout"
    assert "--run-timeout" in result.message


# --- our own mistakes -------------------------------------------------------------------------


def test_fixtures_that_were_tampered_with_withhold_the_grade(tmp_path):
    folder = tmp_path / "fixtures"
    shutil.copytree(FIXTURES.folder, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    text = (folder / "relu.toml").read_text("utf-8")
    (folder / "relu.toml").write_text(text.replace("Negative", "Positive") + "\n", "utf-8")
    keys = ["test_relu.py::test_y[images]", "test_mse.py::test_loss[rows]"]
    graded = grade(RIGHT, keys, fixtures=Fixtures(folder))
    assert graded.results[keys[0]].outcome == "suite-error"
    assert "relu.toml is not the file that manifest.json names" in graded.results[keys[0]].message
    assert graded.results[keys[1]].outcome == "passed"
    result = graded.document
    assert result["withheld"]
    assert result["points"] is None
    assert {unit["points"] for unit in result["units"]} == {None}


def test_an_exception_inside_a_check_is_our_mistake(monkeypatch):
    def mistaken(implementation, case):
        raise KeyError("a mistake")

    key = Y.format("channels")
    monkeypatch.setitem(manifest(), key, replace(manifest()[key], function=mistaken))
    result = grade(RIGHT, [key]).results[key]
    assert result.outcome == "suite-error"
    assert "mistaken" in result.traceback


def test_much_output_is_cut_and_costs_nobody_else_anything():
    source = (
        "import reference\n"
        "class Dense(reference.Dense):\n"
        "    def forward(self, x):\n"
        "        print('chatter ' * 3_000_000, 'the end')\n"
        "        return super().forward(x) + (len(x) == 1)\n"
        "from reference import ReLU\n"
    )
    keys = [f"test_dense.py::test_y[{case}]" for case in ("bias", "one-sample", "wide", "square")]
    relu = "test_relu.py::test_y[images]"
    graded = grade(source, [*keys, relu])
    outcomes = [graded.outcomes[key] for key in keys]
    assert outcomes == ["passed", "failed", "passed", "passed"]
    prints = graded.results["test_dense.py::test_y[one-sample]"].prints
    assert len(prints) <= client.MAX_PRINTS
    assert prints.endswith("the end\n")
    assert graded.results[relu].outcome == "passed"
