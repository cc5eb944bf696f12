"""What `deploy` writes is run as each system documents it, in a scratch root on this machine."""

import base64
import csv
import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile

import jsonschema
import pytest
import yaml

from cnn_conformance.__main__ import main
from cnn_conformance.deploy import command, notebook, otter, wheel
from cnn_conformance.deploy.archive import packed
from cnn_conformance.locations import GOLDEN
from cnn_conformance.reports import gradescope
from tests import ROOT
from tests.grade import grade
from tests.planted.batches import HANGS, RIGHT, RUBRIC, WRONG
from tests.planted.books import book

PYTHON = f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" "$@"\n'


@pytest.fixture
def rubric(tmp_path):
    file = tmp_path / "points.toml"
    file.write_text(RUBRIC, "utf-8")
    return file


def deploy(target, out, *options):
    assert main(["deploy", target, f"--out={out}", *map(str, options)]) == 0
    return out


def program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(0o755)
    return path


def run(words, cwd, **environment):
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**os.environ, **{k: str(v) for k, v in environment.items()}},
        capture_output=True,
        text=True,
        timeout=300,
    )


# --- the kit itself ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("wheel") / wheel.FILE
    file.write_bytes(packed(wheel.files()))
    return file


def test_the_wheel_is_one_as_its_specification_says(wheel_file):
    with zipfile.ZipFile(wheel_file) as archive:
        names = archive.namelist()
        rows = list(csv.reader(archive.read(f"{wheel.INFO}/RECORD").decode().splitlines()))
        assert [row[0] for row in rows] == names
        for name, said, size in rows[:-1]:
            data = archive.read(name)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            assert (said, int(size)) == (f"sha256={digest}", len(data))
    assert len(set(names)) == len(names)
    for part in ("suite/SPEC.md", "fixtures/relu.npz", "reference/relu.py", "deploy/targets.toml"):
        assert f"cnn_conformance/{part}" in names
    assert not any("__pycache__" in name for name in names)


def test_the_wheel_can_be_installed_and_grades(wheel_file, tmp_path):
    site, mine = tmp_path / "site", tmp_path / "mine.py"
    mine.write_text(RIGHT, "utf-8")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", wheel_file]
    done = run([*pip, "--target", site], tmp_path)
    assert done.returncode == 0, done.stderr
    code = (
        f"import sys; sys.path.insert(0, {str(site)!r}); import cnn_conformance.__main__ as m; "
        f"assert m.__file__.startswith({str(site)!r}); sys.exit(m.main(sys.argv[1:]))"
    )
    words = ["grade", mine, "-k", "relu", "--isolation=process"]
    done = run([sys.executable, "-c", code, *words], tmp_path, PYTHONPATH="")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (site / "bin" / "cnn-conformance").exists()


def test_every_library_is_pinned():
    pins = wheel.pins()
    assert all(re.fullmatch(r"[\w.-]+==[\w.+!]+", pin) for pin in pins)
    names = {pin.partition("==")[0].lower() for pin in pins}
    assert {"numpy", "pytest", "jinja2", "markupsafe", "tabulate", "tqdm", "pluggy"} <= names
    assert not names & {"torch", "cnn-conformance", "ruff", "hypothesis"}


def test_what_is_written_is_the_same_each_time(tmp_path, rubric):
    first, again = (deploy("gradescope", tmp_path / n, f"--rubric={rubric}") for n in "ab")
    assert (first / "autograder.zip").read_bytes() == (again / "autograder.zip").read_bytes()


# --- Gradescope ----------------------------------------------------------------------------------

LATE = {
    "created_at": "2026-07-01T14:22:32.000000-07:00",
    "assignment": {"due_date": "2026-07-01T13:22:02.000000-07:00", "late_due_date": None},
}


def autograder(tmp_path, *options):
    """Return the root of an autograder, as Gradescope builds one, with its setup done."""
    root, bin_ = tmp_path / "autograder", tmp_path / "bin"
    deploy("gradescope", tmp_path / "made", *options)
    with zipfile.ZipFile(tmp_path / "made" / "autograder.zip") as archive:
        for entry in archive.infolist():
            place = root / "source" / entry.filename
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(archive.read(entry))
            place.chmod(entry.external_attr >> 16 & 0o777)
    program(bin_ / "apt-get", f'#!/bin/sh\necho "$@" >> {tmp_path}/apt\n')
    make = 'mkdir -p "$3/bin"; printf "%s" "$PYTHON" > "$3/bin/python"; chmod +x "$3/bin/python"'
    fake = f'#!/bin/sh\nif [ "$2" = venv ]; then {make}; else exec "{sys.executable}" "$@"; fi\n'
    program(bin_ / "python3", fake)
    pip = PYTHON.replace(
        "#!/bin/sh\n", f'#!/bin/sh\n[ "$2" = pip ] && exec echo "$@" >> {tmp_path}/pip\n'
    )
    done = run(
        [root / "source" / "setup.sh"],
        root,
        PATH=f"{bin_}:{os.environ['PATH']}",
        AUTOGRADER_ROOT=root,
        PYTHON=pip,
    )
    assert done.returncode == 0, done.stderr
    (root / "run_autograder").write_bytes((root / "source" / "run_autograder").read_bytes())
    (root / "run_autograder").chmod(0o755)
    (root / "submission").mkdir()
    (root / "results").mkdir()
    return root


