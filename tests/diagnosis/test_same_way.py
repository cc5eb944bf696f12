import numpy as np
import pytest

from cnn_conformance import units
from tests.grade import RIGHT, altered, checks_of, grade

REJECTED = "An image that the stride does not divide is rejected"
COMPUTED = "Everything is computed in float32, whatever came"


def said_of(wrong, unit="Dense"):
    graded = grade({unit: wrong}, checks_of(unit, units.of(unit).profile))
    return graded.titles(unit)


def product(a, b):
    """Return a @ b, added up in float32 from the last term to the first."""
    a, b = a.astype(np.float32), b.astype(np.float32)
    total = np.zeros((len(a), b.shape[1]), np.float32)
    for k in reversed(range(len(b))):
        total += np.outer(a[:, k], b[k])
    return total


class Single(RIGHT["Dense"]):
    """Computes in float32, in another order than the reference."""

    def forward(self, x):
        super().forward(x)
        self.x = x.copy()
        y = product(x, self.params["weight"].T)
        if "bias" in self.params:
            y += self.params["bias"].astype(np.float32)
        return y.astype(x.dtype)

    def backward(self, dout):
        super().backward(dout)
        dtype = dout.dtype
        self.grads["weight"] = product(dout.T, self.x).astype(dtype)
        if "bias" in self.params:
            self.grads["bias"] = dout.astype(np.float32).sum(axis=0).astype(dtype)
        return product(dout, self.params["weight"]).astype(dtype)


def rounded(array):
    return array.astype(np.float32).astype(array.dtype)


def test_single_precision_is_known_whatever_the_order_of_a_sum():
    assert said_of(Single) == [COMPUTED]


def test_what_is_rounded_at_the_end_is_not_said_to_be_computed_so():
    once = altered("Dense", forward=rounded, backward=rounded, weight=rounded, bias=rounded)
    assert COMPUTED not in said_of(once)


@pytest.mark.parametrize(
    ("error", "is_known"),
    [
        (AssertionError("no fit"), True),
        (ValueError("Conv2D: the stride does not fit"), True),
        (ValueError("cannot reshape array"), False),
        (TypeError("Conv2D"), False),
    ],
    ids=repr,
)
def test_what_an_author_refuses_is_known_in_any_words(error, is_known):
    class Refuses(RIGHT["Conv2D"]):
        def forward(self, x):
            y = super().forward(x)
            sizes = zip(x.shape[2:], self.kernel_size, self.stride, self.padding, strict=True)
            if any((size + 2 * p - k) % s for size, k, s, p in sizes):
                raise error
            return y

    assert (REJECTED in said_of(Refuses, "Conv2D")) == is_known
