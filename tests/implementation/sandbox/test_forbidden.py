"""What a rubric forbids is not there: which files that hides, and what is left to a worker."""

import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from cnn_conformance.grading import rubric
from cnn_conformance.implementation import sandbox
from cnn_conformance.implementation.imports import CLOSED, Policy
from cnn_conformance.implementation.sandbox import Sandbox, installed, seccomp, visible_paths
from cnn_conformance.locations import PACKAGE, REFERENCE
from cnn_conformance.outcomes import NotPassed
from cnn_conformance.reports import phrases
from tests.grade import grade, loaded
from tests.implementation import CONFINED, forward

ROOT = PACKAGE.parent
IS_CLONE = (ROOT / "conformance" / "SPEC.md").exists()
NO_PROCESSES = Policy(forbidden=("subprocess",))


def lay_out(folder, *names):
    """Make files, and folders for names that end in a slash."""
    for name in names:
        place = folder / name
        (place if name.endswith("/") else place.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            place.write_text("", "utf-8")
    return folder


@pytest.fixture
def run(relu):
    """Import a submission with some lines at its top and in forward, and call that."""

    def called(top="", lines="pass", level="process", policy=CLOSED):
        implementation = relu(lines, level, top, policy=policy)
        if not implementation.problems:
            forward(implementation)
        return implementation.problems, implementation.prints()

    return called


def hidden(entry, *modules, kept=()):
    return {str(p.relative_to(entry)) for p in installed.provides(entry, modules, kept)}


# --- what provides a module -------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "torch/__init__.py",
        "torch.py",
        "torch.pyc",
        "torch.abi3.so",
        "torch.cpython-311-x86_64-linux-gnu.so",
        "torch.libs/libtorch.so",
        "__pycache__/torch.cpython-311.pyc",
    ],
)
def test_a_module_is_hidden_in_every_form_that_python_imports(tmp_path, name):
    lay_out(tmp_path, name, "torch.py", "numpy/__init__.py", "torchaudio/__init__.py")
    place = name.removesuffix("/__init__.py").removesuffix("/libtorch.so")
    assert hidden(tmp_path, "torch") == {"torch.py", place}


@pytest.mark.parametrize("listing", ["RECORD", "top_level.txt"])
@pytest.mark.parametrize("label", ["opencv_python-4.9.dist-info", "cv2-4.9.egg-info"])
def test_what_was_installed_with_a_module_is_hidden_too(tmp_path, listing, label):
    names = ("cv2/__init__.py", "cv2_tools/__init__.py", "cv2_one.py")
    lay_out(tmp_path, *names, "other/__init__.py", "other-1.dist-info/RECORD", f"{label}/METADATA")
    tops = [name.partition("/")[0].removesuffix(".py") for name in names]
    lines = tops if listing == "top_level.txt" else [f"{name},," for name in names]
    text = "\n".join([*lines, "cv2.pth,," if listing == "RECORD" else "", "../../bin/cv,,", ""])
    (tmp_path / label / listing).write_text(text, "utf-8")
    assert hidden(tmp_path, "cv2") == {"cv2", "cv2_tools", "cv2_one.py", label}


def test_a_distribution_is_hidden_by_its_own_name_too(tmp_path):
    lay_out(tmp_path, "scikit_learn-1.dist-info/", "sklearn/__init__.py")
    (tmp_path / "scikit_learn-1.dist-info" / "RECORD").write_text("sklearn/__init__.py,,\n")
    assert hidden(tmp_path, "scikit_learn") == {"scikit_learn-1.dist-info", "sklearn"}


def test_what_computes_for_a_module_goes_with_it(tmp_path):
    lay_out(tmp_path, "jax/__init__.py", "jaxlib/__init__.py", "jaxlib-1.dist-info/RECORD")
    assert hidden(tmp_path, "jax") == {"jax", "jaxlib", "jaxlib-1.dist-info"}


def test_what_is_allowed_or_shared_with_others_stays(tmp_path):
    lay_out(tmp_path, "pylab.py", "matplotlib/__init__.py", "google/x.py", "m-1.dist-info/")
    record = "pylab.py,,\nmatplotlib/__init__.py,,\ngoogle/x.py,,\n"
    (tmp_path / "m-1.dist-info" / "RECORD").write_text(record)
    assert hidden(tmp_path, "pylab", kept=["matplotlib"]) == {"pylab.py", "m-1.dist-info"}


