"""Implementations in `correct/` that are right, each in a style of its own: none may lose a point.

Every file was written from the contract, not from the reference. What they have in common, where
their style does not concern it, is in `correct/plain.py`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from cnn_conformance.grading import document, rubric
from cnn_conformance.grading.grader import Grader
from cnn_conformance.implementation.limits import Limits
from cnn_conformance.implementation.remote import Implementation
from cnn_conformance.locations import GOLDEN
from cnn_conformance.oracle import specification
from cnn_conformance.oracle.cases import fixtures
from cnn_conformance.outcomes import Outcome

FOLDER = Path(__file__).parent / "correct"
HELPERS = {"plain.py", "functional_library.py"}
IN_PROCESS = [
    "a_package",
    "channels_last.py",
    "einsum_windows.py",
    "fft_convolution.py",
    "float64_inside.py",
    "fortran_order.py",
    "functional_adapter.py",
    "im2col_fancy.py",
    "params_property.py",
    "tape.py",
    "views_and_buffers.py",
    "winograd.py",
]
IN_A_WORKER = ["flat_vector.py", "loose_files", "odd_objects.py", "seven_loops.py"]
WITH_LIBRARIES = {"scipy": "one_sparse_matrix.py", "torch": "with_torch.py", "jax": "with_jax.py"}
INCOMPLETE = ["square_only.py", "without_biases.py"]
COMPLETE = [
    *IN_PROCESS,
    *IN_A_WORKER,
    *(
        pytest.param(name, marks=getattr(pytest.mark, library))
        for library, name in WITH_LIBRARIES.items()
    ),
]
EXTENDED = [
    "activations_by_hand.py",
    "convolution_by_index.py",
    "convolution_by_loops.py",
    "kernel_with_zeros.py",
    "optimizers_by_array.py",
    "optimizers_by_hand.py",
    "pooling_by_loops.py",
    "recurrent_by_hand.py",
    "recurrent_concatenated.py",
    "statistics_by_hand.py",
    "statistics_one_pass.py",
    "statistics_step_by_step.py",
]
EXTENDED_WITH_SCIPY = "with_scipy.py"
ALL_UNITS = frozenset(r.unit for r in specification.of_profile("core").values()) - {"Network"}
MOST_OF_THE_TOLERANCE = 0.5
MOST_SECONDS = 15.0
PRECISION = {"60": "float64", "61": "float32"}  # the requirements of precision, in every unit


@dataclass(frozen=True)
class Graded:
    """What came of grading one implementation."""

    grader: Grader
    document: dict
    seconds: float

    def largest_shares(self):
        """Return the largest share of the tolerance that was used, by dtype."""
        shares = dict.fromkeys(PRECISION.values(), 0.0)
        for requirement in self.document["requirements"]:
            dtype = PRECISION.get(requirement["id"].rsplit("-", 1)[1])
            for case in requirement["cases"] if dtype else ():
                shares[dtype] = max(shares[dtype], case.get("share_of_tolerance", 0.0))
        return shares


@cache
def graded(name, profile="core"):
    """Grade an implementation, once."""
    worth = rubric.points(profile=profile)
    worker = name in [*IN_A_WORKER, *WITH_LIBRARIES.values()]
    limits = Limits(run=600.0)
    started = time.monotonic()
    implementation = Implementation(
        str(FOLDER / name), specification.units(), "process" if worker else "none", limits
    )
    try:
        grader = Grader(implementation, fixtures(GOLDEN))
        grader.run_all(worth)
    finally:
        implementation.end()
    seconds = time.monotonic() - started
    return Graded(grader, document.build(grader, worth), seconds)


def not_among(result, *outcomes):
    return [
        f"{case.outcome} {case.key}: {case.message}"
        for case in result.grader.results.values()
        if case.outcome not in outcomes
    ]


@pytest.mark.parametrize("name", COMPLETE)
def test_a_correct_implementation_loses_nothing(name, record_property):
    result = graded(name)
    record_property("seconds", result.seconds)
    assert not_among(result, Outcome.PASSED) == []
    assert result.document["points"] == result.document["max_points"]
    assert result.document["problems"] == []


@pytest.mark.parametrize(
    "name", [*EXTENDED, pytest.param(EXTENDED_WITH_SCIPY, marks=pytest.mark.scipy)]
)
def test_correct_units_of_the_extended_profile_lose_nothing(name):
    result = graded(name, "extended")
    assert not_among(result, Outcome.PASSED, Outcome.MISSING) == []
    there = result.grader.implementation.units
    units = [unit for unit in result.document["units"] if unit["unit"] in there]
    assert units
    assert [unit["unit"] for unit in units if unit["points"] < unit["max_points"]] == []
    for dtype, share in result.largest_shares().items():
        assert 0 < share < MOST_OF_THE_TOLERANCE, dtype


@pytest.mark.parametrize("name", INCOMPLETE)
def test_what_is_unsupported_is_all_that_is_lost(name):
    result = graded(name)
    assert not_among(result, Outcome.PASSED, Outcome.UNSUPPORTED) == []
    assert 0.75 < result.document["points"] / result.document["max_points"] < 1


@pytest.mark.parametrize("name", INCOMPLETE)
def test_every_aspect_can_be_judged_without_what_is_unsupported(name):
    for unit in graded(name).document["units"]:
        for aspect, part in unit["aspects"].items():
            assert part["points"] > 0, f"{unit['unit']}, {aspect}"


@pytest.mark.parametrize("name", [*COMPLETE, *INCOMPLETE])
def test_a_correct_implementation_uses_less_than_half_of_the_tolerance(name, record_property):
    for dtype, share in graded(name).largest_shares().items():
        record_property(f"share_{dtype}", share)
        assert 0 < share < MOST_OF_THE_TOLERANCE, dtype


def test_pure_python_loops_are_graded_in_time():
    assert graded("seven_loops.py").seconds < MOST_SECONDS


def loaded(target):
    """Return the units and the problems of an implementation, imported in a worker."""
    implementation = Implementation(str(target), specification.units())
    implementation.end()
    return implementation.units & ALL_UNITS, implementation.problems


def test_files_beside_an_empty_init_are_looked_through(tmp_path):
    for path in (FOLDER / "loose_files").glob("*.py"):
        text = path.read_text().replace("from common import", "from .common import")
        (tmp_path / path.name).write_text(text)
    (tmp_path / "__init__.py").touch()
    assert loaded(tmp_path) == (ALL_UNITS, [])


def test_a_name_that_cannot_be_made_costs_no_other(tmp_path):
    (tmp_path / "lazy.py").write_text(
        "def __getattr__(name):\n"
        "    if name == 'MSE':\n"
        "        raise ImportError('its library is absent')\n"
        "    return dict\n"
    )
    units, problems = loaded(tmp_path / "lazy.py")
    assert units == ALL_UNITS - {"MSE"}
    assert [problem.rpartition(": ")[2] for problem in problems] == ["its library is absent"]
    assert loaded(tmp_path)[0] == units


def test_every_file_is_graded():
    there = {path.name for path in FOLDER.iterdir() if not path.name.startswith((".", "__"))}
    named = {*IN_PROCESS, *IN_A_WORKER, *WITH_LIBRARIES.values(), *INCOMPLETE, *HELPERS}
    assert there == named | {*EXTENDED, EXTENDED_WITH_SCIPY}
