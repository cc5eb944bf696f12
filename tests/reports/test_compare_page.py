"""`compare --html`: what the page has of any number of results, and that its filters filter."""

import html
import json
import re

import pytest

from cnn_conformance.reports import compare
from tests import pages
from tests.planted import documents

WRONG = documents.comparison()
OUTCOMES = documents.of_every_outcome()


def results(folder, **made):
    """Write result documents; return their files."""
    files = []
    for name, document in made.items():
        files.append(folder / f"{name}.json")
        files[-1].write_text(json.dumps({**document, "implementation": f"code/{name}"}), "utf-8")
    return files


def right():
    """Return a document with the requirements of the other one, all of them met."""
    made = documents.of_every_outcome()
    for requirement in made["requirements"]:
        requirement |= {"verdict": "passed", "points": requirement["max_points"]}
        requirement["cases"] = [documents.case("a")]
    return made | {"withheld": False}


@pytest.fixture
def written(tmp_path, capsys):
    files = results(tmp_path, right=right(), some=OUTCOMES, hostile=documents.hostile())
    assert compare.main(["--html", str(tmp_path / "out"), *map(str, files)]) == 0
    assert capsys.readouterr().out == f"wrote {tmp_path / 'out' / 'compare.html'}\n"
    return tmp_path / "out"


def test_each_requirement_is_a_row_with_an_outcome_of_each_implementation(written):
    text = (written / "compare.html").read_text("utf-8")
    for requirement in OUTCOMES["requirements"]:
        row = text.partition(f"<b>{requirement['id']}</b>")[2].partition("</tr>")[0]
        outcomes = re.findall(r'aria-label="([\w -]+)"', row)
        assert outcomes[:2] == ["passed", requirement["verdict"]]
    assert "not asked" in text, "the last document has other requirements"


def test_what_each_lacks_is_listed_by_unit(written):
    text = (written / "compare.html").read_text("utf-8")
    first, second = re.findall(r'<details class="lacks">(.*?)</details>', text, re.DOTALL)[:2]
    assert "<b>right</b> no requirements" in first
    lost = [r for r in OUTCOMES["requirements"] if r["verdict"] not in ("passed", "not-selected")]
    assert f"<b>some</b> {len(lost)} requirements" in second
    nothing = re.findall(r"Nothing of: (.*?)</p>", second)
    assert all(r["id"] in second or r["unit"] in nothing[0].split(", ") for r in lost)


def test_it_links_to_the_report_of_each_and_loads_nothing(written):
    text = (written / "compare.html").read_text("utf-8")
    links = re.findall(r'href="([^#"]+)"', text)
    assert links == ["reports/1.html", "reports/2.html", "reports/3.html"]
    assert "some" in (written / "reports" / "2.html").read_text("utf-8")
    assert not re.search(r"src=|@import|url\(|https?:", text)
    assert "default-src 'none'" in html.unescape(text)


def test_the_page_breaks_no_rule_and_has_no_markup_of_others(written):
    text = (written / "compare.html").read_text("utf-8")
    assert pages.problems(text) == []
    assert text.count("<script") == 1
    assert "alert(1)</script>" not in text


def test_one_result_is_enough_for_a_page_but_not_for_the_terminal(tmp_path, capsys):
    (file,) = results(tmp_path, alone=OUTCOMES)
    assert compare.main(["--html", str(tmp_path / "out"), str(file)]) == 0
    assert "1 implementation, side" in (tmp_path / "out" / "compare.html").read_text("utf-8")
    with pytest.raises(SystemExit):
        compare.main([str(file)])
    assert "expected two results or more, got one" in capsys.readouterr().err


def test_a_page_that_cannot_be_written_gets_one_line(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    files = results(tmp_path, a=OUTCOMES, b=OUTCOMES)
    assert compare.main(["--html", str(tmp_path / "file"), *map(str, files)]) == 2
    assert capsys.readouterr().err.startswith("--html: ")


SHOWN = "document.querySelectorAll('tr.row:not([hidden])').length"
GROUPS = "document.querySelectorAll('tbody[data-unit]:not([hidden])').length"


def chosen(field, value):
    """Return an expression that sets a filter and gives the number of rows that are left."""
    target = f"document.getElementById('{field}')"
    change = f"{target}.{'checked' if value == 'true' else 'value'} = {value}"
    return f"({change}, {target}.dispatchEvent(new Event('change')), {SHOWN})"


@pytest.mark.skipif(pages.CHROMIUM is None, reason="needs Chromium")
def test_the_filters_leave_what_they_say(tmp_path):
    files = results(tmp_path, right=right(), some=OUTCOMES)
    assert compare.main(["--html", str(tmp_path / "out"), *map(str, files)]) == 0
    text = (tmp_path / "out" / "compare.html").read_text("utf-8")
    rows = OUTCOMES["requirements"]
    unit, aspect = rows[0]["unit"], rows[0]["aspect"]
    lost = [r for r in rows if r["verdict"] not in ("passed", "not-selected")]
    expected = {
        SHOWN: len(rows),
        chosen("unit", f"'{unit}'"): sum(r["unit"] == unit for r in rows),
        chosen("aspect", f"'{aspect}'"): sum(r["aspect"] == aspect for r in rows),
        chosen("lacking", "'1'"): len(lost),
        chosen("lacking", "'0'"): 0,
        chosen("differ", "true"): sum(r["verdict"] != "passed" for r in rows),
    }
    for expression, count in expected.items():
        assert pages.measured(text, 1400, expression, tmp_path) == str(count), expression
    left = chosen("lacking", "'0'").replace(SHOWN, GROUPS)
    assert pages.measured(text, 1400, left, tmp_path) == "0"


@pytest.mark.skipif(pages.CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize("width", [500, 1400])
def test_only_the_table_scrolls_sideways(width, written, tmp_path):
    text = (written / "compare.html").read_text("utf-8")
    fits = "document.documentElement.scrollWidth <= innerWidth"
    assert pages.measured(text, width, fits, tmp_path) == "true"
