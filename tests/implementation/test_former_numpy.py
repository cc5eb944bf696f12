"""What older NumPy offered: a single element is a number, and all else is as with plain arrays."""

import numpy as np
import pytest

from cnn_conformance.implementation.former_numpy import Scalars

BIAS = np.arange(3.0).reshape(1, 1, 3).view(Scalars)


def test_an_element_in_any_number_of_dimensions_is_a_float():
    assert float(BIAS[:, :, 2:]) == 2.0
    with pytest.raises(ValueError, match="size"):
        float(BIAS)


@pytest.mark.parametrize(
    "compute",
    [
        lambda b: b + 1,
        lambda b: np.ones(3) * b,
        lambda b: np.dot(np.ones((2, 3)), b[0, 0]),
        lambda b: np.add(b, 1, out=b.copy()),
        lambda b: np.tensordot(np.ones(3), b, (0, 2)),
    ],
)
def test_what_is_computed_is_a_plain_array_of_the_same_values(compute):
    got = compute(BIAS)
    assert type(got) is np.ndarray
    assert np.array_equal(got, compute(BIAS.view(np.ndarray)))
