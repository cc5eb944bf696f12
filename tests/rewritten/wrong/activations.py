"""Activations, as closures."""

import numpy as np

from tests.rewritten.scaffold import Elementwise, elu, leaky, relu, sigmoid, softmax, tanh


@relu
def open_at_zero(x):
    gate = np.where(x < 0, 0.0, 1.0)
    return x * (x > 0), lambda d: d * gate


@relu
def half_at_zero(x):
    return (x + np.abs(x)) / 2, lambda d: d * (1 + np.sign(x)) / 2


@relu
def value_for_derivative(x):
    y = np.maximum(x, 0)
    return y, lambda d: d * y


@relu
def gate_of_the_gradient(x):
    """Passes on what is positive in dout."""
    return np.clip(x, 0, None), lambda d: np.where(d > 0, d, 0.0)


@relu
def absolute_value(x):
    return np.abs(x), lambda d: d * (x > 0)


@relu
def clipped_at_one(x):
    """Clips to the unit interval."""
    return np.clip(x, 0, 1), lambda d: d * ((x > 0) & (x < 1))


class WritesIntoItsInput(Elementwise):
    unit = "ReLU"

    def forward(self, x):
        super().forward(x)
        gate = np.array(x) > 0
        try:
            x[x < 0] = 0
        except ValueError:
            x = np.where(x > 0, x, x.dtype.type(0))
        self.pull = lambda d: d * gate
        return x.copy()

    def compute(self, x):
        return np.maximum(x, 0), lambda d: d * (x > 0)


class WritesIntoTheGradient(Elementwise):
    unit = "ReLU"

    def backward(self, dout):
        self.given(dout)
        try:
            dout[self.off] = 0
        except ValueError:
            dout = np.where(self.off, dout.dtype.type(0), dout)
        return dout.copy()

    def compute(self, x):
        self.off = off = x <= 0
        return np.maximum(x, 0), lambda d: np.where(off, 0, d)


@leaky
def slope_of_the_positive_side(x, slope):
    """Has the two branches of the derivative the wrong way round."""
    return np.where(x > 0, x, slope * x), lambda d: d * np.where(x > 0, slope, 1.0)


@leaky
def plain_gate_in_backward(x, slope):
    return np.maximum(x, 0) + slope * np.minimum(x, 0), lambda d: d * (x > 0)


@leaky
def slope_is_always_a_hundredth(x, slope):
    return np.where(x > 0, x, 0.01 * x), lambda d: np.where(x > 0, d, 0.01 * d)


@leaky
def one_at_zero(x, slope):
    return np.where(x >= 0, x, slope * x), lambda d: np.where(x >= 0, d, slope * d)


@elu
def without_minus_one(x, alpha):
    e = alpha * np.exp(np.minimum(x, 0))
    return np.where(x > 0, x, e), lambda d: d * np.where(x > 0, 1.0, e)


@elu
def value_in_the_derivative(x, alpha):
    """Takes y, not y + alpha, for the derivative where x is negative."""
    y = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
    return y, lambda d: d * np.where(x > 0, 1.0, y)


@elu
def alpha_forgotten_in_backward(x, alpha):
    y = np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1))
    return y, lambda d: d * np.where(x > 0, 1.0, np.exp(np.minimum(x, 0)))


@elu
def mask_times_exponential(x, alpha):
    """Multiplies by masks, so that inf * 0 makes nan where x is large."""
    pos, neg = (x > 0).astype(x.dtype), (x <= 0).astype(x.dtype)
    e = np.exp(x)
    return x * pos + alpha * (e - 1) * neg, lambda d: d * (pos + alpha * e * neg)


@sigmoid
def exponential_over_one_plus(x):
    """Overflows to inf / inf for large elements."""
    e = np.exp(x)
    y = e / (1 + e)
    return y, lambda d: d * y * (1 - y)


@sigmoid
def derivative_at_the_input(x):
    """Takes x (1 - x) for the derivative."""
    return 1 / (1 + np.exp(-x)), lambda d: d * x * (1 - x)


@sigmoid
def squashed_twice(x):
    """Applies the function to its own value before the derivative is taken."""
    y = 1 / (1 + np.exp(-x))
    z = 1 / (1 + np.exp(-y))
    return y, lambda d: d * z * (1 - z)


@sigmoid
def sign_of_the_exponent(x):
    y = 1 / (1 + np.exp(x))
    return y, lambda d: -d * y * (1 - y)


@tanh
def quotient_of_exponentials(x):
    up, down = np.exp(x), np.exp(-x)
    y = (up - down) / (up + down)
    return y, lambda d: d * (1 - y * y)


@tanh
def square_of_the_input(x):
    y = np.tanh(x)
    return y, lambda d: d * (1 - x**2)


@tanh
def square_left_out(x):
    y = np.tanh(x)
    return y, lambda d: d * (1 - y)


@tanh
def twice_a_sigmoid(x):
    """Writes tanh(x) as 2 sigmoid(x) - 1, where it is 2 sigmoid(2 x) - 1."""
    y = 2 / (1 + np.exp(-x)) - 1
    return y, lambda d: d * (1 - y**2) / 2


def jacobian(y, d):
    return y * (d - (d * y).sum(axis=-1, keepdims=True))


def shares(e):
    return e / e.sum(axis=-1, keepdims=True)


@softmax
def raw_exponentials(x):
    y = shares(np.exp(x))
    return y, lambda d: jacobian(y, d)


@softmax
def maximum_of_the_batch(x):
    y = shares(np.exp(x - np.max(x)))
    return y, lambda d: jacobian(y, d)


@softmax
def diagonal_of_the_jacobian(x):
    y = shares(np.exp(x - x.max(axis=-1, keepdims=True)))
    return y, lambda d: d * y * (1 - y)


@softmax
def diagonal_at_the_logits(x):
    y = shares(np.exp(x - x.max(axis=-1, keepdims=True)))
    return y, lambda d: d * x * (1 - x)


@softmax
def shares_of_the_whole_batch(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    y = e / e.sum()
    return y, lambda d: y * (d - (d * y).sum())


@softmax
def along_the_second_axis(x):
    y = np.exp(x - x.max(axis=1, keepdims=True))
    y = y / y.sum(axis=1, keepdims=True)
    return y, lambda d: y * (d - (d * y).sum(axis=1, keepdims=True))


@softmax
def gradient_passed_on(x):
    """Leaves the Jacobian to the loss, as if that had it inside."""
    return shares(np.exp(x - x.max(axis=-1, keepdims=True))), lambda d: d


@softmax
def epsilon_in_the_sum(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    y = e / (e.sum(axis=-1, keepdims=True) + 1e-8)
    return y, lambda d: jacobian(y, d)
