"""Labels of every integer dtype: what only some dtypes get wrong is told from what all do."""

import numpy as np
import pytest

from cnn_conformance.checks.registry import manifest
from cnn_conformance.reference import clear
from tests.grade import FIXTURES, RIGHT, grade

DTYPES = {f"{kind}int{bits}" for kind in ("", "u") for bits in (8, 16, 32, 64)}
NUMBERS = {
    "SoftmaxCrossEntropy": ("SOFTMAXCROSSENTROPY-8", "SOFTMAXCROSSENTROPY-27"),
    "Hinge": ("HINGE-8", "HINGE-27"),
    "NLL": ("NLL-8", "NLL-27"),
    "Embedding": ("EMBEDDING-8", "EMBEDDING-27"),
    "fit": ("FIT-15",),
    "evaluate": ("EVALUATE-4",),
}
KEYS = {
    unit: [key for key, check in manifest().items() if check.requirement in numbers]
    for unit, numbers in NUMBERS.items()
}


def cases(stem):
    return [
        case for case in FIXTURES.unit(stem).cases.values() if "dtype" in str(case.table["inputs"])
    ]


def outcomes(unit, wrong):
    results = grade({unit: wrong}, KEYS[unit]).results
    return {key.partition("::test_")[2]: str(result.outcome) for key, result in results.items()}


def test_every_integer_dtype_has_a_case_or_is_what_all_other_cases_have():
    kinds = {case["target"].dtype.name for case in cases("softmaxcrossentropy")}
    assert kinds | {"int64"} == DTYPES
    assert {case["x"].dtype.name for case in cases("embedding")} == DTYPES - {"uint16"}
    assert FIXTURES.unit("softmaxcrossentropy").cases["indices"]["target"].dtype == np.int64


@pytest.mark.parametrize("stem", ["softmaxcrossentropy", "hinge", "nll", "training"])
def test_a_place_among_all_elements_is_beyond_a_dtype_of_8_bits(stem):
    found = [case for case in cases(stem) if case["target"].dtype.itemsize == 1]
    assert {case["target"].dtype.kind for case in found} == {"i", "u"}
    for case in found:
        samples = min(len(case["target"]), case.table.get("batch_size", len(case["target"])))
        last = (samples - 1) * (int(case["target"].max()) + 1)
        assert last > np.iinfo(case["target"].dtype).max


@pytest.mark.parametrize("unit", NUMBERS)
def test_right_code_passes(unit):
    assert set(outcomes(unit, RIGHT[unit]).values()) == {"passed"}


def test_what_is_wrong_for_int64_too_is_not_judged():
    class Negative(clear.SoftmaxCrossEntropy):
        def forward(self, logits, target):
            return -super().forward(logits, target)

    came = outcomes("SoftmaxCrossEntropy", Negative)
    assert {came[key] for key in came if key.startswith("loss")} == {"blocked"}
    assert {came[key] for key in came if key.startswith("dlogits")} == {"passed"}


def test_a_loop_without_accuracy_for_unsigned_labels_fails_there_only():
    def fit(model, loss, optimizer, x, y, **options):
        history = RIGHT["fit"](model, loss, optimizer, x, y, **options)
        return {"loss": history["loss"]} if y.dtype.kind == "u" else history

    came = outcomes("fit", fit)
    assert {key for key in came if came[key] == "failed"} == {
        "accuracies_for_any_dtype[labels-uint8]",
        "accuracies_for_any_dtype[labels-uint64]",
    }
    assert {came[key] for key in came if "accuracies" not in key} == {"passed"}


@pytest.mark.parametrize(
    ("wrong_for", "where"),
    [
        (lambda dtype: dtype.kind == "u", "the labels are unsigned"),
        (lambda dtype: dtype.itemsize == 1, "the labels have 8 bits"),
        (lambda dtype: dtype != np.int64, "the labels are not int64"),
    ],
)
def test_the_diagnosis_says_which_labels_go_wrong(wrong_for, where):
    class Wrong(clear.SoftmaxCrossEntropy):
        def forward(self, logits, target):
            value = super().forward(logits, target)
            return value + 1 if wrong_for(target.dtype) and target.ndim == 1 else value

    said = grade({"SoftmaxCrossEntropy": Wrong}, "SoftmaxCrossEntropy").titles(
        "SoftmaxCrossEntropy"
    )
    assert any(title.startswith(f"the loss is wrong wherever {where}") for title in said), said
