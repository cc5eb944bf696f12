"""The order of the house: one stem for a unit, who imports whom, who names which requirement."""

import ast
import tomllib
from dataclasses import replace
from graphlib import TopologicalSorter

import pytest

from cnn_conformance.checks import registry
from cnn_conformance.checks.registry import BadManifest, Checks, audit, audit_cases, manifest
from cnn_conformance.grading import rubric
from cnn_conformance.grading.rubric import BadRubric
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.specification import BadSpecification, parse
from tests import ROOT

REQUIREMENTS = specification.requirements()
TABLES = {p.stem: tomllib.loads(p.read_text("utf-8")) for p in ROOT.glob("fixtures/*.toml")}
FUNCTIONS = {"fit", "evaluate", "predict"}  # they share the stem "training"
CLASSES = [unit for unit in specification.units() if unit not in {*FUNCTIONS, "Network"}]


# --- requirements, checks, cases --------------------------------------------------------------


def test_every_requirement_has_a_check_and_every_check_a_requirement():
    assert audit(manifest(), REQUIREMENTS) == []
    assert {check.requirement for check in manifest().values()} == set(REQUIREMENTS)


def test_a_requirement_without_a_check_is_named():
    known = {**REQUIREMENTS, "CONV2D-99": None}
    assert audit(manifest(), known) == ["CONV2D-99 of SPEC.md has no check"]


def test_a_check_without_a_requirement_is_named():
    key, check = next(iter(manifest().items()))
    checks = {**manifest(), key: replace(check, requirement="CONV2D-98")}
    assert f"{key} names the requirement CONV2D-98, which SPEC.md does not have" in audit(
        checks, REQUIREMENTS
    )


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({"case": [{"id": "a"}]}, "the case a of x.toml names no requirement"),
        ({"case": [{"id": "a", "requirement": {}}]}, "the case a of x.toml names no requirement"),
        (
            {"case": [{"id": "a", "requirement": {"y": "X-9"}}]},
            "the case a of x.toml names X-9, which SPEC.md does not have",
        ),
        (
            {"error": [{"id": "a", "requirement": "X-9"}]},
            "the error a of x.toml names X-9, which SPEC.md does not have",
        ),
        (
            {"case": [{"id": "a", "requirement": {"typo": "X-1"}}]},
            "the case a of x.toml names X-1, which no check decides there",
        ),
        ({"law": [{"id": "a", "requirement": "X-1"}] * 2}, "x.toml has the law a twice"),
    ],
)
def test_a_case_that_is_not_judged_is_named(table, complaint):
    assert complaint in audit_cases("x", table, [], {"X-1"})


@pytest.mark.parametrize("stem", sorted(TABLES))
def test_every_case_names_requirements_that_are_decided(stem):
    checks = [check for check in manifest().values() if check.stem == stem]
    assert audit_cases(stem, TABLES[stem], checks, REQUIREMENTS) == []


def test_an_inconsistent_suite_has_no_manifest(monkeypatch):
    monkeypatch.setattr(registry.specification, "requirements", lambda: {"CONV2D-99": None})
    with pytest.raises(BadManifest, match=r"CONV2D-99 of SPEC\.md has no check"):
        manifest.__wrapped__()


def test_checks_of_a_stem_without_fixtures_are_a_mistake():
    with pytest.raises(FileNotFoundError):
        Checks("no-such-stem")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("## U\n- **U-1** (forward) A.\n- **U-1** (forward) B.", "U-1 occurs twice"),
        ("## U\n- **V-1** (forward) A.", "V-1 stands in the section U"),
        ("## U\n- **U-1** (sideways) A.", "unknown aspect sideways"),
        ("## U\n- **U-1** A.", "not of the form"),
        ("## U\n- **U1** (forward) A.", "not of the form"),
        ("- **U-1** (forward) A.", "stands in the section"),
    ],
)
def test_a_line_of_the_specification_that_is_wrong_is_refused(text, says):
    with pytest.raises(BadSpecification, match=says):
        parse(text)


def test_a_requirement_is_of_its_units_profile_unless_it_is_marked():
    core, extended = parse("## U\n- **U-1** (forward) A.\n- **U-2** (backward, extended) B.")
    assert (core.profile, extended.profile) == ("core", "extended")
    assert parse("## ELU\n- **ELU-1** (forward) A.")[0].profile == "extended"
    assert (extended.aspect, extended.sentence) == ("backward", "B.")