def graded_by(root, **files):
    for name, text in files.items():
        (root / "submission" / name.replace("__", ".")).write_text(text, "utf-8")
    done = run([root / "run_autograder"], root, AUTOGRADER_ROOT=root)
    assert done.returncode == 0, done.stderr
    return json.loads((root / "results" / "results.json").read_text("utf-8")), done


def test_gradescope_installs_grades_and_shows_a_row_for_a_unit(tmp_path, rubric):
    root = autograder(tmp_path, f"--rubric={rubric}", "--leaderboard")
    assert "install --yes --no-install-recommends bubblewrap" in (tmp_path / "apt").read_text()
    installed = (tmp_path / "pip").read_text()
    assert f"--requirement {root}/source/requirements.txt" in installed
    assert f"--no-deps {root}/source/{wheel.FILE}" in installed
    (root / "submission_metadata.json").write_text(json.dumps(LATE), "utf-8")
    result, done = graded_by(root, relu__py=WRONG)
    assert "RELU-20 failed" in done.stdout  # for the instructor
    (test,) = result["tests"]
    assert (test["name"], test["status"], test["max_score"]) == ("ReLU", "failed", 1.0)
    assert result["score"] == pytest.approx(test["score"])
    assert 0 < test["score"] < 1
    assert "### RELU-20" in test["output"]
    assert "forward: 2 of 2" in test["output"]
    assert result["leaderboard"] == [{"name": "points", "value": result["score"], "order": "desc"}]
    assert result["extra_data"]["late_seconds"] == 3630
    assert result["output"].startswith("Handed in 1:00:30 after the due date.")
    assert str(root) not in json.dumps(result)


def test_gradescope_hides_what_is_to_be_hidden_and_points_add_up(tmp_path, rubric):
    hidden = "--visibility=backward=after_due_date"
    root = autograder(tmp_path, f"--rubric={rubric}", hidden, "--reveal=requirement")
    result, _ = graded_by(root, net__ipynb=book(WRONG, "print(1)"))
    names = {test["name"]: test["visibility"] for test in result["tests"]}
    shown = "ReLU (forward, hygiene, precision, robustness)"
    assert names == {shown: "visible", "ReLU (backward)": "after_due_date"}
    assert sum(test["max_score"] for test in result["tests"]) == pytest.approx(1.0)
    assert "was raised" not in json.dumps(result)
    assert result["tests"][0]["status"] == "passed"


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "neither a Python file nor a notebook"),
        ({"essay__docx": "x"}, "Nothing was graded"),
        ({"net__zip": "PK"}, "the archive was not opened"),
    ],
)
def test_gradescope_is_told_where_there_is_nothing_to_grade(tmp_path, rubric, files, says):
    root = autograder(tmp_path, f"--rubric={rubric}")
    result, _ = graded_by(root, **files)
    assert says in result["output"]
    assert "score" not in result


def test_where_the_autograder_fails_there_is_no_score(tmp_path, rubric):
    root = autograder(tmp_path, f"--rubric={rubric}")
    (root / "source" / "rubric.toml").write_text("nonsense", "utf-8")
    result, done = graded_by(root, relu__py=RIGHT)
    assert result["output"] == "The autograder failed. Your instructor can see why."
    assert "score" not in result
    assert "rubric" in done.stderr


def test_gradescope_gets_a_private_set(tmp_path, rubric):
    root = autograder(tmp_path, f"--rubric={rubric}", f"--golden={GOLDEN}")
    assert (root / "source" / "golden" / "relu.npz").exists()
    result, _ = graded_by(root, relu__py=RIGHT)
    assert result["score"] == 1.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("[]", None),
        ('{"created_at": "yesterday", "assignment": {"due_date": "today"}}', None),
        ('{"created_at": "2026-07-01T14:22:32-07:00", "assignment": {"due_date": null}}', 0),
        (json.dumps(LATE), 3630),
    ],
)
def test_what_gradescope_says_of_the_time_is_read_with_care(text, expected, tmp_path):
    from cnn_conformance.reports import lateness

    (tmp_path / "metadata.json").write_text(text, "utf-8")
    found = lateness.of_gradescope(tmp_path / "metadata.json")
    assert (found and found.late_seconds) == expected
    assert lateness.of_gradescope(tmp_path / "nowhere") is None


