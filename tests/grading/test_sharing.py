"""What several processes grade together is what one grades alone, whatever becomes of them."""

import os
import signal

import pytest

import reference
from cnn_conformance.checks.registry import manifest
from cnn_conformance.grading import sharing
from cnn_conformance.grading.session import Session
from cnn_conformance.implementation.limits import Limits
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.oracle import specification
from tests.grade import RIGHT

UNITS = ("MaxPool2D", "ReLU", "Sequential", "Network")
WRONG = """\
import reference
from reference import *

class ReLU(reference.ReLU):
    def backward(self, dout):
        return 2 * super().backward(dout)

class Conv2D(reference.Conv2D):
    def forward(self, x):
        raise ZeroDivisionError("no convolution")
"""


@pytest.fixture
def session(tmp_path):
    """Return a function that makes a session for an implementation, and end it."""
    file = tmp_path / "wrong.py"
    file.write_text(WRONG, "utf-8")
    made = []

    def make(isolation="process", objects=None):
        limits = Limits(call=5, load=30)
        names = specification.units()
        made.append(Implementation(str(file), names, isolation, limits, objects=objects))
        return Session(made[-1])

    yield make
    for implementation in made:
        implementation.end()


def keys():
    """Return the core checks of some units, in their order."""
    known = specification.requirements()
    of = {key: known[check.requirement] for key, check in manifest().items()}
    return [k for k, r in of.items() if r.unit in UNITS and r.profile == "core"]


def run(made, processes=2):
    """Run the checks; return by name what came of them."""
    return {result.key: result for result in sharing.run(made, keys(), processes)}


@pytest.fixture(autouse=True)
def starts_at_once(monkeypatch):
    """Let a further process be worth it for a few checks, too."""
    monkeypatch.setattr(sharing, "START", 10)


def told(results):
    """Return what a document is made of, in a fixed order; how long it took is no part of it."""
    return [(r.key, r.outcome, r.message, r.share, r.prints) for r in map(results.get, keys())]


def test_every_check_is_in_one_share_together_with_all_of_its_file():
    made = sharing.shares(keys(), 3)
    assert len(made) == 3
    assert sorted(key for share in made for key in share) == sorted(keys())
    stems = [{manifest()[key].stem for key in share} for share in made]
    assert not stems[0] & stems[1] | stems[0] & stems[2] | stems[1] & stems[2]


def test_no_process_is_started_that_would_save_no_time(monkeypatch):
    monkeypatch.setattr(sharing, "START", 10_000)
    assert sharing.shares(keys(), 3) == [keys()]


def test_two_processes_find_what_one_finds(session):
    alone, together = session(), session()
    by_one, by_two = run(alone, 1), run(together, 2)
    assert told(by_one) == told(by_two)
    assert together.results == by_two


def test_a_network_waits_for_the_units_that_explain_it(session):
    network = [r for r in run(session()).values() if r.unit == "Network"]
    assert {r.outcome for r in network} >= {"blocked"}
    assert any("ReLU" in r.message for r in network)


@pytest.mark.parametrize(
    "how", [lambda *_: os._exit(1), lambda *_: os.kill(os.getpid(), signal.SIGKILL)]
)
def test_what_a_process_that_ends_too_early_should_have_graded_is_graded(session, monkeypatch, how):
    monkeypatch.setattr(sharing, "_grade", how)
    assert told(run(session())) == told(run(session(), 1))


def test_what_a_process_has_used_up_counts(session):
    alone, together = session(), session()
    run(alone, 1)
    run(together)
    spent = [each.implementation.account.spent for each in (alone, together)]
    assert spent[1] > 0.5 * spent[0]


def test_units_at_hand_are_graded_where_they_are(session, monkeypatch):
    monkeypatch.setattr(sharing, "_Helper", None)
    relu = {"ReLU": reference.ReLU}
    results = run(session("none", objects=RIGHT | relu))
    assert {r.outcome for r in results.values() if r.unit == "ReLU"} == {"passed"}


def test_no_process_is_left_when_a_run_is_given_up(session):
    running = sharing.run(session(), keys(), 2)
    next(running)
    helper = running.gi_frame.f_locals["helpers"][0]._process
    assert helper.is_alive()
    running.close()
    assert not helper.is_alive()
