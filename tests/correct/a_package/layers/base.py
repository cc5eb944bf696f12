"""What layers have in common, and the exceptions of the package."""


class PackageError(Exception):
    """Anything that this package complains of."""


class ShapeError(PackageError, ValueError):
    """An array that does not fit."""


class OrderError(PackageError, RuntimeError):
    """A backward that comes too early."""


class Layer:
    """With __slots__, so nothing else can be set on it."""

    __slots__ = ("cache", "grads", "params", "training")

    def __init__(self):
        self.params, self.grads = {}, {}
        self.training, self.cache = True, None

    def __call__(self, x):
        return self.forward(x)

    def recall(self, dout):
        if self.cache is None:
            raise OrderError(f"{type(self).__name__} has nothing to differentiate")
        if dout.shape != self.cache["shape"]:
            raise ShapeError(
                f"{type(self).__name__}: dout has {list(dout.shape)}, "
                f"the output had {list(self.cache['shape'])}"
            )
        return self.cache

    def check_rank(self, x, rank):
        if x.ndim != rank:
            raise ShapeError(f"{type(self).__name__} expects {rank}-d input, got {x.ndim}-d")