# --- GitHub --------------------------------------------------------------------------------------

RESULT = "conformance-report/cnn-conformance.json"


def steps(workflow):
    """Return the steps of a workflow's job that are shell, by id, with their environment."""
    read = yaml.safe_load(workflow.read_text("utf-8"))
    assert read[True] if True in read else read["on"]  # YAML 1.1 takes `on` for true
    assert read["permissions"] == {"contents": "read"}
    (job,) = read["jobs"].values()
    return {step["id"]: step for step in job["steps"] if "run" in step}


def run_steps(repository, found, bin_):
    """Run the steps after the installation as GitHub's runner does, a file of shell each."""
    program(bin_ / "cnn-conformance", PYTHON.replace('"$@"', '-m cnn_conformance "$@"'))
    summary = repository / "summary.md"
    done = {}
    for name in ("grade", "show"):
        script = repository / f"{name}.sh"
        script.write_text(found[name]["run"], "utf-8")
        done[name] = run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script],
            repository,
            PATH=f"{bin_}:{os.environ['PATH']}",
            GITHUB_STEP_SUMMARY=summary,
            **found[name].get("env", {}),
        )
    return done, summary


@pytest.fixture
def profile(tmp_path):
    """Return a profile that asks for ReLU only."""
    file = tmp_path / "only relu.toml"
    file.write_text('title = "ReLU"\nread = "nothing"\n[units]\nReLU = 1\n', "utf-8")
    return f"--profile={file}"


@pytest.mark.parametrize(("source", "status"), [(RIGHT, 0), (WRONG, 1)])
def test_a_classroom_s_repository_is_graded(tmp_path, profile, source, status):
    repository = deploy("github", tmp_path / "repo", profile, "--code=my code")
    (repository / "my code").mkdir()
    (repository / "my code" / "relu.py").write_text(source, "utf-8")
    found = steps(repository / ".github/workflows/classroom.yml")
    kit = repository / ".github/conformance"
    for word in re.findall(r"\.github/conformance/(\S+)", found["install"]["run"]):
        assert (kit / word).exists()
    done, summary = run_steps(repository, found, tmp_path / "bin")
    assert done["grade"].returncode == status, done["grade"].stderr
    assert done["show"].returncode == 0, done["show"].stderr
    assert "| ReLU |" in summary.read_text("utf-8")
    assert done["show"].stdout.count("::error title=RELU-20") == status
    assert json.loads((repository / "conformance-report/ctrf.json").read_text("utf-8"))["results"]


def test_each_workflow_is_called_what_it_is_and_the_documentation_says_so(tmp_path):
    folder = deploy("github", tmp_path) / ".github/workflows"
    names = {
        file.name: yaml.safe_load(file.read_text("utf-8"))["name"] for file in folder.iterdir()
    }
    assert len(names) == len(set(names.values())) == 2
    for page in ("deploy.md", "owners.md"):
        text = " ".join((ROOT / "docs" / page).read_text("utf-8").split())
        for file, name in names.items():
            assert f"`{file}`, *{name}*" in text


def test_a_library_s_known_deviations_are_no_failure_and_its_badge_says_so(tmp_path, profile):
    expected = tmp_path / "known.toml"
    repository = deploy("github", tmp_path / "repo", profile, "--code=relu.py")
    (repository / "relu.py").write_text(WRONG, "utf-8")
    found = steps(repository / ".github/workflows/conformance.yml")
    done, _ = run_steps(repository, found, tmp_path / "bin")
    badge = repository / "conformance-report" / "badge.json"
    assert done["grade"].returncode == 1
    shown = json.loads(badge.read_text("utf-8"))
    assert shown["schemaVersion"] == 1
    assert shown["message"].endswith("%")
    assert main(["expect", str(repository / RESULT), f"--out={expected}"]) == 0
    deploy("github", repository, profile, "--code=relu.py", f"--expect={expected}")
    done, _ = run_steps(repository, found, tmp_path / "bin")
    assert done["grade"].returncode == 0, done["grade"].stdout
    (repository / "relu.py").write_text("", "utf-8")
    done, _ = run_steps(repository, found, tmp_path / "bin")
    assert done["grade"].returncode == 1
    assert json.loads(badge.read_text("utf-8"))["color"] == "red"