def test_a_sentence_may_go_over_several_lines():
    (one,) = parse("## U\n- **U-1** (forward) A\n  b\n  c.\n\nText.")
    assert (one.id, one.unit, one.aspect, one.sentence) == ("U-1", "U", "forward", "A b c.")


# --- one stem ---------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", CLASSES)
@pytest.mark.parametrize(
    "place",
    [
        "reference/{}.py",
        "student_template/{}.py",
        "fixtures/{}.toml",
        "fixtures/{}.npz",
        "conformance/test_{}.py",
    ],
)
def test_a_unit_has_one_stem_in_every_folder(unit, place):
    assert (ROOT / place.format(unit.lower())).is_file()


@pytest.mark.parametrize("folder", ["reference", "student_template"])
@pytest.mark.parametrize("unit", [*CLASSES, *sorted(FUNCTIONS)])
def test_a_unit_is_defined_in_the_file_of_its_stem(folder, unit):
    stem = "training" if unit in FUNCTIONS else unit.lower()
    tree = ast.parse((ROOT / folder / f"{stem}.py").read_text("utf-8"))
    assert unit in {n.name for n in tree.body if isinstance(n, (ast.ClassDef, ast.FunctionDef))}


def test_fixtures_and_checks_have_the_same_stems():
    stems = {path.stem.removeprefix("test_") for path in ROOT.glob("conformance/test_*.py")}
    assert stems == set(TABLES) == {path.stem for path in ROOT.glob("fixtures/*.npz")}
    assert stems == {unit.lower() for unit in CLASSES} | {"training", "network"}


# --- who imports whom -------------------------------------------------------------------------


