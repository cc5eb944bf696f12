"""The examples of laws: tried in their order until one fails."""

from types import SimpleNamespace

import pytest

from cnn_conformance.checks.draws import DRAWS, law
from cnn_conformance.findings import Finding
from cnn_conformance.outcomes import NotPassed, Outcome, failed


def tried(check):
    """Try a law, and return the examples that were seen."""
    seen = []

    def kept(implementation, case, draw):
        seen.append(draw)
        check(draw)

    law(kept)(SimpleNamespace(begin=lambda unit: None), SimpleNamespace(unit="ReLU"))
    return seen


def test_a_law_that_holds_is_tried_on_every_example():
    assert tried(lambda draw: None) == list(DRAWS)


def test_examples_grow():
    sizes = [draw.N * draw.C * draw.K * draw.H * draw.W * draw.k for draw in DRAWS]
    assert sizes == sorted(sizes)


@pytest.mark.parametrize("name", ["N", "C", "K", "H", "W", "k"])
def test_every_size_is_one_in_some_examples_or_the_least_and_larger_in_others(name):
    assert len({getattr(draw, name) for draw in DRAWS}) >= 3


def test_the_first_failure_is_the_one_that_is_shown():
    def wrong(draw):
        if draw.C > 1:
            raise failed("not repeatable")

    with pytest.raises(NotPassed) as caught:
        tried(wrong)
    assert caught.value.finding.facts["draw"] == next(draw for draw in DRAWS if draw.C > 1)


def test_what_fails_once_only_is_not_repeatable():
    answers = iter([failed("shape", tensor="y", got=(1,), expected=(2,))])

    def once(draw):
        for failure in answers:
            raise failure

    with pytest.raises(NotPassed) as caught:
        tried(once)
    assert caught.value.finding.kind == "not repeatable"


@pytest.mark.parametrize("size", [2, 5])
def test_what_is_not_offered_is_passed_over_if_something_is_left(size):
    def check(draw):
        if size >= draw.W:
            raise NotPassed(Outcome.UNSUPPORTED, Finding("not offered", name="W"))

    if any(size < draw.W for draw in DRAWS):
        assert {size >= draw.W for draw in tried(check)} == {True, False}
        return
    with pytest.raises(NotPassed) as caught:
        tried(check)
    assert caught.value.outcome is Outcome.UNSUPPORTED


def test_refusing_more_than_one_sample_excuses_nothing():
    def check(draw):
        if draw.N > 1:
            raise NotPassed(Outcome.UNSUPPORTED, Finding("not offered", name="N"))

    with pytest.raises(NotPassed) as caught:
        tried(check)
    assert caught.value.outcome is not Outcome.UNSUPPORTED
