"""The formats of others: the fields that they document, and texts that none of them lets out."""

import json
import re
import xml.etree.ElementTree as ET

import jsonschema
import pytest

from cnn_conformance.reports import classroom50, ctrf, gradescope, html, junit, markdown
from tests.grade import printed
from tests.planted import documents

TEXT, NUMBER, COUNT = {"type": "string"}, {"type": "number"}, {"type": "integer", "minimum": 0}
FORMATS = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
VISIBLE = {"enum": ["visible", "hidden", "after_due_date", "after_published"]}
STATUSES = ["passed", "failed", "skipped", "pending", "other"]
SUBMISSION = {
    "CLASSROOM": "cs",
    "ASSIGNMENT": "cnn",
    "USERNAME": "student",
    "SUBMISSION_TAG": "submit/2026-01-02T03-04-05Z-abc",
    "COMMIT_URL": "https://example.org/c",
    "RELEASE_URL": "https://example.org/r",
}


def closed(required, **properties):
    """Return the schema of an object that has these fields and no others."""
    return {
        "type": "object",
        "required": required.split(),
        "additionalProperties": False,
        "properties": properties,
    }


def array(items):
    return {"type": "array", "items": items}


GRADESCOPE = closed(
    "output",
    score=NUMBER,
    execution_time=NUMBER,
    output=TEXT,
    output_format=FORMATS,
    test_output_format=FORMATS,
    test_name_format=FORMATS,
    visibility=VISIBLE,
    stdout_visibility=VISIBLE,
    extra_data={"type": "object"},
    tests=array(
        closed(
            "score max_score name",
            score=NUMBER,
            max_score=NUMBER,
            status={"enum": ["passed", "failed"]},
            name=TEXT,
            name_format=FORMATS,
            number=TEXT,
            output=TEXT,
            output_format=FORMATS,
            tags=array(TEXT),
            visibility=VISIBLE,
            extra_data={"type": "object"},
        )
    ),
    leaderboard=array(closed("name value", name=TEXT, value={}, order={"enum": ["asc", "desc"]})),
)
CTRF = closed(
    "results reportFormat specVersion",
    reportFormat={"const": "CTRF"},
    specVersion={"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
    timestamp={"type": "string", "format": "date-time"},
    generatedBy=TEXT,
    results=closed(
        "tool summary tests",
        tool=closed("name", name={"type": "string", "minLength": 1}, version=TEXT),
        summary=closed(
            "tests passed failed skipped pending other start stop",
            **dict.fromkeys(["tests", *STATUSES, "start", "stop"], COUNT),
            extra={"type": "object"},
        ),
        tests=array(
            closed(
                "name status duration",
                name={"type": "string", "minLength": 1},
                status={"enum": STATUSES},
                rawStatus=TEXT,
                duration=COUNT,
                suite={**array(TEXT), "minItems": 1},
                filePath=TEXT,
                message=TEXT,
                trace=TEXT,
                stdout=array(TEXT),
                extra={"type": "object"},
            )
        ),
        environment=closed("", appName=TEXT, extra={"type": "object"}),
    ),
)
STAMP = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$"}
FILLED = {"type": "string", "minLength": 1}
CLASSROOM50 = closed(
    "schema classroom assignment assignment_type owner submission commit release review datetime "
    "score max-score tests",
    schema={"const": "classroom50/result/v1"},
    assignment_type={"enum": ["individual", "group"]},
    submission={"type": "string", "pattern": "^submit/"},
    **dict.fromkeys(["classroom", "assignment", "owner", "commit", "release", "review"], FILLED),
    **dict.fromkeys(["datetime", "graded_at"], STAMP),
    **{"score": COUNT, "max-score": COUNT},
    tests=array(
        closed(
            "test-name passed score max-score",
            **{"test-name": FILLED, "passed": {"type": "boolean"}, "message": TEXT},
            **{"score": COUNT, "max-score": COUNT},
        )
    ),
)


def test_every_format_tells_that_imports_were_not_enforced():
    document = documents.of_every_outcome() | {"not_enforced": ["framework"]}
    formats = (ctrf, gradescope, html, junit, markdown)
    pages = {each.__name__: each.render(document) for each in formats}
    pages["terminal"] = printed(document)
    assert {name for name, page in pages.items() if "framework" not in page} == set()
    del document["not_enforced"]  # as in a document of an earlier version
    assert all("not enforced" not in each.render(document) for each in formats)


DOCUMENTS = [documents.of_every_outcome, documents.withheld, documents.hostile]
TEXTS = [gradescope.render, junit.render, markdown.render, markdown.error_lines, ctrf.render]


@pytest.mark.parametrize("render", TEXTS)
@pytest.mark.parametrize("make", DOCUMENTS)
def test_no_format_lets_control_characters_out(render, make):
    text = render(make())
    assert all(c.isprintable() or c == "\n" for c in text)
    assert text.encode()


@pytest.mark.parametrize("render", TEXTS)
@pytest.mark.parametrize("make", DOCUMENTS)
def test_rendering_leaves_the_document_as_it_is_and_says_the_same_again(render, make):
    document = make()
    assert render(document) == render(document)
    assert document == make()


@pytest.mark.parametrize("make", DOCUMENTS)
def test_gradescope_has_its_documented_fields(make):
    result = json.loads(gradescope.render(make(), {"CONV2D-2": "hidden"}, leaderboard=True))
    jsonschema.validate(result, GRADESCOPE)


def test_gradescope_gets_the_points_and_whoever_fails_reads_why():
    document = documents.of_every_outcome()
    result = json.loads(gradescope.render(document))
    assert result["score"] == document["points"] == sum(t["score"] for t in result["tests"])
    assert sum(t["max_score"] for t in result["tests"]) == document["max_points"]
    failed = next(t for t in result["tests"] if t["name"].startswith("CONV2D-20"))
    assert failed["status"] == "failed"
    assert failed["tags"] == ["Conv2D", "forward", "failed"]
    assert "y[1, 1, 1] is nan" in failed["output"]
    assert "Looks like: The kernel is rotated" in failed["output"]
    assert [t["number"] for t in result["tests"]][:2] == ["1.1", "1.2"]
    assert {t["status"] for t in result["tests"][1:]} == {"failed"}


def test_gradescope_has_no_score_where_the_grade_is_withheld():
    result = json.loads(gradescope.render(documents.withheld(), leaderboard=True))
    assert "withheld" in result["output"]
    assert not {"score", "tests", "leaderboard"} & set(result)


def test_gradescope_shows_what_the_grader_lets_it_show():
    rules = {"*": "after_due_date", "MaxPool2D": "hidden", "MAXPOOL2D-2": "visible"}
    result = json.loads(gradescope.render(documents.of_every_outcome(), rules))
    shown = {t["name"].partition(" ")[0]: t["visibility"] for t in result["tests"]}
    assert result["visibility"] == shown["CONV2D-1"] == "after_due_date"
    assert (shown["MAXPOOL2D-1"], shown["MAXPOOL2D-2"]) == ("hidden", "visible")


@pytest.mark.parametrize("make", DOCUMENTS)
def test_junit_has_the_fields_that_its_readers_know_and_counts_that_fit(make):
    root = ET.fromstring(junit.render(make()))
    assert root.tag == "testsuites"
    for suite in root:
        assert suite.tag == "testsuite"
        assert {"name", "tests", "failures", "errors", "skipped", "time"} <= set(suite.attrib)
        assert suite[0].tag == "properties"
        cases = suite.findall("testcase")
        kinds = [child.tag for case in cases for child in case]
        assert set(kinds) <= {"failure", "error", "skipped", "system-out"}
        assert int(suite.get("tests")) == len(cases)
        counted = {"failures": "failure", "errors": "error", "skipped": "skipped"}
        for name, tag in counted.items():
            assert int(suite.get(name)) == kinds.count(tag)
        for case in cases:
            assert {"name", "classname", "time"} == set(case.attrib)
    total = sum(int(suite.get("tests")) for suite in root)
    assert int(root.get("tests")) == total


def test_junit_passes_nothing_that_did_not_pass():
    root = ET.fromstring(junit.render(documents.of_every_outcome()))
    passed = [case.get("name") for case in root.iter("testcase") if len(case) == 0]
    assert passed == ["CONV2D-1 test_y[passed]", "CONV2D-20 test_y[b]"]
    skipped = [
        case.get("name") for case in root.iter("testcase") if case.find("skipped") is not None
    ]
    assert skipped == ["MAXPOOL2D-5 test_y[not-selected]"]


def test_junit_keeps_hostile_texts_as_texts():
    root = ET.fromstring(junit.render(documents.hostile()))
    assert any(documents.SCRIPT in (failure.text or "") for failure in root.iter("failure"))


def test_junit_has_no_points_where_the_grade_is_withheld():
    root = ET.fromstring(junit.render(documents.withheld()))
    names = {p.get("name") for p in root.iter("property")}
    assert not {"points", "max_points"} & names
    assert root.find(".//error").get("type") == "suite-error"


@pytest.mark.parametrize("make", DOCUMENTS)
def test_ctrf_has_its_documented_fields_and_counts_that_fit(make):
    document = make()
    report = json.loads(ctrf.render(document))
    jsonschema.validate(report, CTRF)
    results = report["results"]
    statuses = [test["status"] for test in results["tests"]]
    assert results["summary"]["tests"] == len(statuses)
    assert {s: results["summary"][s] for s in STATUSES} == {s: statuses.count(s) for s in STATUSES}


def test_ctrf_says_what_came_of_every_check():
    tests = json.loads(ctrf.render(documents.of_every_outcome()))["results"]["tests"]
    status = {test["rawStatus"]: test["status"] for test in tests}
    assert status == {
        **dict.fromkeys(["failed", "error", "timeout", "crashed"], "failed"),
        **dict.fromkeys(["missing", "unsupported", "blocked"], "other"),
        "passed": "passed",
        "not-started": "pending",
        "not-selected": "skipped",
    }


def test_ctrf_has_no_points_where_the_grade_is_withheld():
    extra = json.loads(ctrf.render(documents.withheld()))["results"]["summary"]["extra"]
    assert extra["withheld"] is True
    assert not {"points", "max_points"} & set(extra)


def test_classroom50_has_its_documented_fields():
    result = json.loads(classroom50.render(documents.of_every_outcome(), SUBMISSION))
    jsonschema.validate(result, CLASSROOM50)
    assert (result["score"], result["max-score"]) == (200, 2200)
    for test in result["tests"]:
        assert test["score"] <= test["max-score"]
        assert test["passed"] == (test["score"] == test["max-score"])


def test_classroom50_takes_no_score_from_a_grade_that_is_withheld():
    with pytest.raises(classroom50.NoResult, match="withheld"):
        classroom50.render(documents.withheld(), SUBMISSION)


def test_classroom50_names_what_the_environment_lacks():
    with pytest.raises(classroom50.NoResult, match="needs ASSIGNMENT, USERNAME"):
        classroom50.render(documents.of_every_outcome(), {"CLASSROOM": "cs"})


def test_markdown_shows_the_table_and_what_failed():
    text = markdown.render(documents.of_every_outcome())
    assert text.startswith("## `my_cnn.py`: 2.0 / 22.0 points (9.0 %)\n")
    assert "| Conv2D | **1/6** |" in text
    assert "### CONV2D-20 failed" in text
    assert "### MAXPOOL2D-1" not in text


@pytest.mark.parametrize("render", [markdown.render, gradescope.render, html.render])
def test_a_failure_comes_with_the_commands_that_show_it_unless_the_numbers_are_withheld(render):
    failed = documents.requirement(1, documents.case("two-channels", "failed"))
    text = render(documents.document(failed))
    assert "cnn-conformance grade my_cnn.py -k" in text
    assert "test_y[two-channels]" in text
    text = render(documents.document(failed, profile="extended"))
    assert "cnn-conformance grade my_cnn.py --profile=extended -k" in text
    text = render(documents.document(failed, reveal="diagnosis"))
    assert "--impl" not in text
    assert "cnn-conformance grade" not in text


def test_markdown_has_no_points_where_the_grade_is_withheld():
    text = markdown.render(documents.withheld())
    assert "grade withheld" in text
    assert "| -- / 4.0 |" in text
    assert not re.search(r"\d\.\d+ points", text)


def outside_of_fences(text):
    """Return the lines of a Markdown text that no fence holds."""
    fence, lines = "", []
    for line in text.splitlines():
        ticks = re.match("`{3,}", line)
        if not fence and ticks:
            fence = ticks[0]
        elif fence:
            fence = "" if line.strip() == fence or re.fullmatch(f"{fence}`*", line) else fence
        else:
            lines.append(line)
    assert not fence
    return lines


def test_hostile_texts_stay_in_their_fences_and_lines():
    lines = outside_of_fences(markdown.render(documents.hostile()))
    for line in lines:
        unquoted = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", line)
        assert "<script" not in unquoted
        assert "<img" not in unquoted
        assert not line.startswith(("# heading", "| a | b |"))


def test_no_line_of_markdown_commands_a_runner():
    for line in markdown.render(documents.hostile()).splitlines():
        assert not line.lstrip().startswith(("::", "##["))


def test_a_summary_stays_below_what_github_takes():
    cases = [documents.case("long", "failed", message="m" * 100_000) for _ in range(3)]
    many = [documents.requirement(k, *cases) for k in range(1, 300)]
    text = markdown.render(documents.document(*many))
    assert len(text.encode()) < 2**20
    assert "more requirements are not met" in text


def test_annotations_are_at_most_ten_lines_and_escaped():
    many = [documents.requirement(k, documents.case("a", "failed")) for k in range(1, 30)]
    lines = markdown.error_lines(
        documents.document(*many, problems=["50 %\nof: a, b"])
    ).splitlines()
    assert len(lines) == 10
    assert lines[0] == "::error title=Problem::50 %25%0Aof: a, b"
    assert lines[1].startswith("::error title=CONV2D-1 failed::")
    for line in markdown.error_lines(documents.hostile()).splitlines():
        assert re.match(r"::error title=[^:,\n]+::", line)


@pytest.mark.parametrize("render", [*TEXTS, html.render])
def test_where_only_the_verdict_is_shown_no_requirement_is(render):
    text = render(documents.of_every_outcome() | {"reveal": "verdict"})
    assert not re.search(r"CONV2D-\d|MAXPOOL2D-\d|What .?forward", text)


@pytest.mark.parametrize("render", [markdown.render, gradescope.render, html.render])
def test_where_only_the_requirement_is_shown_its_cases_say_nothing(render):
    nothing = {"why": "", "message": "", "details": {}}
    failed = documents.requirement(1, documents.case("a", "failed", **nothing))
    text = render(documents.document(failed, reveal="requirement"))
    assert "CONV2D-1" in text
    assert "Run just this" not in text


def test_an_annotation_says_that_the_grade_is_withheld():
    text = markdown.error_lines(documents.withheld())
    assert text.startswith("::error title=Grade withheld::")
