"""Points add up, wherever they are shown and in every format, whatever a rubric makes of them."""

import json
import random
import re
from decimal import Decimal

import pytest

from cnn_conformance.reports import classroom50, gradescope, html, markdown, phrases, prairielearn
from cnn_conformance.reports.shares import added_up
from tests.grade import printed
from tests.planted import documents

ENVIRONMENT = dict.fromkeys(classroom50.VARIABLES.values(), "x")


@pytest.fixture(scope="module", params=range(6))
def document(request):
    """Return a document whose points are thirds, sevenths and thirteenths."""
    made = documents.of_every_outcome()
    made |= {"withheld": False, "partial": False}
    draw = random.Random(request.param)
    for requirement in made["requirements"]:
        requirement["max_points"] = draw.choice([1 / 3, 5 / 7, 2 / 13, 1.0, 100 / 7])
        shares = 1.0 if requirement["verdict"] == "passed" else draw.choice([0.0, 0.5, 0.999])
        requirement["points"] = requirement["max_points"] * shares
    for unit in [*made["units"], made]:
        mine = [r for r in made["requirements"] if unit is made or r["unit"] == unit["unit"]]
        unit["points"] = round(sum(r["points"] for r in mine), 6)
        unit["max_points"] = round(sum(r["max_points"] for r in mine), 6)
    return made


def exactly(values):
    return sum(Decimal(str(value)) for value in values)


def test_the_tests_of_every_format_add_up_exactly(document):
    for by in ("requirement", "unit"):
        written = json.loads(gradescope.render(document, by=by))
        assert exactly(t["max_score"] for t in written["tests"]) == exactly(
            [document["max_points"]]
        )
        assert exactly(t["score"] for t in written["tests"]) == exactly([written["score"]])
    written = json.loads(prairielearn.render(document))
    assert exactly(t["max_points"] for t in written["tests"]) == exactly([document["max_points"]])
    assert exactly(t["points"] for t in written["tests"]) == exactly([document["points"]])
    written = json.loads(classroom50.render(document, ENVIRONMENT))
    assert written["max-score"] == round(100 * document["max_points"])


PAIR = r"(\d+\.\d+) / (\d+\.\d+)"


def test_the_units_add_up_to_the_total_as_they_are_shown(document):
    clean = phrases.prepared(document)
    total = [Decimal(number) for number in re.findall(r"[\d.]+", phrases.points(clean))]
    texts = {
        "terminal": printed(document).rpartition("\nunit ")[2].rpartition("\ntotal ")[0],
        "markdown": "\n".join(
            line for line in markdown.render(document).splitlines() if line.startswith("| ")
        ),
        "html": "".join(re.findall(r"points</span> [^<]*", html.render(document))),
    }
    for text in texts.values():
        pairs = re.findall(PAIR, text)
        assert len(pairs) == len(document["units"])
        assert [sum(map(Decimal, each)) for each in zip(*pairs, strict=True)] == total


def test_the_percentage_is_that_of_the_points_that_are_shown():
    assert phrases.percent({"points": 5.676, "max_points": 6.0}) == "93.3 %"
    assert phrases.points({"points": 5.676, "max_points": 6.0}) == "5.6 / 6.0"


def test_only_what_has_all_of_its_points_looks_so():
    parts = [{"points": 9.99, "max_points": 10.0}, {"points": 4.95, "max_points": 5.0}]
    parts.append({"points": 1.06, "max_points": 2.0})
    whole = {"points": 16.0, "max_points": 17.0}
    assert added_up(parts, whole, 1) == [(9.9, 10.0), (4.9, 5.0), (1.1, 2.0)]