# --- PrairieLearn --------------------------------------------------------------------------------


def question(tmp_path, *options):
    """Return the folder /grade of a job, as PrairieLearn makes it of a question."""
    course = deploy("prairielearn", tmp_path / "course", *options)
    root = tmp_path / "grade"
    (course / "questions/cnn/tests").rename(root.parent / "tests")
    root.mkdir()
    (root.parent / "tests").rename(root / "tests")
    (root / "student").mkdir()
    program(tmp_path / "bin" / "python", PYTHON)
    return course, root


def job(root, bin_):
    done = run(
        [root / "tests" / "run.sh"], "/", PATH=f"{bin_}:{os.environ['PATH']}", GRADE_ROOT=root
    )
    assert done.returncode == 0, done.stderr
    return json.loads((root / "results" / "results.json").read_text("utf-8"))


def test_prairielearn_grades_what_was_handed_in(tmp_path, rubric):
    course, root = question(tmp_path, f"--rubric={rubric}", "--image=course/cnn:1")
    info = json.loads((course / "questions/cnn/info.json").read_text("utf-8"))
    options = info["externalGradingOptions"]
    assert (info["type"], info["gradingMethod"]) == ("v3", "External")
    assert (options["image"], options["enabled"]) == ("course/cnn:1", True)
    assert options["timeout"] <= 600
    assert options["entrypoint"] == "/grade/tests/run.sh"
    page = (course / "questions/cnn/question.html").read_text("utf-8")
    (name,) = re.findall(r'file-names="([^"]+)"', page)
    with zipfile.ZipFile(root / "student" / name, "w") as archive:
        archive.writestr("my/relu.py", WRONG)
    result = job(root, tmp_path / "bin")
    assert result["gradable"] is True
    assert 0 < result["score"] < 1
    (test,) = result["tests"]
    assert test["points"] == pytest.approx(result["score"])
    assert "RELU-20 failed" in test["output"]
    with zipfile.ZipFile(root / "student" / name, "w") as archive:
        archive.writestr("my/relu.py", RIGHT)
    assert job(root, tmp_path / "bin")["score"] == 1.0


def test_prairielearn_takes_no_attempt_for_what_cannot_be_graded(tmp_path, rubric):
    _, root = question(tmp_path, f"--rubric={rubric}")
    (root / "student" / "cnn.zip").write_bytes(b"no zip")
    result = job(root, tmp_path / "bin")
    assert result["gradable"] is False
    assert "the archive was not opened" in result["format_errors"][0]


# --- Docker --------------------------------------------------------------------------------------


