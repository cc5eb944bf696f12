"""The pages as a browser and a screen reader have them: axe-core and html-validate find nothing."""

import pytest

from cnn_conformance.batch import class_report
from cnn_conformance.oracle import specification
from cnn_conformance.reports import html
from tests import pages
from tests.planted import documents

CORE = [u for u in specification.units() if any(
    r.unit == u for r in specification.of_profile("core").values())]  # fmt: skip


def entry(name):
    units = {unit: {"points": 12.3, "max_points": 22.0, "verdict": "failed"} for unit in CORE}
    total = {"points": 12.3 * len(CORE), "max_points": 22.0 * len(CORE)}
    return {"name": name, **total, "units": units, "diagnoses": [], "lost": [], "passed": [],
            "wrong": [], "isolation": "bwrap", "problems": [], "seconds": 1.0}  # fmt: skip


@pytest.fixture(scope="module")
def of_a_class():
    return class_report.render([entry("smith_john_LATE_1234567_89012345_network")], {}, "a class")


@pytest.mark.parametrize("made", [documents.of_every_outcome, documents.hostile])
def test_a_report_breaks_no_rule(made):
    assert pages.problems(html.render(made())) == []


def test_the_page_of_a_class_breaks_no_rule(of_a_class):
    assert pages.problems(of_a_class) == []


@pytest.mark.parametrize(
    "page",
    [
        "<h1>a</h1><h3>b</h3>",
        '<span aria-label="a">b</span>',
        "<table><tr><td>a</td></tr></table>",
        '<form><input type="search"></form>',
        "<p>a",
    ],
)
def test_the_rules_can_be_broken(page):
    assert len(pages.problems(page)) == 1


@pytest.mark.skipif(pages.CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize("width", [400, 1200])
def test_the_page_of_a_class_shows_all_units_on_a_usual_screen(width, of_a_class, tmp_path):
    table = "document.querySelector('.whole')"
    fits = f"{table}.scrollWidth <= {table}.clientWidth"
    page = "document.documentElement.scrollWidth <= innerWidth"
    assert pages.measured(of_a_class, width, f"[{fits}, {page}]", tmp_path) == (
        "true,true" if width == 1200 else "false,true"
    )