def test_of_a_package_a_part_can_be_hidden(tmp_path):
    lay_out(tmp_path, "scipy/signal/__init__.py", "scipy/__init__.py", "scipy/_lib/x.py")
    lay_out(tmp_path, "scipy/ndimage.py", "scipy/__pycache__/ndimage.cpython-311.pyc")
    assert hidden(tmp_path, "scipy.signal", "scipy.ndimage", "scipy.none.deeper") == {
        "scipy/signal",
        "scipy/ndimage.py",
        "scipy/__pycache__/ndimage.cpython-311.pyc",
    }


def test_a_link_to_a_module_does_not_leave_it_open(tmp_path, monkeypatch):
    entry = lay_out(tmp_path / "site-packages", "real/torch.py", "numpy/x.py")
    (entry / "torch").symlink_to(entry / "real")
    monkeypatch.syspath_prepend(entry)
    visible = visible_paths.visible("json", (), Policy(forbidden=("torch",)))
    assert visible.covers(entry / "numpy")
    assert not visible.covers(entry / "real" / "torch.py")
    assert [place for place in visible.covered() if entry in place.parents] == [entry / "real"]


def test_an_archive_on_the_path_is_looked_into(tmp_path):
    for name in ("torch/__init__.py", "torch.py", "harmless.py"):
        with zipfile.ZipFile(tmp_path / f"{name[0]}{len(name)}.zip", "w") as archive:
            archive.writestr(name, "")
    found = {p.name for p in tmp_path.iterdir() if installed.provides(p, ["torch"])}
    assert found == {"t17.zip", "t8.zip"}
    (tmp_path / "broken.egg").write_bytes(b"PK no archive")
    assert installed.provides(tmp_path / "broken.egg", ["torch"]) == set()
    assert installed.provides(tmp_path / "nowhere", ["torch"]) == set()


@pytest.mark.parametrize("name", ["subprocess", "ctypes", "pickle", "multiprocessing"])
def test_no_module_of_the_standard_library_is_hidden(name):
    assert visible_paths.visible("reference", (), Policy(forbidden=(name,))).hidden == (
        visible_paths.visible("reference", (), Policy()).hidden
    )


# --- the kit ----------------------------------------------------------------------------------


def test_the_part_of_the_kit_that_is_shown_is_what_a_worker_imports(run):
    lines = (
        "import cnn_conformance.adapt.probe  # as to draft an adapter\n"
        "print(*(n for n in sys.modules if n.startswith('cnn_conf')))"
    )
    names = run(lines=lines)[1].split()  # shorter than their files: only so much is kept of prints
    loaded = {Path(find_spec(name).origin) for name in names}
    shown = {PACKAGE / name for name in visible_paths.NEEDED}
    assert loaded
    assert {p for p in loaded if not any(q in shown for q in (p, *p.parents))} == set()
    assert {p for p in shown if not any(p in (q, *q.parents) for q in loaded)} == set()


def test_of_a_clone_only_what_is_not_the_kit_s_is_shown(tmp_path):
    kit = ("conformance/SPEC.md", "reference/dense.py", "fixtures/a.npz", ".git/HEAD", "tests/x.py")
    lay_out(tmp_path, *kit, "pyproject.toml", "my_net.py", "mine/dense.py")
    visible = visible_paths.visible(str(tmp_path / "my_net.py"))
    assert {name for name in kit if visible.covers(tmp_path / name)} == set()
    assert visible.covers(tmp_path / "my_net.py")
    assert visible.covers(tmp_path / "mine" / "dense.py")


@pytest.mark.parametrize("where", ["kit", "lib/kit"])
def test_a_clone_in_a_submission_is_hidden(tmp_path, where):
    lay_out(tmp_path, f"{where}/conformance/SPEC.md", f"{where}/reference/a.py", "net.py")
    visible = visible_paths.visible(str(tmp_path))
    assert visible.covers(tmp_path / "net.py")
    assert not visible.covers(tmp_path / where / "reference" / "a.py")


def test_an_older_version_that_is_installed_is_hidden(tmp_path, monkeypatch):
    entry = tmp_path / "site-packages"
    lay_out(entry, "conformance/SPEC.md", "reference/a.py", "cnn_conformance/x.py", "numpy/x.py")
    monkeypatch.syspath_prepend(entry)
    visible = visible_paths.visible(str(tmp_path / "none.py"))
    shown = {name for name in ("conformance", "reference", "numpy") if visible.covers(entry / name)}
    assert shown == {"numpy"}


@pytest.mark.parametrize("allowed", [(), ("reference",)])
def test_the_reference_is_shown_where_the_policy_does_not_forbid_it(allowed):
    policy = Policy(allowed=allowed, forbidden=() if allowed else ("reference",))
    assert visible_paths.visible("json", (), policy).covers(REFERENCE) is bool(allowed)