def instructions(file):
    text = re.sub(r"\\\n", " ", file.read_text("utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [tuple(line.strip().split(" ", 1)) for line in lines]


@pytest.mark.parametrize("target", ["docker", "prairielearn"])
def test_an_image_has_what_it_copies_and_is_run_as_a_user(tmp_path, rubric, target):
    out = deploy(target, tmp_path, f"--rubric={rubric}", f"--golden={GOLDEN}")
    folder = out if target == "docker" else out / "image"
    found = instructions(folder / "Dockerfile")
    assert found[0] == ("FROM", f"python:{command.PYTHON}-slim-bookworm")
    copied = [word for name, words in found if name == "COPY" for word in words.split()[:-1]]
    assert {wheel.FILE, "requirements.txt"} <= set(copied)
    for word in copied:
        assert (folder / word).exists()
    assert any("bubblewrap" in words for name, words in found if name == "RUN")
    assert (("USER", "grader") in found) == (target == "docker")
    assert "HEALTHCHECK" in dict(found)
    if target == "docker":
        assert "golden" in copied
        ignored = (folder / ".dockerignore").read_text("utf-8").split()
        assert {f"!{name}" for name in copied if not name.endswith(".whl")} <= set(ignored)
    else:
        assert "golden" not in copied


def test_the_image_s_commands_work(tmp_path, profile):
    out = deploy("docker", tmp_path / "image", profile, "--reveal=diagnosis")
    found = dict(instructions(out / "Dockerfile"))
    health = json.loads(found["HEALTHCHECK"].partition("CMD ")[2])
    usual = [*json.loads(found["ENTRYPOINT"]), *json.loads(found["CMD"])]
    assert usual[:3] == ["cnn-conformance", "grade", "/submission"]
    (tmp_path / "relu.py").write_text(RIGHT, "utf-8")
    places = {"/submission": tmp_path / "relu.py", "/opt/conformance": out, "/out": tmp_path / "o"}
    for place, real in places.items():
        usual = [word.replace(place, str(real)) for word in usual]
    for words in (health, usual):
        done = run([sys.executable, "-m", "cnn_conformance", *words[1:]], ROOT)
        assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "o" / "report.html").exists()


# --- nbgrader ------------------------------------------------------------------------------------

METADATA = {  # https://github.com/jupyter/nbgrader/blob/main/nbgrader/nbgraderformat/v3.json
    "type": "object",
    "required": ["schema_version", "grade", "locked", "solution"],
    "additionalProperties": False,
    "properties": {
        "schema_version": {"const": 3},
        **{name: {"type": "boolean"} for name in ("grade", "locked", "solution", "task")},
        "grade_id": {"type": "string", "pattern": "^[a-zA-Z0-9_\\-]+$"},
        "points": {"type": "number", "minimum": 0},
    },
}


def test_the_assignment_has_the_metadata_that_nbgrader_asks_for(tmp_path):
    out = deploy("nbgrader", tmp_path)
    made = json.loads((out / "source/cnn/cnn.ipynb").read_text("utf-8"))
    told = [cell["metadata"]["nbgrader"] for cell in made["cells"]]
    for each in told:
        jsonschema.validate(each, METADATA)
        assert ("points" in each) == each["grade"]
    ids = [each["grade_id"] for each in told]
    assert len(set(ids)) == len(ids)
    for cell, each in zip(made["cells"], told, strict=True):
        assert cell["cell_type"] == "code" or not each["grade"]
    points = sum(each.get("points", 0) for each in told)
    assert points == pytest.approx(95)  # all but Network's
    assert "golden" not in json.dumps(made)


def test_the_assignment_is_graded_as_nothing_written_yet(tmp_path):
    out = deploy("nbgrader", tmp_path)
    graded = grade(out / "source/cnn/cnn.ipynb", "ReLU", isolation="process")
    assert set(graded.outcomes.values()) == {"not-started"}


def test_the_assignment_solved_is_right_and_its_cells_say_so(tmp_path):
    text = notebook.book(otter.solutions())
    (tmp_path / "cnn.ipynb").write_text(text, "utf-8")
    assert not grade(tmp_path / "cnn.ipynb", isolation="process").not_passed
    names = {"__name__": "__main__"}
    for cell in json.loads(text)["cells"]:
        source = "".join(cell["source"])
        told = cell["metadata"]["nbgrader"]
        if cell["cell_type"] == "code" and told["grade_id"].lower().startswith(
            ("setup", "given", "relu", "flatten")
        ):
            exec(source, names)
            if told["grade"]:  # what the last line shows is nbgrader's partial credit
                assert eval(source.splitlines()[-1], names) == told["points"]


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["github", f"--golden={GOLDEN}"], "a private set does not stay private there"),
        (["nbgrader", f"--golden={GOLDEN}"], "a private set does not stay private there"),
        (["docker", "--leaderboard"], "are for gradescope"),
        (["gradescope", "--visibility=never"], "expected one of visible, hidden"),
        (["gradescope", "--visibility=Conv3D=hidden"], "neither a requirement nor a unit"),
        (["gradescope", "--golden=/nowhere"], "/nowhere"),
        (["gradescope", "--rubric=/nowhere"], "/nowhere"),
        (["gradescope", "--profile=nothing"], "nothing"),
        (["docker", "--expect=x.toml"], "--expect is for github"),
        (["github", "--expect=/nowhere"], "--expect: /nowhere"),
        (["gradscope"], "invalid choice: 'gradscope'"),
    ],
)
def test_what_a_system_cannot_have_is_refused_before_anything_is_written(
    words, says, tmp_path, capsys
):
    try:
        status = main(["deploy", *words, f"--out={tmp_path / 'out'}"])
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_first_rule_that_is_there_decides_what_is_visible():
    rules = gradescope.rules(["hidden", "forward=visible", "ReLU=after_published", "RELU-1=hidden"])
    requirement = {"id": "RELU-1", "unit": "ReLU", "aspect": "forward"}
    found = []
    for name in ("RELU-1", "ReLU", "forward", None):
        found.append(gradescope._visible(requirement, {"*": "visible", **rules}))
        rules.pop(name, None)
    assert found == ["hidden", "after_published", "visible", "hidden"]


def test_a_submission_that_hangs_costs_itself_alone(tmp_path, rubric):
    root = autograder(tmp_path, f"--rubric={rubric}")
    result, _ = graded_by(root, relu__py=HANGS)
    assert result["score"] < 1
