"""The dict whose values are computed when they are asked for."""


class Lazy(dict):
    """A dict from names to functions without arguments, which are called at first reading."""

    def __getitem__(self, name):
        value = super().__getitem__(name)
        if callable(value):
            value = value()
            self[name] = value
        return value

    def __iter__(self):  # an own __iter__ makes dict(...) and ** ask __getitem__
        return super().__iter__()

    def get(self, name, default=None):
        return self[name] if name in self else default  # noqa: SIM401

    def values(self):
        return [self[name] for name in self]

    def items(self):
        return [(name, self[name]) for name in self]

    def pop(self, name, *default):
        value = self.get(name, *default)
        super().pop(name, *default)
        return value

    def copy(self):
        return dict(self.items())

    def __or__(self, other):
        return self.copy() | dict(other)

    def __eq__(self, other):
        return self.copy() == other

    __hash__ = None

    def __repr__(self):
        return repr(self.copy())