@pytest.mark.parametrize("level", CONFINED)
@pytest.mark.parametrize("name", ["reference", "cnn_conformance.reference"])
def test_a_rubric_that_allows_the_reference_lets_it_be_imported(run, level, name):
    if name == "reference" and not IS_CLONE:
        pytest.skip("a wheel has it in its package alone")
    line = f"from {name} import ReLU as Right"
    assert run(line, level=level, policy=Policy(allowed=("reference",)))[0] == []
    (problem,), _ = run(line, level=level)
    assert "reference may not be used here: the rubric's [imports] forbids it" in problem


@pytest.mark.parametrize("level", CONFINED)
@pytest.mark.parametrize(
    "target", [str(REFERENCE), str(PACKAGE / "reference"), "cnn_conformance.reference"]
)
def test_the_reference_itself_can_be_graded_by_any_of_its_names(level, target):
    implementation = loaded(target, level, ["Dense", "ReLU"], policy=CLOSED)
    assert (implementation.units, implementation.problems) == ({"Dense", "ReLU"}, [])


@pytest.mark.parametrize("what", ["", "dense.py"])
def test_a_link_of_a_submission_to_the_reference_is_not_the_reference(tmp_path, what):
    (tmp_path / "mine").symlink_to(REFERENCE / what)
    assert not visible_paths.visible(str(tmp_path / "mine")).covers(REFERENCE)


def test_a_module_of_the_submission_may_be_called_reference(run, tmp_path):
    lay_out(tmp_path, "submitted/reference.py")
    for level in ("process", *CONFINED):
        problems, said = run("import reference", "print(reference.__file__)", level)
        assert (problems, said.strip()) == ([], str(tmp_path / "submitted" / "reference.py"))


# --- what else is shown -----------------------------------------------------------------------


def test_beside_a_python_nothing_else_is_shown(tmp_path, monkeypatch):
    lay_out(tmp_path, "bin/python", "lib/python3.11/os.py", "pkgs/torch-2/lib/torch.py", "envs/x/")
    monkeypatch.setattr(visible_paths, "_prefixes", lambda: [tmp_path])
    visible = visible_paths.visible("json")
    shown = {p.name for p in tmp_path.iterdir() if visible.covers(p)}
    assert shown == {"bin", "lib"}


def test_a_link_out_of_a_home_is_not_followed(tmp_path, monkeypatch):
    monkeypatch.setattr(visible_paths, "_homes", lambda: [tmp_path / "home"])
    lay_out(tmp_path, "home/net.py", "home/part/x.py", "elsewhere/secret.py")
    (tmp_path / "home" / "out.py").symlink_to(tmp_path / "elsewhere" / "secret.py")
    (tmp_path / "home" / "also").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "home" / "within.py").symlink_to(tmp_path / "home" / "part" / "x.py")
    visible = visible_paths.visible(str(tmp_path / "home" / "net.py"))
    shown = {p.name for p in (*visible.shown, *visible.links) if tmp_path in p.parents}
    assert shown == {"net.py", "part", "within.py"}
    assert not visible.covers(tmp_path / "elsewhere" / "secret.py")


@pytest.mark.parametrize("level", CONFINED)
def test_a_link_that_a_submission_has_opens_nothing_else(run, tmp_path, level):
    lay_out(tmp_path, "outside/secret", "submitted/results/r.json")
    (tmp_path / "submitted" / "data").symlink_to(tmp_path / "outside")
    problems, _ = run(f"open({str(tmp_path / 'submitted/data/secret')!r})", level=level)
    assert len(problems) == 1


def test_where_nothing_can_be_denied_the_neighbours_are_allowed_one_by_one(tmp_path):
    lay_out(tmp_path, "a/secret/x", "a/b/y", "a/c", "d/z")
    visible = visible_paths.Visible(
        (tmp_path / "a", tmp_path / "d"), (), frozenset([tmp_path / "a/secret"])
    )
    readable, listable = visible.pieces()
    assert {p.relative_to(tmp_path).as_posix() for p in readable} == {"a/b", "a/c", "d"}
    assert listable == [tmp_path / "a"]


@pytest.mark.parametrize("level", CONFINED)
def test_thousands_of_neighbours_of_something_hidden_are_no_matter(
    run, tmp_path, monkeypatch, level
):
    entry = tmp_path / "site-packages"
    lay_out(entry, "torch.py", "fine.py", *(f"{'long' * 30}{k}.py" for k in range(1500)))
    monkeypatch.syspath_prepend(entry)
    policy = Policy(forbidden=("torch",))
    assert run("import fine", level=level, policy=policy)[0] == []


