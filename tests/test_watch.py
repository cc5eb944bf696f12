"""`cnn-conformance watch`: the board, what has changed, what to do next, and the loop."""

import os
import queue
import signal
import subprocess
import sys
import textwrap
import threading

import pytest

from cnn_conformance import next_step, watch
from cnn_conformance.implementation.target import place_of
from cnn_conformance.oracle import specification
from tests import ROOT
from tests.grade import RIGHT, altered, grade


class NotStarted:
    def __init__(self):
        raise NotImplementedError("TODO ReLU: what does it do?")


def times(factor):
    return altered("ReLU", backward=lambda dx: factor * dx)


def graded(relu, unit="ReLU"):
    units = {} if relu is None else {unit: relu}
    ids = {r.id for r in specification.requirements().values() if r.unit in ("ReLU", "Flatten")}
    return grade(units, only=ids).document


@pytest.fixture(scope="module")
def runs():
    units = {"right": RIGHT["ReLU"], "todo": NotStarted}
    units |= {"doubled": times(2), "tripled": times(3)}
    return {name: graded(unit) for name, unit in units.items()}


def test_units_come_in_the_order_of_the_students_readme():
    order = next_step.order()
    assert order[:3] == ["ReLU", "Flatten", "Dense"]
    assert order[order.index("Network") - 2 :][:3] == ["Conv2D", "MaxPool2D", "Network"]
    assert order[order.index("Network") + 1] == "AvgPool2D"
    assert sorted(order) == sorted(specification.units())


@pytest.mark.parametrize(
    ("name", "units"),
    [
        ("relu", ["ReLU"]),
        ("ReLU.py", ["ReLU"]),
        ("training", ["fit", "evaluate", "predict"]),
        ("fit", ["fit"]),
        ("conv3d", []),
    ],
)
def test_a_unit_is_named_by_its_name_or_file(name, units):
    assert watch.units_named(name) == units


def rows(text):
    return {line.split()[0]: " ".join(line.split()[1:]) for line in text.splitlines()}


def test_the_board_tells_how_far_each_unit_is(runs):
    assert rows(watch.board(runs["right"]))["ReLU"] == "passing 19/19 6.0 / 6.0"
    assert rows(watch.board(runs["doubled"]))["ReLU"].startswith("failing 15/19 3.")
    assert rows(watch.board(runs["todo"]))["ReLU"] == "not started 0/19 0.0 / 6.0"
    assert rows(watch.board(runs["right"]))["Flatten"] == "not started 0/20 0.0 / 4.0"
    assert "Conv2D" not in watch.board(runs["right"])


def test_what_got_worse_and_better_is_told(runs):
    worse = watch.difference(runs["right"], runs["doubled"])
    assert "worse: RELU-20 failed: dx[" in worse
    assert "better" not in worse
    better = watch.difference(runs["doubled"], runs["right"])
    assert better == "better: ReLU passed: all of it, 6.0 / 6.0 points"
    started = watch.difference(runs["todo"], runs["doubled"])
    assert "better: RELU-1 passed: Negative elements become 0" in started
    assert "more: RELU-" in started


def test_what_fails_as_before_is_one_line(runs):
    same = watch.difference(runs["doubled"], runs["doubled"])
    assert same == "fails as before: RELU-20, RELU-21, RELU-22, RELU-39"
    assert watch.difference(runs["right"], runs["right"]) == "nothing has changed"


def test_what_fails_in_another_way_is_told(runs):
    assert "fails otherwise: RELU-20 failed: dx[" in watch.difference(
        runs["doubled"], runs["tripled"]
    )


def test_what_next_is_the_first_requirement_with_its_message(runs):
    assert next_step.what_next(runs["todo"]) == "next: write ReLU (relu.py)"
    assert next_step.what_next(runs["right"]) == "next: write Flatten (flatten.py)"
    failing = next_step.what_next(runs["doubled"])
    assert failing.startswith("next: RELU-20: dx is dout where x is positive")
    assert "expected" in failing
    only = {**runs["right"], "requirements": runs["right"]["requirements"][:0]}
    assert next_step.what_next(only) == "next: nothing, everything passes"


def test_a_path_in_a_message_is_not_broken_between_lines(runs):
    path = "/home/anna/" + "a-folder-with-a-long-name/" * 5 + "net.py"
    case = {"message": f"ValueError: not in {path}", "case": "a", "why": "b", "details": {}}
    failing = entry("RELU-20", "failed") | {"cases": [case | {"outcome": "failed"}], "sentence": ""}
    said = next_step.what_next({**runs["doubled"], "requirements": [failing]})
    assert path in said


def entry(id_, verdict):
    """Return a requirement of SPEC.md with a verdict."""
    known = specification.requirements()[id_]
    return {"id": id_, "unit": known.unit, "aspect": known.aspect, "verdict": verdict}


@pytest.mark.parametrize(
    ("first", "others"),
    [
        ("FLATTEN-1", ["RELU-72 failed", "RELU-43 failed", "CONV2D-1 not-started"]),
        ("RELU-20", ["RELU-72 failed", "DENSE-1 failed", "FLATTEN-1 not-started"]),
        ("DENSE-1", ["RELU-43 failed", "RELU-72 failed", "NETWORK-1 failed"]),
        ("RELU-43", ["DENSE-43 failed", "RELU-72 failed", "AVGPOOL2D-1 failed"]),
    ],
)
def test_what_helps_most_comes_first(first, others):
    undone = [entry(*text.split()) for text in [*others, f"{first} failed"]]
    for requirements in (undone, undone[::-1]):
        assert next_step.first_undone({"requirements": requirements})["id"] == first


