"""Errors of Python and NumPy whose cause is always the same."""

import numpy as np
import pytest

import reference
from cnn_conformance.diagnosis.raised import hint
from cnn_conformance.findings import Finding
from cnn_conformance.phrases import say
from tests.grade import grade, printed


class Halved(reference.Flatten):
    def forward(self, x):
        x = super().forward(x)
        return np.stack([x[:, n] for n in range(2 * x.shape[1] / 2)], axis=1)


@pytest.mark.parametrize(
    ("fails", "words"),
    [
        (lambda: np.zeros((6 / 2, 3)), "// gives a whole number"),
        (lambda: float(np.ones((1, 1))), "a.item()"),
        (lambda: np.zeros(None), "it is written () now"),
        (lambda: max(0, np.ones(3)), "np.maximum"),
        (lambda: np.ones(3)[3:].argmax(), "has no elements"),
    ],
    ids=["a float as a size", "an array as a number", "no shape", "a truth", "an empty window"],
)
def test_an_error_that_has_one_cause_is_explained(fails, words):
    with pytest.raises((TypeError, ValueError)) as error:
        fails()
    raised = Finding("raised", type=error.type.__name__, text=str(error.value))
    assert words in say(hint(raised))


def test_the_cause_is_said_beside_what_is_not_computed():
    found = grade({"Flatten": Halved}, "FLATTEN-1").diagnosed["units"]
    (said,) = next(unit["diagnosis"] for unit in found if unit["unit"] == "Flatten")
    assert "not computed in any case: TypeError" in said["title"]
    assert "// gives a whole number" in said["text"]


def test_the_report_has_it_as_a_sentence_of_its_own():
    text = printed(grade({"Flatten": Halved}, "FLATTEN-1").diagnosed)
    assert "Flatten: y is not computed in any case" in text


def test_other_errors_are_not_explained():
    assert hint(Finding("raised", type="TypeError", text="f() takes 2 arguments")) is None
