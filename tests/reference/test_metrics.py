"""The confusion matrix."""

import numpy as np
import pytest

from reference.metrics import confusion_matrix


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
    with pytest.raises(ValueError, match="got labels from -1 to 1"):
        confusion_matrix(np.array([0, 1]), np.array([0, -1]))
    with pytest.raises(ValueError, match=r"integer class labels .* float64 and shape \(1,\)"):
        confusion_matrix(np.array([0.5]), np.array([0]))


def test_labels_may_be_of_any_integer_type_and_none():
    few = np.array([1, 0], np.uint8)
    np.testing.assert_array_equal(confusion_matrix(few, few), np.eye(2))
    assert confusion_matrix(few[:0], few[:0], 3).sum() == 0