def test_the_unit_that_is_next_is_explained_and_only_that(tmp_path):
    source = """
        import reference
        class ReLU(reference.ReLU):
            def backward(self, dout):
                return 2 * super().backward(dout)
        class Dense(reference.Dense):
            def forward(self, x):
                return 3 * super().forward(x)
    """
    net = tmp_path / "net.py"
    net.write_text(textwrap.dedent(source))
    made = watch.grade(str(net), ["ReLU", "Dense"], watch.snapshot(net), net)
    explained = [unit["unit"] for unit in made["units"] if unit.get("diagnosis")]
    assert explained == ["ReLU"]
    said = next_step.what_next(made, net).replace("\n  ", " ")
    assert said.startswith("next: RELU-20")
    assert "ReLU: dx is 2 times what it should be" in said


class Careless(RIGHT["ReLU"]):
    def forward(self, x):
        self.x = x
        return x * (x > 0)

    def backward(self, dout):
        return dout * (self.x > 0)


def test_it_says_what_of_the_template_raises_the_error_where_that_is_there(tmp_path):
    ids = {r.id for r in specification.requirements().values() if r.unit == "ReLU"}
    careless = grade({"ReLU": Careless}, only=ids).document
    assert "checks." not in next_step.what_next(careless, tmp_path)
    (tmp_path / "checks.py").write_text("def upstream(): ...\ndef saved(): ...\n")
    said = " ".join(next_step.what_next(careless, tmp_path).split())
    assert said.startswith("next: RELU-72")
    assert "checks.saved and checks.upstream, called in backward, raise such errors" in said


def test_while_nothing_can_be_imported_one_line_is_shown(runs):
    broken = {**graded(None), "problems": ["net.py, line 3: SyntaxError: invalid syntax\nmore"]}
    for text in (watch.first_report(broken), watch.later_report(runs["right"], broken)):
        assert text == "net.py, line 3: SyntaxError: invalid syntax"


def test_neighbours_and_packages_count_and_other_environments_do_not(tmp_path):
    for name in ("net.py", "other.py", "data/x.py", "pack/__init__.py", "pack/a.py", "notes.txt",
                 "venv/lib/b.py", ".git/c.py", "__pycache__/d.py"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "venv" / "pyvenv.cfg").write_text("")
    names = {str(p.relative_to(tmp_path)) for p in watch.snapshot(tmp_path)}
    assert names == {"net.py", "other.py", "data/x.py", "pack/__init__.py", "pack/a.py"}
    names = {str(p.relative_to(tmp_path)) for p in watch.snapshot(tmp_path / "net.py")}
    assert names == {"net.py", "other.py", "pack/__init__.py", "pack/a.py"}


def test_links_are_watched_where_they_lead_and_depth_ends_nothing(tmp_path):
    (tmp_path / "shared").write_text("")
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "net.py").symlink_to("../shared")
    (tmp_path / "work" / "gone.py").symlink_to("nowhere")
    before = watch.snapshot(tmp_path / "work")
    os.utime(tmp_path / "shared", (1, 1))
    after = watch.snapshot(tmp_path / "work")
    changed = {path.name for path in after if after[path] != before[path]}
    assert ({path.name for path in after}, changed) == ({"net.py", "gone.py"}, {"net.py"})
    here = os.getcwd()
    try:
        os.chdir(tmp_path / "work")
        for _ in range(1_200):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.chdir(here)
    try:
        assert watch.snapshot(tmp_path / "work") == after
    finally:
        subprocess.run(["rm", "-rf", str(tmp_path / "work" / "d")], check=True)


def test_places(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert place_of("reference") == ROOT / "reference"
    assert place_of("reference.relu") == ROOT / "reference" / "relu.py"
    assert place_of("no_such_module") is None
    assert place_of("no.such.module") is None


@pytest.mark.parametrize("argv", [["--impl=no_such_thing"], ["conv3d", "--impl=reference"]])
def test_wrong_usage_is_refused(argv, capsys):
    assert watch.main(argv) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_change_is_graded_and_ctrl_c_ends_it(tmp_path):
    net = tmp_path / "net.py"
    net.write_text("def (\n")
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "cnn_conformance", "watch", "--impl=net.py", "relu"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines = queue.Queue()
    reader = threading.Thread(target=lambda: [lines.put(line) for line in process.stdout])
    reader.start()

    def until(text):
        seen = []
        while not seen or text not in seen[-1]:
            seen.append(lines.get(timeout=30))
        return "".join(seen)

    try:
        assert "line 1: SyntaxError" in until("Ctrl-C")
        write_at_once(net, "from reference import ReLU\n")
        assert "better: ReLU passed" in until("next:")
        write_at_once(net, "import reference\nReLU = reference.Flatten\n")
        assert "worse: RELU-1" in until("next:")
        process.send_signal(signal.SIGINT)
        assert "Traceback" not in until("ended")
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        reader.join()
        process.stdout.close()


def write_at_once(path, text):
    """Write a file as editors do: it is never there by halves."""
    new = path.with_suffix(".new")
    new.write_text(text)
    os.replace(new, path)