def test_a_home_that_is_on_the_path_is_no_library(tmp_path, monkeypatch):
    lay_out(tmp_path, "home/x-1.dist-info/RECORD", "home/diary.txt", "libs/x-1.dist-info/RECORD")
    lay_out(tmp_path, "libs/golden/a.npz", "libs/x.py")
    monkeypatch.setattr(visible_paths, "_homes", lambda: [tmp_path / "home"])
    for name in ("home", "libs"):
        monkeypatch.syspath_prepend(tmp_path / name)
    visible = visible_paths.visible("json", [tmp_path / "libs" / "golden"])
    assert not visible.covers(tmp_path / "home" / "diary.txt")
    assert visible.covers(tmp_path / "libs" / "x.py")
    assert not visible.covers(tmp_path / "libs" / "golden" / "a.npz")


# --- processes --------------------------------------------------------------------------------


@pytest.mark.parametrize("level", CONFINED)
def test_where_processes_are_forbidden_threads_and_numpy_work(run, level):
    lines = (
        "import threading, platform, concurrent.futures\n"
        "import numpy as np\n"
        "with concurrent.futures.ThreadPoolExecutor(3) as pool:\n"
        "    assert list(pool.map(abs, [-1, -2])) == [1, 2]\n"
        "platform.processor(), platform.uname()\n"
        "np.linalg.svd(np.ones((300, 300)))\n"
        "print('done')"
    )
    assert run("", lines, level, NO_PROCESSES) == ([], "done\n")


@pytest.mark.parametrize("level", CONFINED)
@pytest.mark.parametrize("name", sorted(sandbox.STARTERS))
def test_a_program_is_refused_with_an_error_of_python_s_own(run, level, name):
    if seccomp.program() is None:
        pytest.skip("the numbers of this machine's calls are not known")
    lines = (
        "import subprocess, types\n"
        "subprocess.sys = types.SimpleNamespace(**vars(sys) | {'audit': lambda *_: None})\n"
        "subprocess.run([sys.executable, '-c', ''])"
    )
    with pytest.raises(NotPassed, match="PermissionError"):
        run("", lines, level, Policy(forbidden=(name,)))


# --- refusals and reports ---------------------------------------------------------------------


@pytest.mark.parametrize("way", ["importlib.import_module", "__import__"])
def test_an_import_is_refused_in_every_way_of_asking(run, way):
    top = "import importlib, importlib.util\nassert importlib.util.find_spec('tabulate') is None\n"
    (problem,), _ = run(f"{top}{way}('tabulate')", policy=Policy(forbidden=("tabulate",)))
    assert "Error: " in problem
    assert "AssertionError" not in problem


def graded(level, policy, target="tabulate"):
    return grade(target, [], isolation=level, policy=policy).document


def test_what_a_mere_process_does_not_keep_away_is_said_in_every_report():
    found = graded("process", Policy(forbidden=("torch", "reference")))
    assert found["not_enforced"] == ["torch", "reference"]
    said = " ".join(phrases.states(found))
    assert "The import rules were not enforced: the rubric forbids torch, reference" in said
    assert "isolation process" in said
    assert "not enforced" not in " ".join(phrases.states(graded("process", Policy())))


@pytest.mark.parametrize("level", CONFINED)
def test_what_the_kernel_cannot_refuse_is_said_too(level):
    given = Policy(forbidden=("torch", "reference", "subprocess", "socket", "ctypes", "pickle"))
    assert Sandbox(level, "json", (), given).not_enforced() == ["ctypes", "pickle"]


def test_without_a_filter_of_calls_processes_are_not_enforced(monkeypatch):
    monkeypatch.setattr(seccomp, "program", lambda: None)
    assert Sandbox("landlock", "json", (), NO_PROCESSES).not_enforced() == ["subprocess"]


def test_a_reference_of_one_s_own_hides_no_warning(tmp_path):
    lay_out(tmp_path, "reference.py")
    assert loaded(tmp_path, policy=CLOSED).not_enforced() == ["reference"]
    assert loaded(REFERENCE, policy=CLOSED).not_enforced() == []


def test_the_default_rubric_forbids_the_reference():
    assert rubric.imports() == rubric.imports(rubric.DEFAULT)
    assert "reference" in rubric.imports().forbidden
    assert sys.stdlib_module_names.isdisjoint(rubric.imports().forbidden)
