"""`--lang`: reports in another language, and English where there is no translation."""

import ast
import json
import re
import shutil
import string

import pytest
import wcwidth

from cnn_conformance import language, practice, texts, units, watch
from cnn_conformance.__main__ import main
from cnn_conformance.batch import likeness
from cnn_conformance.findings import Finding
from cnn_conformance.grading import run
from cnn_conformance.language import LANGUAGES, files, speaking, t
from cnn_conformance.mistakes.catalogue import TEXTS, catalogue
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.dialect import conventions
from cnn_conformance.oracle.specification import ASPECTS
from cnn_conformance.outcomes import Outcome
from cnn_conformance.phrases import say
from cnn_conformance.reports import compare, compare_page, html, likely, phrases, terminal
from tests import ROOT
from tests.planted.batches import WRONG

REPORTS = ROOT / "cnn_conformance" / "reports"
PACKAGE = REPORTS.parent
FILES = [
    *REPORTS.glob("*.py"),
    *(PACKAGE / n for n in ("batch/class_report.py", "watch.py", "next_step.py", "practice.py")),
]
LONG = specification.requirements()["BATCHNORM2D-45"].sentence
OTHERS = [name for name in LANGUAGES if name != language.ENGLISH]
SAID_OF_RELU_20 = "x 为正处 dx 为 dout，x 为负处 dx 为 0。"
IN_TEMPLATE = re.compile(r"\bt\('((?:[^'\\]|\\.)+)'")


def frame():
    """Return every text that a report has in its frame."""
    found = {*map(str, Outcome), *ASPECTS, *terminal.SHORT.values(), *phrases.ISOLATION.values()}
    found |= {name for _, name in html.KNOWN_DETAILS}
    found |= {
        practice.NOTE,
        practice.NOT_A_GRADE,
        *watch.TO_BE_DONE.values(),
        say(Finding("explains a part")),
    }
    found |= {*compare_page.COLUMNS, *likeness.HOW, *compare.KINDS}
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "t":
                (text,) = node.args
                if isinstance(text, ast.Constant):
                    found.add(text.value)
    for file in (REPORTS / "templates").glob("*.j2"):
        found |= set(IN_TEMPLATE.findall(file.read_text("utf-8")))
    return found


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("name", OTHERS)
def test_every_text_of_the_frame_has_a_translation_and_no_other_has(name):
    assert files(name)["frame"].keys() == frame()


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_asked_of_units_has_a_translation(name):
    asked = {r.sentence for r in specification.requirements().values()}
    asked |= {row.task for row in units.ROWS if row.task}
    translated = files(name)["units"].keys()
    assert (asked - translated, translated - asked) == (set(), set())  # missing, stale


@pytest.mark.parametrize("what", TEXTS)
@pytest.mark.parametrize("name", OTHERS)
def test_nothing_is_translated_that_no_mistake_says(name, what):
    said = {
        getattr(each, what).replace(f"{each.unit.upper()}-", f"{likely.ID}-")
        for each in catalogue()
    }
    assert files(name)[what].keys() - said == set()


@pytest.mark.parametrize("name", OTHERS)
def test_every_convention_has_a_translation(name):
    said = {text for each in conventions() for text in (each.said, *each.says.values())}
    of_specification = {r.sentence for r in specification.requirements().values()}
    assert files(name)["conventions"].keys() == said - of_specification


@pytest.mark.parametrize("file", ["units", "conventions"])
@pytest.mark.parametrize("name", OTHERS)
def test_a_sentence_keeps_its_code_and_its_numbers(name, file):
    for sentence, said in files(name)[file].items():
        for kept in (r"`[^`]+`", r"\d+", r"\b[A-Z][A-Z]+\b", r'"\w+"'):
            assert set(re.findall(kept, said)) == set(re.findall(kept, sentence)), sentence
        assert said.endswith("。") == sentence.endswith("."), sentence


