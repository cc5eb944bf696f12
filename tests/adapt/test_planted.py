"""Mistakes in foreign styles are graded through a draft as through an adapter written by hand."""

from functools import cache

import pytest

from tests.adapt.drafting import FOREIGN, PLANTED, by_hand, checks, drafted, outcomes

CASES = [
    pytest.param(style, mistake, id=f"{style}: {mistake['name'] if mistake else 'right'}")
    for style, table in PLANTED.items()
    for mistake in (None, *table["mistake"])
]


@cache
def right(style):
    """Return what the right code of a style gets through the adapter that was written by hand."""
    return outcomes(by_hand(style, FOREIGN), checks(style))


@pytest.mark.parametrize(("style", "mistake"), CASES)
def test_a_draft_changes_no_outcome(style, mistake, tmp_path):
    code = tmp_path / f"code_{tmp_path.name}"  # each is a module of its own
    code.mkdir()
    source = (FOREIGN / f"{style}.py").read_text("utf-8")
    if mistake:
        assert source.count(mistake["was"]) == 1
        source = source.replace(mistake["was"], mistake["is"])
    (code / f"{style}.py").write_text(source, "utf-8")
    keys = checks(style, mistake)
    expected = outcomes(by_hand(style, code), keys) if mistake else right(style)
    found = drafted(code)
    assert set(PLANTED[style]["units"]) <= set(found)
    assert outcomes(found, keys) == expected
    if mistake:
        assert any(right(style)[key] != expected[key] for key in keys), "no check notices it"