def imported(path):
    """Return the packages that a file imports, wherever it does so."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.partition(".")[0]


def sources(*patterns):
    """Return the files of patterns, without what an environment in the clone holds."""
    found = [p for pattern in patterns for p in sorted(ROOT.glob(pattern)) if p.is_file()]
    return [p for p in found if not p.relative_to(ROOT).parts[0].startswith(".")]


def foreign(path):
    """Return what a file imports beside the standard library and its own package."""
    import sys

    own = {path.relative_to(ROOT).parts[0], *(p.stem for p in path.parent.glob("*.py"))}
    return set(imported(path)) - sys.stdlib_module_names - own


@pytest.mark.parametrize("path", sources("reference/**/*.py"), ids=lambda p: p.stem)
def test_the_reference_imports_numpy_and_scipy_only(path):
    extras = {
        "plots": {"matplotlib"},
        "__main__": {"matplotlib"},
        "model": {"tqdm"},
        "image_folder": {"PIL"},
        "mnist": {"pooch"},
    }.get(path.stem, set())
    assert foreign(path) <= {"numpy", "scipy"} | extras


@pytest.mark.parametrize("path", sources("student_template/**/*.py"), ids=lambda p: p.stem)
def test_the_template_imports_numpy_only(path):
    assert foreign(path) <= {"numpy"}


def test_no_verdict_depends_on_the_reference():
    places = sources("cnn_conformance/**/*.py")
    users = {p.relative_to(ROOT).parts[1] for p in places if "reference" in set(imported(p))}
    assert users <= {"mistakes"}


def test_only_the_generator_tests_and_examples_import_torch():
    places = sources("**/*.py")
    users = {p.relative_to(ROOT) for p in places if "torch" in set(imported(p))}
    allowed = ("tests", "examples", "benchmarks")
    others = {path.as_posix() for path in users if path.parts[0] not in allowed}
    assert "fixtures/oracles.py" in others
    assert {path.rpartition("/")[0] for path in others} == {"fixtures"}


@pytest.mark.parametrize(
    "module", ["blame", "careful_reading", "host", "loading", "probes", "wire", "worker"]
)
def test_what_runs_beside_the_implementation_knows_no_answers(module):
    tree = ast.parse((ROOT / f"cnn_conformance/implementation/{module}.py").read_text("utf-8"))
    names = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    for secret in ("oracle", "checks", "grading", "reports", "mistakes"):
        assert not any(name.startswith(f"cnn_conformance.{secret}") for name in names if name)


# --- command lines ----------------------------------------------------------------------------


def makes_a_parser(call, parsers):
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    return name in parsers


@pytest.mark.parametrize(
    "path",
    [p for p in sources("**/*.py") if "argparse" in p.read_text("utf-8")],
    ids=lambda p: p.relative_to(ROOT).as_posix(),
)
def test_no_command_takes_an_abbreviated_option_for_another(path):
    tree = ast.parse(path.read_text("utf-8"))
    parsers = {"ArgumentParser", "add_parser"} | {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any("ArgumentParser" in ast.unparse(base) for base in node.bases)
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and makes_a_parser(call, parsers):
            given = {word.arg: ast.unparse(word.value) for word in call.keywords}
            assert given.get("allow_abbrev") == "False", f"line {call.lineno}"


# --- points -----------------------------------------------------------------------------------


def test_the_points_of_the_units_add_up_to_a_hundred():
    worth = rubric.points()
    assert sum(worth.values()) == pytest.approx(100, abs=1e-9)
    assert all(points > 0 for points in worth.values())


@pytest.mark.parametrize("unit", specification.units())
def test_forward_and_backward_carry_a_unit_and_robustness_little(unit):
    worth = rubric.points(profile="full")
    of = dict.fromkeys(specification.ASPECTS, 0.0)
    for r in REQUIREMENTS.values():
        if r.unit == unit:
            of[r.aspect] += worth[r.id]
    total = sum(of.values())
    assert of["forward"] + of["backward"] >= 0.8 * total
    assert of["robustness"] <= 0.05 * total * (1 + 1e-9)


GOOD = "[units]\nConv2D = 1\n[aspects]\nforward = 1\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD + "[units]\n", "rubric.toml: "),
        ("units = 3\n[aspects]\n", "units is 3, expected a table"),
        ("[units]\nConv3D = 1\n[aspects]\n", "names Conv3D, which SPEC.md does not have"),
        ("[units]\n[aspects]\nbeauty = 1\n", "names beauty"),
        (GOOD + "[requirements]\nCONV2D-999 = 1\n", "names CONV2D-999"),
        ("[units]\nConv2D = -1\n[aspects]\n", "Conv2D is -1, expected a number >= 0"),
        ("[units]\nConv2D = nan\n[aspects]\n", "Conv2D is nan"),
        ("[units]\nConv2D = inf\n[aspects]\n", "Conv2D is inf"),
        ("[units]\nConv2D = true\n[aspects]\n", "Conv2D is True"),
        ("[units]\nConv2D = 'x'\n[aspects]\n", "Conv2D is 'x'"),
        ("", "expected a table"),
        ("[unit]\n", "there is no table unit; did you mean units?"),
        (b"\xff\xfe", "rubric.toml: "),
        (None, "No such file"),
    ],
)
def test_a_rubric_that_cannot_be_used_is_refused_in_one_line(tmp_path, text, says):
    path = tmp_path / "rubric.toml"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadRubric, match=says) as refused:
        rubric.points(path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_rubric_of_ones_own_decides_the_points(tmp_path):
    path = tmp_path / "rubric.toml"
    path.write_text(GOOD + "[requirements]\nCONV2D-1 = 3\n")
    worth = rubric.points(path)
    assert sum(worth.values()) == pytest.approx(1)
    assert worth["CONV2D-1"] == pytest.approx(3 * worth["CONV2D-2"])
    assert worth["CONV2D-40"] == 0
    assert "DENSE-1" not in worth


# --- who imports whom ---------------------------------------------------------------------------


def parts_of(path):
    """Return which parts of the package a file imports, at its top or within a function."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cnn_conformance"):
            _, *rest = node.module.split(".")
            yield from [rest[0]] if rest else [alias.name for alias in node.names]


def test_no_part_of_the_package_is_imported_by_one_that_it_imports():
    graph = {}
    for path in sources("cnn_conformance/**/*.py"):
        first, *_ = path.relative_to(ROOT / "cnn_conformance").parts
        if first not in ("reference", "suite", "fixtures"):
            graph.setdefault(first.removesuffix(".py"), set()).update(parts_of(path))
    graph = {part: needed - {part} for part, needed in graph.items()}
    tuple(TopologicalSorter(graph).static_order())  # raises CycleError, which says the way round


def test_a_wrong_answer_goes_through_the_diagnosis_without_returning():
    graph = {}
    for path in sources("cnn_conformance/diagnosis/*.py"):
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        froms = [node for node in nodes if isinstance(node, ast.ImportFrom)]
        graph[path.stem] = {
            alias.name if node.module.endswith(".diagnosis") else node.module.rpartition(".")[2]
            for node in froms
            for alias in node.names
            if "cnn_conformance.diagnosis" in (node.module or "")
        }
    tuple(TopologicalSorter(graph).static_order())