@pytest.mark.parametrize("name", OTHERS)
def test_a_translation_has_the_facts_of_the_text(name):
    for text, said in files(name)["frame"].items():
        assert fields(said) == fields(text), text
        assert said.strip() == said or text.strip() != text, text


def test_what_has_no_translation_is_english():
    with speaking("zh"):
        assert t("no such text") == "no such text"
        assert t("points") != "points"
    assert t("points") == "points"


MISTAKES = ("Negative elements change their sign.", "Positive elements become 1.")
LIKELY = {
    "title": f"{MISTAKES[0][:-1]}; or else: {MISTAKES[1][:-1]}",
    "text": "One sentence. The specification asks that they become 0 (RELU-1). Look at the sign.",
    "either": [said[:-1] for said in MISTAKES],
    "sentences": [
        "One sentence.",
        "The specification asks that they become 0 (RELU-1).",
        "Look at the sign.",
    ],
}


def test_a_known_mistake_is_told_in_the_language_sentence_by_sentence():
    with speaking("zh"):
        assert likely.title({"title": MISTAKES[0][:-1]}) == "负元素变了号。"
        assert likely.title(LIKELY) == "负元素变了号。或者：正元素变成 1。"
        said = "One sentence. 规范要求它们变成 0（RELU-1）。请看符号。"
        assert likely.text(LIKELY, "ReLU") == said
        assert likely.text({"title": "", "text": LIKELY["text"]}, "ReLU") == LIKELY["text"]
    ((title, text),) = likely.told({"diagnosis": [LIKELY]})
    assert (title, text) == (f"{LIKELY['title']}.", LIKELY["text"])


@pytest.mark.parametrize("name", OTHERS)
def test_a_mistake_keeps_the_number_of_its_author(name):
    for what in TEXTS:
        for sentence, said in files(name)[what].items():
            assert said.count("{CONSTANT}") == sentence.count("{CONSTANT}"), sentence


def test_a_number_of_the_author_s_choice_is_told_in_the_language():
    words = "The padding is filled with -{CONSTANT}, which wins over anything more negative."
    each = {"title": words[:-1].replace("{CONSTANT}", "1000"), "said": words, "constant": "1000"}
    assert likely.title(each) == words.replace("{CONSTANT}", "1000")
    with speaking("zh"):
        assert likely.title(each) == "填充的值是 -1000，它会胜过任何更小的负值。"


def test_facts_are_shown_as_they_are():
    with speaking("zh"):
        assert "{x} 100 %" in t("likely: {title}", title="{x} 100 %")


