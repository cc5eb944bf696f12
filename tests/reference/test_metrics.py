"""One-hot rows, accuracy and the confusion matrix."""

import numpy as np
import pytest

from reference.metrics import accuracy, confusion_matrix, one_hot


def test_one_hot_rows_have_a_1_at_their_class():
    rows = one_hot(np.array([2, 0, 2], np.uint8))
    np.testing.assert_array_equal(rows, [[0, 0, 1], [1, 0, 0], [0, 0, 1]])
    assert rows.dtype == np.float64
    assert one_hot(np.array([1]), 4, np.float32).dtype == np.float32
    assert one_hot(np.array([1]), 4).shape == (1, 4)
    assert one_hot(np.array([], int), 3).shape == (0, 3)


@pytest.mark.parametrize(
    ("labels", "classes", "message"),
    [
        ([0, 3], 3, "labels from 0 to 2, got labels from 0 to 3"),
        ([-1, 1], None, "got labels from -1 to 1"),
        ([0.5], None, "dtype float64"),
        ([[1]], None, r"shape \(1, 1\)"),
        ([0], 0, "classes must be >= 1, got 0"),
    ],
)
def test_what_is_no_class_is_refused(labels, classes, message):
    with pytest.raises(ValueError, match=f"one_hot: .*{message}"):
        one_hot(np.array(labels), classes)


def test_accuracy_takes_classes_or_a_number_for_each_class():
    scores = np.array([[0.1, 0.9], [0.7, 0.3], [0.5, 0.5]])
    labels = np.array([1, 1, 0])
    assert accuracy(scores, labels) == pytest.approx(2 / 3)
    assert accuracy(scores.argmax(axis=1), one_hot(labels)) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("predictions", "labels", "message"),
    [
        ([0, 1], [0], "as many predictions as labels, 1, got 2"),
        ([], [], "accuracy: "),
        ([0.5, 0.5], [0, 1], "integer class labels"),
    ],
)
def test_accuracy_refuses_other_arrays(predictions, labels, message):
    with pytest.raises(ValueError, match=message):
        accuracy(np.array(predictions), np.array(labels))


def test_the_confusion_matrix_has_a_row_for_each_right_class():
    labels, predictions = np.array([0, 0, 0, 2]), np.array([0, 1, 1, 2])
    np.testing.assert_array_equal(
        confusion_matrix(labels, predictions), [[1, 2, 0], [0, 0, 0], [0, 0, 1]]
    )
    shares = confusion_matrix(labels, predictions, 4, normalized=True)
    np.testing.assert_allclose(shares[0], [1 / 3, 2 / 3, 0, 0])
    np.testing.assert_array_equal(shares.sum(axis=1), [1, 0, 1, 0])


def test_the_confusion_matrix_refuses_what_is_no_class():
    with pytest.raises(ValueError, match="labels from 0 to 1, got labels from 0 to 2"):
        confusion_matrix(np.array([0, 1]), np.array([0, 2]), 2)
    with pytest.raises(ValueError, match="as many"):
        confusion_matrix(np.array([0, 1]), np.array([0]))
