"""Profiles of courses: what each asks for is there, and right code of its students gets it all."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from cnn_conformance import watch
from cnn_conformance.batch.command import main as batch
from cnn_conformance.checks.registry import manifest
from cnn_conformance.grading import profiles
from cnn_conformance.grading.session import Session
from cnn_conformance.locations import GOLDEN
from cnn_conformance.mistakes.dialect import implementation
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import Fixtures
from cnn_conformance.practice import check
from cnn_conformance.reports import phrases
from cnn_conformance.reproduce import main as reproduce
from tests import ROOT, SCHEMA
from tests.grade import RIGHT, in_this_process, in_worker

MORE = Path(__file__).parent / "courses"
COURSES = [name for name in profiles.names() if profiles.course(name)]
STANDS_ALONE = "tensor"
"""Code of this style has its own tensors: it is not an addition to the example."""
MINE = """
title = "My course"
leaves_open = ["RELU-22"]
[units]
ReLU = 6
Conv2D = { points = 4, options = ["bias"] }
[dialect]
ReLU.at_zero = 1
"""


def solution(style, folder):
    """Return a folder of right code in a style: the example, and what a course has besides."""
    stem = style.replace("-", "_")
    if style != STANDS_ALONE:
        shutil.copy(ROOT / "examples" / "styles" / f"{stem}.py", folder / "example.py")
    if (MORE / f"{stem}.py").exists():  # what both have is taken from here
        shutil.copy(MORE / f"{stem}.py", folder / "more.py")
    return folder


def graded(name, code):
    plan = profiles.plan(name)
    session = Session(code, Fixtures(GOLDEN, plan.dialect), plan.worth, course=plan.course)
    for key in session.asked():
        session.run(key)
    return session.document(explained=False)


def lost(document):
    return {r["id"] for r in document["requirements"] if r["points"] < r["max_points"]}


def written(folder, text=MINE, name="mine.toml"):
    file = folder / name
    file.write_text(text, "utf-8")
    return str(file)


@pytest.mark.parametrize("name", COURSES)
def test_a_course_says_what_it_asks_for_and_where_that_was_read(name):
    course = profiles.course(name)
    assert course.title
    assert course.read
    assert all(link.startswith("https://") for link in course.read)
    assert sum(course.units.values()) == 100
    assert sum(profiles.plan(name).worth.values()) == pytest.approx(100)
    docs = (ROOT / "docs" / "profiles.md").read_text("utf-8")
    assert f"`{name}`" in docs
    assert all(link in docs for link in course.read)


@pytest.mark.parametrize("name", COURSES)
def test_every_unit_and_option_of_a_course_is_asked_for_by_some_check(name):
    plan = profiles.plan(name)
    asked = [each for each in manifest().values() if plan.course.asks_for(each)]
    known = specification.requirements()
    assert {known[each.requirement].unit for each in asked} == set(plan.course.units)
    for unit, wanted in plan.course.options.items():
        mine = [each.uses for each in asked if known[each.requirement].unit == unit]
        assert frozenset().union(*mine) == wanted, unit


@pytest.mark.parametrize("name", COURSES)
def test_right_code_in_the_style_of_a_course_gets_all_its_points(name, tmp_path):
    style, conventions = profiles.plan(name).style, profiles.plan(name).dialect.conventions
    if style:
        code = in_worker(solution(style, tmp_path), "none", usual_style=style)
        assert code.style == style
    else:
        code = in_this_process(implementation(conventions))
    document = graded(name, code)
    jsonschema.validate(document, SCHEMA)
    assert set(document["counts"]) == {"passed"}
    assert (document["points"], document["profile"], document["complete"]) == (100, name, True)


@pytest.mark.parametrize(
    ("name", "right", "wrong", "requirement"),
    [
        ("cs231n", "margins[rows, y] = 0", "pass", "HINGE-1"),
        ("cs231n", "np.concatenate([di, df, do", "np.concatenate([df, di, do", "LSTM-21"),
        ("cs231n", " - n * overlap", "", "GROUPNORM-20"),
        ("cs231n", '/ (1 - beta1 ** config["t"])', "", "ADAM-1"),
        ("cmu-11-785", "self.W[:, :, ::-1]", "self.W", "CONV1D-20"),
        ("cmu-11-785", "self.kernel**2", "self.kernel", "AVGPOOL2D-20"),
        ("dl-from-scratch", "dWh += self.hs[:, t].T", "dWh += self.hs[:, t + 1].T", "RNN-22"),
        ("dl-from-scratch", "np.add.at(dW, self.xs, dout)", "dW[self.xs] += dout", "EMBEDDING-21"),
        ("dl-from-scratch", "tanh_c * o * (1 - o)", "o * (1 - o)", "LSTM-21"),
        ("dlsys", "self.u.get(p, 0) + grad", "self.u.get(p, 0) - grad", "SGD-80"),
        ("dlsys", "dU += h.T @ dz", "dU += (before[0] * h).T @ dz", "RNN-22"),
        ("dlsys", "[dc * f]", "[dc]", "LSTM-20"),
        ("dlsys", "np.add.at(dweight, at, d)", "dweight[at] += d", "EMBEDDING-21"),
        ("dlsys", "back(d * w.data), (d * n)", "back(d), (d * n)", "LAYERNORM-20"),
    ],
)
def test_a_mistake_loses_points_under_the_profile_of_a_course(
    name, right, wrong, requirement, tmp_path
):
    style = profiles.plan(name).style
    folder = solution(style, tmp_path)
    file = folder / "more.py"
    source = file.read_text("utf-8")
    assert source.count(right) >= 1
    file.write_text(source.replace(right, wrong), "utf-8")
    assert requirement in lost(graded(name, in_worker(folder, "none", usual_style=style)))


def test_an_option_that_is_not_asked_for_is_neither_graded_nor_lost():
    class OneNumber(RIGHT["Conv2D"]):
        def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
            if isinstance(stride, tuple) or isinstance(padding, tuple):
                stride, padding = 5, 7  # whatever comes of it
            super().__init__(in_channels, out_channels, kernel_size, stride, padding, bias)

    plan = profiles.plan("cmu-11-785")
    document = graded("cmu-11-785", in_this_process(RIGHT | {"Conv2D": OneNumber}))
    mine = [r for r in document["requirements"] if r["unit"] == "Conv2D"]
    assert sum(r["points"] for r in mine) == pytest.approx(plan.course.units["Conv2D"])
    assert not {"CONV2D-7", "CONV2D-70", "CONV2D-80"} & {r["id"] for r in mine}


def test_points_are_shared_by_aspects_of_the_course_or_else_of_the_rubric(tmp_path):
    text = 'title = "A"\n[units]\nReLU = 8\n'
    plain = profiles.plan(written(tmp_path, text)).worth
    share = sum(points for id_, points in plain.items() if id_ in options_of("robustness"))
    assert share == pytest.approx(8 * 4 / 100)
    forward = profiles.plan(written(tmp_path, text + "[aspects]\nforward = 2\n", "b.toml")).worth
    assert set(forward) == {id_ for id_ in options_of("forward") if id_.startswith("RELU-")}
    assert sum(forward.values()) == pytest.approx(8)


def options_of(aspect):
    return {id_ for id_, r in specification.requirements().items() if r.aspect == aspect}


def test_the_rubric_adds_its_conventions_to_those_of_the_course(tmp_path):
    text = (ROOT / "conformance" / "rubric.toml").read_text("utf-8")
    rubric = Path(written(tmp_path, f"{text}\n[dialect]\nMSE.scale = 1\nFlatten.order = 'F'\n"))
    assert profiles.plan("d2l").dialect.values["MSE.scale"] == 0.5
    assert "MSE.scale" not in profiles.plan("d2l", rubric).dialect.values
    assert profiles.plan("d2l", rubric).dialect.values["Flatten.order"] == "F"


BAD = [
    ("[units\n", "mine.toml: "),
    ('title = "A"\n', "units: expected title, units"),
    ('title = "A"\npoints = 3\n[units]\n', "points: expected title, units"),
    ('title = "A"\n[units]\nConv3D = 1\n', "did you mean Conv2D"),
    ('title = "A"\n[units]\nReLU = -1\n', "ReLU is -1, expected a number"),
    ('title = "A"\n[units]\nReLU = {points = 1}\n', "a table with points and a list"),
    ('title = "A"\n[units]\nReLU = {points = 1, options = ["othershapes"]}\n', "did you mean"),
    ('title = "A"\nstyle = "cs23n"\n[units]\nReLU = 1\n', "did you mean cs231n"),
    ('title = "A"\nleaves_open = ["RELU-999"]\n[units]\n', "SPEC.md has no RELU-999"),
    ('title = "A"\naspects = 3\n[units]\n', "expected a table of weights"),
    ('title = "A"\n[aspects]\nbeauty = 3\n[units]\n', "beauty"),
    ('title = "A"\n[units]\n[dialect]\nReLU.at_zer = 1\n', "did you mean ReLU.at_zero"),
]


@pytest.mark.parametrize(("text", "said"), BAD)
def test_a_file_that_cannot_be_a_profile_is_refused_with_what_was_expected(text, said, tmp_path):
    with pytest.raises(profiles.BadProfile, match=re.escape(said)):
        profiles.plan(written(tmp_path, text))


def test_an_unknown_profile_is_refused_everywhere_with_those_that_there_are(tmp_path, capsys):
    with pytest.raises(profiles.BadProfile, match="did you mean cs231n") as error:
        profiles.plan("cs321n")
    assert all(name in str(error.value) for name in profiles.names())
    with pytest.raises(profiles.BadProfile, match="No such file"):
        profiles.plan("nowhere.toml")
    with pytest.raises(ValueError, match="did you mean cs231n"):
        check(RIGHT["ReLU"], profile="cs321n")
    impl = f"--impl={ROOT / 'examples' / 'styles' / 'cs231n.py'}"
    assert watch.main([impl, "--profile=cs321n"]) == 2
    assert reproduce(["RELU-1", impl, "--profile=cs321n"]) == 2
    assert batch([str(tmp_path), f"--out={tmp_path / 'out'}", "--profile=cs321n"]) == 2
    assert capsys.readouterr().err.count("did you mean cs231n") == 3


def test_watch_says_that_a_course_does_not_ask_for_a_unit(capsys):
    impl = f"--impl={ROOT / 'examples' / 'styles' / 'coursera.py'}"
    assert watch.main(["lstm", impl, "--profile=coursera-cnn"]) == 2
    assert "coursera-cnn does not ask for LSTM" in capsys.readouterr().err


def test_check_takes_a_course_and_a_file(tmp_path):
    assert check(RIGHT["ReLU"], profile="cs231n").document["profile"] == "cs231n"
    result = check(ROOT / "examples" / "styles" / "coursera.py", profile="coursera-cnn")
    assert (bool(result), result.document["style"]) == (True, "coursera")
    assert check(RIGHT["Conv2D"], profile=written(tmp_path)).document["profile"] == "mine.toml"
    with pytest.raises(ValueError, match="does not ask for LSTM"):
        check(RIGHT["LSTM"], profile="coursera-cnn")
    at_zero = check(RIGHT["ReLU"], profile=written(tmp_path, MINE.replace('"RELU-22"', "")))
    assert [r["id"] for r in at_zero.document["requirements"] if r["verdict"] == "failed"] == [
        "RELU-22"
    ]


def test_the_style_of_a_course_is_taken_unless_the_code_has_another_interface(tmp_path):
    layers = "def affine_forward(x, w, b): pass\ndef affine_backward(dout, cache): pass\n"
    coursera = "def linear_forward(A, W, b): pass\ndef linear_backward(dZ, cache): pass\n"
    ours = "class ReLU:\n    params, grads = {}, {}\n    forward = backward = abs\n"
    file = Path(written(tmp_path, layers + coursera, "both.py"))
    for style in ("cs231n", "coursera"):
        code = in_worker(file, "none", usual_style=style)
        assert (code.style, code.units) == (style, {"Dense"})
    assert in_worker(file, "none", usual_style="mytorch").style in ("cs231n", "coursera")
    assert in_worker(file, "none", style="none", usual_style="cs231n").units == set()
    adapter = Path(written(tmp_path, layers + ours, "adapter.py"))
    code = in_worker(adapter, "none", usual_style="cs231n")
    assert (code.style, code.units) == ("", {"ReLU"})


def run(folder, *words):
    return subprocess.run(
        [sys.executable, "-m", "cnn_conformance", "grade", *words, "-k", "test_relu"],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_run_takes_a_course_or_a_file_and_says_so(tmp_path):
    written(tmp_path)
    shutil.copy(ROOT / "examples" / "styles" / "cs231n.py", tmp_path)
    call = "cs231n.py", "--result=result.json", "--isolation=process"
    done = run(tmp_path, *call, "--profile=cs231n")
    document = json.loads((tmp_path / "result.json").read_text("utf-8"))
    assert done.returncode == 0, done.stdout
    assert "profile: cs231n" in done.stdout
    assert document["profile"] == "cs231n"
    assert "the style cs231n" in done.stdout
    assert "--profile=cs231n" in phrases.run_command(document)
    done = run(tmp_path, *call, "--profile=mine.toml")
    document = json.loads((tmp_path / "result.json").read_text("utf-8"))
    assert document["profile"] == "mine.toml"
    assert document["dialect"][0]["name"] == "ReLU.at_zero"
    assert "RELU-22" not in {r["id"] for r in document["requirements"]}
    wrong = run(tmp_path, *call, "--profile=cs23")
    assert wrong.returncode == 4
    assert "--profile: there is no profile cs23; did you mean cs231n?" in wrong.stderr


def test_what_a_course_does_not_ask_for_cannot_be_selected(tmp_path):
    shutil.copy(ROOT / "examples" / "styles" / "cs231n.py", tmp_path)
    done = run(tmp_path, "cs231n.py", "--profile=coursera-cnn")
    assert done.returncode == 4
    assert "the profile coursera-cnn asks for nothing of what was selected" in done.stderr


def test_a_class_is_graded_by_a_file(tmp_path):
    anna = tmp_path / "class" / "anna"
    anna.mkdir(parents=True)
    shutil.copy(ROOT / "examples" / "styles" / "cs231n.py", anna)
    profile = written(tmp_path, 'title = "A"\nstyle = "cs231n"\naspects = {forward = 1}\n[units]\n'
                      "ReLU = 6\n")  # fmt: skip
    out = tmp_path / "out"
    call = [str(anna.parent), f"--out={out}", "--jobs=1", "--isolation=process"]
    assert batch([*call, f"--profile={profile}"]) == 0
    result = json.loads((out / "results" / "anna" / "result.json").read_text("utf-8"))
    assert (result["points"], result["max_points"], result["profile"]) == (6, 6, "mine.toml")
