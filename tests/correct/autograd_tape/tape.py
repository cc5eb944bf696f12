"""A tape: values that know where they came from, and the walk back."""

import numpy as np


class Var:
    """A value and where it came from: pairs of a parent and a function from its gradient."""

    def __init__(self, value, *parents):
        self.value = np.asarray(value)
        self.parents = parents

    @property
    def shape(self):
        return self.value.shape

    def __add__(self, other):
        other = constant(other, self)
        parents = [(v, lambda g, v=v: unbroadcast(g, v.shape)) for v in (self, other)]
        return Var(self.value + other.value, *parents)

    def __mul__(self, other):
        other = constant(other, self)
        a, b = self.value, other.value
        return Var(
            a * b,
            (self, lambda g: unbroadcast(g * b, a.shape)),
            (other, lambda g: unbroadcast(g * a, b.shape)),
        )

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -constant(other, self)

    def __matmul__(self, other):
        a, b = self.value, other.value
        return Var(
            a @ b,
            (self, lambda g: unbroadcast(g @ b.swapaxes(-1, -2), a.shape)),
            (other, lambda g: unbroadcast(a.swapaxes(-1, -2) @ g, b.shape)),
        )

    def __getitem__(self, place):
        def scatter(g):
            whole = np.zeros(self.shape, g.dtype)
            np.add.at(whole, place, g)
            return whole

        return Var(self.value[place], (self, scatter))

    def pointwise(self, value, slope):
        return Var(value, (self, lambda g: g * slope))

    def reshape(self, *shape):
        return Var(self.value.reshape(shape), (self, lambda g: g.reshape(self.shape)))

    def swapaxes(self, a, b):
        return Var(self.value.swapaxes(a, b), (self, lambda g: g.swapaxes(a, b)))

    def sum(self, axis=None):
        total = self.value.sum(axis=axis, keepdims=True)
        return Var(total, (self, lambda g: np.broadcast_to(g, self.shape)))

    def mean(self, axis):
        return self.sum(axis) * (1 / np.prod([self.shape[a] for a in axis]))

    def max(self, axis):
        where = np.expand_dims(self.value.argmax(axis=axis), axis)

        def to_first(g):
            whole = np.zeros(self.shape, g.dtype)
            np.put_along_axis(whole, where, g, axis)
            return whole

        return Var(np.take_along_axis(self.value, where, axis), (self, to_first))

    def exp(self):
        y = np.exp(self.value)
        return self.pointwise(y, y)

    def log(self):
        return self.pointwise(np.log(self.value), 1 / self.value)

    def tanh(self):
        y = np.tanh(self.value)
        return self.pointwise(y, 1 - y * y)

    def relu(self):
        return self.pointwise(np.maximum(self.value, 0), self.value > 0)

    def power(self, exponent):
        return self.pointwise(self.value**exponent, exponent * self.value ** (exponent - 1))

    def pad(self, before, after, value=0.0):
        widths = [(0, 0), (0, 0), *zip(before, after, strict=True)]
        crop = tuple(slice(b, b + n) for (b, _), n in zip(widths, self.shape, strict=True))
        return Var(np.pad(self.value, widths, constant_values=value), (self, lambda g: g[crop]))


def constant(other, like):
    return other if isinstance(other, Var) else Var(np.asarray(other, like.value.dtype))


def stack(variables, axis):
    parents = [(v, lambda g, i=i: np.take(g, i, axis)) for i, v in enumerate(variables)]
    return Var(np.stack([v.value for v in variables], axis), *parents)


def unbroadcast(g, shape):
    """Add up what broadcasting has spread."""
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    return g.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1 < g.shape[i]), keepdims=True)


def gradients(out, g, leaves):
    """Return the gradients of the sum of out * g for some of the leaves."""
    order, seen, todo = [], set(), [(out, False)]
    while todo:
        var, ready = todo.pop()
        if ready:
            order.append(var)
        elif id(var) not in seen:
            seen.add(id(var))
            todo.append((var, True))
            todo.extend((parent, False) for parent, _ in var.parents)
    found = {id(out): g}
    for var in reversed(order):
        for parent, derivative in var.parents:
            part = derivative(found[id(var)])
            found[id(parent)] = found[id(parent)] + part if id(parent) in found else part
    return [np.asarray(found[id(leaf)]) for leaf in leaves]