@pytest.fixture
def wrong(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(WRONG, "utf-8")
    return file


def test_grade_speaks_chinese(wrong, tmp_path, capsys):
    words = ["grade", str(wrong), "-k", "relu", "--isolation=process", "--lang=zh"]
    assert main([*words, f"--report={tmp_path / 'out'}"]) == run.FAILED
    said = capsys.readouterr().out
    for text in ("RELU-20 未通过", SAID_OF_RELU_20, "单元", "前向", "得分", "总分", "这不是成绩"):
        assert text in said
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert '<html lang="zh">' in page
    assert "需要修正" in page
    assert SAID_OF_RELU_20 in page
    assert ">unit<" not in page
    markdown = (tmp_path / "out" / "report.md").read_text("utf-8")
    results = json.loads((tmp_path / "out" / "results.json").read_text("utf-8"))
    (of_relu_20,) = (e for e in results["tests"] if e["name"].startswith("RELU-20"))
    for text in (markdown, of_relu_20["name"] + of_relu_20["output"]):
        assert SAID_OF_RELU_20 in text
        assert "用例" in text
        assert "Case" not in text
    assert "| 单元 | 前向 |" in markdown


def test_a_result_is_shown_in_another_language_later(wrong, tmp_path, capsys):
    result = tmp_path / "result.json"
    words = ["grade", str(wrong), "-k", "relu", "--isolation=process"]
    assert main([*words, f"--result={result}"]) == run.FAILED
    assert "总分" not in capsys.readouterr().out
    assert "未通过" not in result.read_text("utf-8")  # a document has no language
    assert main(["report", str(result), "--lang=zh"]) == 0
    assert "总分" in capsys.readouterr().out


def test_the_columns_of_the_table_stand_below_each_other(wrong, capsys):
    words = ["grade", str(wrong), "-k", "relu", "--isolation=process", "--lang=zh"]
    main(words)
    lines = capsys.readouterr().out.splitlines()
    (at,) = (n for n, line in enumerate(lines) if line.startswith("----"))
    *_, last = lines[at].split()
    assert wcwidth.wcswidth(lines[at - 1].rstrip()) == len(lines[at]) - len(last) - 2


def test_english_reads_no_translation(monkeypatch):
    monkeypatch.setattr(language, "FOLDER", None)
    assert t("`forward` does not modify x.") == "`forward` does not modify x."


@pytest.mark.parametrize("width", [20, 40, 77])
def test_chinese_fills_its_lines_and_begins_none_with_a_comma(width):
    sentence = files("zh")["units"][LONG]
    lines = texts.filled(sentence, width, "  ", "    ").split("\n")
    assert "".join("".join(lines).split()) == "".join(sentence.split())
    assert all(texts.columns(line) <= width for line in lines)
    assert all(texts.columns(line) >= width - 16 for line in lines[:-1])
    assert not any(line.strip()[0] in "，。；：、）" for line in lines)
    assert lines[0].startswith("  `")
    assert all(line.startswith("    ") for line in lines[1:])


def test_english_is_filled_as_ever():
    assert texts.filled("one two-three four", 12, "  ", "    ") == "  one\n    two-three\n    four"


def test_the_pages_of_a_batch_and_of_a_comparison_are_chinese(wrong, tmp_path, capsys):
    submissions = tmp_path / "submissions"
    submissions.mkdir()
    for name in ("one", "two"):
        shutil.copy(wrong, submissions / f"{name}.py")
    out = tmp_path / "marks"
    words = ["batch", str(submissions), f"--out={out}", "--jobs=1", "--isolation=process"]
    assert main([*words, "--lang=zh"]) == 0
    of_all = (out / "class.html").read_text("utf-8")
    for text in (
        '<html lang="zh">',
        "2 份提交，已评分 2 份",
        "隔离级别 process：",
        SAID_OF_RELU_20,
    ):
        assert text in of_all
    own = next(out.rglob("report.html")).read_text("utf-8")
    assert SAID_OF_RELU_20 in own
    capsys.readouterr()
    found = sorted(map(str, out.rglob("result.json")))
    main(["compare", *found, f"--html={tmp_path / 'page'}", "--lang=zh"])
    page = (tmp_path / "page" / "compare.html").read_text("utf-8")
    for text in ("2 个实现并排比较", SAID_OF_RELU_20, ">反向<"):
        assert text in page
    assert main(["compare", *found, "--lang=zh"]) == 0
    assert "没有结果改变。" in capsys.readouterr().out


def test_check_and_watch_speak_chinese(wrong, capsys):
    assert main(["check", str(wrong), "RELU-20", "--lang=zh"]) == 1
    said = capsys.readouterr().out
    assert SAID_OF_RELU_20 in said
    assert "练习：" in said
    graded = watch.grade(str(wrong), ["ReLU"], watch.snapshot(wrong), wrong)
    with speaking("zh"):
        board = watch.first_report(graded, wrong)
        later = watch.later_report(graded, graded, wrong)
    assert f"下一步：RELU-20：{SAID_OF_RELU_20}" in board
    assert "未通过" in board
    assert "与之前一样未通过：" in later


def test_check_in_a_notebook_speaks_chinese(wrong):
    result = practice.check(str(wrong), only="ReLU", lang="zh")
    assert SAID_OF_RELU_20 in result.full
    assert SAID_OF_RELU_20 in result._repr_html_()
    assert "只检查一项要求" in repr(result)
    with pytest.raises(ValueError, match="lang='de': expected en or zh"):
        practice.check(str(wrong), only="ReLU", lang="de")
