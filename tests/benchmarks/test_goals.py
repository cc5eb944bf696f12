"""Ratios of what was timed, and the goals that they are held against."""

import time

import pytest

from benchmarks.goals import Goal, goals
from benchmarks.process import Failed
from benchmarks.turns import ratio, summary, take_turns
from benchmarks.workloads import WORKLOADS


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
