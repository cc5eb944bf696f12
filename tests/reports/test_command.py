"""The commands report and compare, --report, and every way in which a file is no result."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cnn_conformance.__main__ import main
from cnn_conformance.reports import command, html, load
from cnn_conformance.texts import without_surrogates
from tests import ROOT
from tests.planted import documents


@pytest.fixture
def saved(tmp_path):
    """Return what writes a document and returns its path."""

    def save(document, name="result.json"):
        path = tmp_path / name
        path.write_text(json.dumps(document), "utf-8")
        return str(path)

    return save


def refused(argv, capsys):
    """Return the one line with which a command ends that cannot do what it is asked."""
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


# --- files that are no result -------------------------------------------------------------------


def without(field):
    document = documents.of_every_outcome()
    del document[field]
    return document


def changed(change):
    document = documents.of_every_outcome()
    change(document)
    return document


BAD = {
    "a list": ([], "is not a result document"),
    "another format": ({"format": "else"}, "is not a result document"),
    "another version": (changed(lambda d: d.update(version=2)), "has version 2 of the format"),
    "no version": (without("version"), "has version null of the format"),
    "true for a version": (changed(lambda d: d.update(version=True)), "has version true"),
    "not complete": (changed(lambda d: d.update(complete=False, partial=False)), "is not complete"),
    "one for complete": (changed(lambda d: d.update(complete=1)), "is not complete"),
    "without complete": (without("complete"), "is not complete"),
    "without units": (without("units"), "the document has no units"),
    "without points": (without("points"), "the document has no points"),
    "points of text": (changed(lambda d: d.update(points="9")), 'points is "9"'),
    "negative points": (changed(lambda d: d.update(points=-1)), "points is -1"),
    "a time of nonsense": (changed(lambda d: d.update(graded_at="noon")), 'graded_at is "noon"'),
    "another outcome": (
        changed(lambda d: d["requirements"][0].update(verdict="excellent")),
        'requirements[0].verdict is "excellent", expected one of passed, failed',
    ),
    "a case without message": (
        changed(lambda d: d["requirements"][1]["cases"][0].pop("message")),
        "requirements[1].cases[0] has no message",
    ),
    "a case of another kind": (
        changed(lambda d: d["requirements"][1].update(cases=[3])),
        "requirements[1].cases[0] is 3, expected object",
    ),
    "no cases": (changed(lambda d: d["requirements"][1].update(cases=[])), "cases is empty"),
    "a verdict of no case": (
        changed(lambda d: d["requirements"][0].update(verdict="failed")),
        "contradicts itself: no case of CONV2D-1 has its verdict",
    ),
    "a check of nonsense": (
        changed(lambda d: d["requirements"][0]["cases"][0].update(check="rm -rf")),
        "which is not of the form",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_document_that_is_none_is_refused_in_one_line(kind, saved, capsys):
    document, words = BAD[kind]
    assert words in refused(["report", saved(document)], capsys)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not JSON, or was cut off"),
        (b"{", "is not JSON, or was cut off"),
        (b'{"format": NaN}', "NaN is no JSON number"),
        (b"[" * 200_000, "is nested too deeply"),
        (b'{"version": ' + b"9" * 10_000 + b"}", "is not JSON"),
        (b"\xff\xfe\x00", "is not UTF-8"),
        (b"\x89PNG\r\n", "is not UTF-8"),
    ],
)
def test_a_file_that_is_no_json_is_refused_in_one_line(content, words, tmp_path, capsys):
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    assert words in refused(["report", str(path), "--format", "html"], capsys)


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_a_file_that_was_cut_off_is_refused(share, tmp_path, capsys):
    text = json.dumps(documents.of_every_outcome())
    path = tmp_path / "cut.json"
    path.write_text(text[: int(share * len(text))], "utf-8")
    assert "was cut off" in refused(["compare", str(path), str(path)], capsys)


@pytest.mark.parametrize("name", ["absent.json", "."])
def test_a_file_that_cannot_be_read_is_refused(name, tmp_path, capsys):
    assert "cannot be read" in refused(["report", str(tmp_path / name)], capsys)


def test_a_refusal_does_not_steer_the_terminal(saved, capsys):
    bad = saved({"format": "\x1b[31m"}, "a\x1b[31m.json")
    assert "\x1b" not in refused(["report", bad], capsys)


def test_fields_of_a_later_version_of_the_kit_are_no_reason_to_refuse(saved):
    document = documents.of_every_outcome() | {"later": 1}
    assert load.load(Path(saved(document)))["later"] == 1


def test_numbers_that_came_may_be_vast_as_those_of_the_cases_are(saved):
    document = documents.of_every_outcome()
    case = next(c for r in document["requirements"] for c in r["cases"] if "details" in c)
    case["details"]["allowed"] = 1.6e24
    assert load.load(Path(saved(document))) == document


# --- report -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make", [documents.of_every_outcome, documents.withheld, documents.hostile]
)
@pytest.mark.parametrize("form", command.FORMATS)
def test_every_format_is_written_to_stdout_or_to_a_file(form, make, saved, capsys, monkeypatch):
    for name in ("CLASSROOM", "ASSIGNMENT", "USERNAME", "COMMIT_URL", "RELEASE_URL"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("SUBMISSION_TAG", "submit/x")
    result = saved(make())
    if form == "classroom50" and make is documents.withheld:
        assert "withheld" in refused(["report", result, "--format", form], capsys)
        return
    assert main(["report", result, "--format", form]) == 0
    shown = capsys.readouterr().out
    out = Path(result).with_name("out")
    assert main(["report", result, "--format", form, "--out", str(out)]) == 0
    assert out.read_text("utf-8") == shown != ""


def test_the_json_format_gives_back_the_document(saved, capsys):
    document = documents.hostile()
    assert main(["report", saved(document), "--format", "json"]) == 0
    given_back = json.loads(capsys.readouterr().out)
    assert given_back == without_surrogates(document)
    json.dumps(given_back, ensure_ascii=False).encode()  # as every text of it can be written


def test_the_terminal_is_the_format_where_none_is_named(saved, capsys):
    assert main(["report", saved(documents.of_every_outcome())]) == 0
    assert "total 2.0 / 22.0" in capsys.readouterr().out


def test_visibility_is_set_for_all_for_a_unit_and_for_a_requirement(saved, capsys):
    rules = ["after_published", "Conv2D=hidden", "CONV2D-1=visible"]
    options = [word for rule in rules for word in ("--visibility", rule)]
    argv = ["report", saved(documents.of_every_outcome()), "--format", "gradescope", *options]
    assert main(argv) == 0
    result = json.loads(capsys.readouterr().out)
    shown = {t["name"].partition(" ")[0]: t["visibility"] for t in result["tests"]}
    assert (shown["CONV2D-1"], shown["CONV2D-2"]) == ("visible", "hidden")
    assert result["visibility"] == shown["MAXPOOL2D-1"] == "after_published"


@pytest.mark.parametrize("rule", ["never", "CONV2D-1=", "CONV2D-99999=hidden", "=x"])
def test_a_visibility_that_is_none_is_refused(rule, saved, capsys):
    argv = ["report", saved(documents.of_every_outcome()), "--format", "gradescope"]
    assert "--visibility: " in refused([*argv, "--visibility", rule], capsys)


def test_a_file_that_cannot_be_written_is_refused(saved, tmp_path, capsys):
    result = saved(documents.of_every_outcome())
    err = refused(["report", result, "--out", str(tmp_path / "no" / "x")], capsys)
    assert "--out: " in err
    assert "cannot be written" in err


def test_a_reader_that_goes_away_is_no_reason_for_a_traceback(saved):
    call = [sys.executable, "-m", "cnn_conformance", "report", saved(documents.hostile())]
    with subprocess.Popen(call, cwd=ROOT, stdout=-1, stderr=-1) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


# --- compare ------------------------------------------------------------------------------------


def three(*outcomes, **more):
    made = [documents.requirement(k, documents.case("a", o)) for k, o in enumerate(outcomes, 1)]
    return documents.document(*made, **more)


def compared(saved, capsys, *made):
    paths = [saved(document, f"{k}.json") for k, document in enumerate(made)]
    assert main(["compare", *paths]) == 0
    return capsys.readouterr().out


def test_what_got_better_and_what_got_worse_are_told_apart(saved, capsys):
    text = compared(
        saved, capsys, three("passed", "failed", "failed"), three("failed", "passed", "error")
    )
    better, _, rest = text.partition("better (1):")[2].partition("worse (1):")
    worse, _, other = rest.partition("fails differently (1):")
    assert "CONV2D-2 " in better
    assert "failed -> passed" in better
    assert "CONV2D-1 " in worse
    assert "CONV2D-3 " in other
    assert "failed -> error" in other


def test_a_case_more_or_less_counts_where_the_verdict_stays(saved, capsys):
    def some(*outcomes):
        cases = [documents.case(f"c{k}", o) for k, o in enumerate(outcomes)]
        return documents.document(documents.requirement(1, *cases))

    before, after = some("failed", "failed", "passed"), some("failed", "passed", "passed")
    assert "better (1):" in (text := compared(saved, capsys, before, after))
    assert "failed -> failed, 1 -> 2 of 3 cases" in text
    assert "worse (1):" in compared(saved, capsys, after, before)


def test_cases_that_only_one_of_two_results_has_change_nothing(saved, capsys):
    before = documents.document(documents.requirement(1, documents.case("a")))
    both = [documents.case("a"), documents.case("b")]
    after = documents.document(documents.requirement(1, *both))
    assert "no verdict changed" in compared(saved, capsys, before, after)


def test_several_results_stand_side_by_side_under_their_names(saved, capsys):
    made = [three("passed", implementation=f"some/{name}.py") for name in ("ann", "ben", "cay")]
    text = compared(saved, capsys, *made)
    assert text.splitlines()[0].split() == ["unit", "ann.py", "ben.py", "cay.py"]
    assert text.count("From ann.py to ") == 2


def test_the_same_implementation_goes_by_the_names_of_its_files(saved, capsys):
    text = compared(saved, capsys, three("passed"), three("failed"))
    assert text.splitlines()[0].split() == ["unit", "0", "1"]


def test_what_keeps_results_from_being_compared_is_said(saved, capsys):
    other = three("passed", fixtures={"sha256": "f" * 64, "seed": 1}, isolation="none")
    text = compared(saved, capsys, three("passed"), other, documents.withheld())
    assert "different golden data" in text
    assert "No isolation" in text
    assert "withheld" in text
    assert "-- / 4.0" in text


def test_another_profile_is_not_called_another_rubric(saved, capsys):
    more = three("passed", "passed", profile="extended")
    text = compared(saved, capsys, three("passed"), more)
    assert "1 was graded with a different profile than 0: extended, not core." in text
    assert "rubric" not in text
    text = compared(saved, capsys, three("passed"), three("passed", "passed"))
    assert "1 was graded with a different rubric than 0." in text
    assert "profile" not in text


def test_what_was_not_selected_got_neither_better_nor_worse(saved, capsys):
    text = compared(saved, capsys, three("passed"), three("not-selected"))
    assert "no verdict changed" in text


# --- pytest --report ----------------------------------------------------------------------------


def graded(*options):
    call = ["-m", "pytest", "conformance/test_flatten.py", "-p", "no:cacheprovider", *options]
    return subprocess.run(
        [sys.executable, *call], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_report_makes_its_folder_and_writes_every_file(tmp_path):
    folder = tmp_path / "new" / "deep"
    done = graded("--report", str(folder))
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.name for path in folder.iterdir()} == set(command.FILES)
    document = load.load(folder / "cnn-conformance.json")
    assert (folder / "report.html").read_text("utf-8") == html.render(document)


def test_report_refuses_a_file_before_anything_is_graded(tmp_path):
    file = tmp_path / "file"
    file.write_text("mine")
    for folder in (file, file / "below"):
        done = graded("--report", str(folder))
        assert done.returncode == 4
        assert f"--report: {file} is a file, expected a folder" in done.stderr
        assert file.read_text() == "mine"


def test_a_run_without_report_imports_no_jinja():
    code = "import sys, cnn_conformance.plugin.suite; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize(
    "call",
    [
        ["report", "nowhere.json"],
        ["report", "."],
        ["report", "/dev/zero"],
        ["compare", "nowhere.json", "nowhere.json"],
        ["reproduce", "RELU-1", "--impl=nowhere"],
        ["reproduce", "RELU-1", "--impl=nowhere/net.py"],
        ["reproduce", "RELU-1", "--impl=no.where"],
        ["reproduce", "RELU-1", "--impl=reference", "--golden", "nowhere"],
        ["watch", "--impl=nowhere"],
        ["template", "a file/below"],
        ["batch", "nowhere", "--out", "out"],
    ],
)
def test_a_path_that_does_not_exist_is_wrong_usage_in_one_line(call, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a file").touch()
    assert main(call) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert [path.name for path in tmp_path.iterdir()] == ["a file"]


@pytest.mark.parametrize("name", command.FILES)
def test_every_report_of_any_document_is_utf8(name, tmp_path):
    document = documents.hostile()
    document["requirements"][0]["cases"][0]["details"]["\ud800"] = ["\udfff"]
    command.write_all(document, tmp_path)
    text = (tmp_path / name).read_text("utf-8")
    if name.endswith(".json"):
        json.dumps(json.loads(text), ensure_ascii=False).encode()


RULES = [
    "--visibility",
    "hidden",
    "--visibility",
    "forward=visible",
    "--visibility=RELU-20=visible",
]


def test_report_and_visibility_agree_with_the_format_gradescope(tmp_path, capsys):
    words = ["grade", "reference", "-k", "test_relu.py", "--isolation=process"]
    assert main([*words, "--report", str(tmp_path), *RULES]) == 0
    capsys.readouterr()
    result = str(tmp_path / "cnn-conformance.json")
    assert main(["report", result, "--format", "gradescope", *RULES]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown == json.loads((tmp_path / "results.json").read_text("utf-8"))
    visible = {
        test["name"].split()[0] for test in shown["tests"] if test["visibility"] == "visible"
    }
    assert "RELU-20" in visible
    assert "RELU-21" not in visible


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--visibility", "hidden"], "--visibility is of results.json, which --report DIR writes"),
        (["--visibility", "sometimes", "--report", "out"], "expected one of visible, hidden,"),
        (["--visibility", "Relu=hidden", "--report", "out"], "'Relu' is neither a requirement nor"),
    ],
)
def test_a_visibility_that_cannot_be_is_refused_before_anything_is_graded(words, why, capsys):
    assert main(["grade", "reference", *words]) == 4
    assert why in capsys.readouterr().err
