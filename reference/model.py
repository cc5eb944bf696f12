"""Model: build a network layer by layer, train it and save it, as in Keras."""

import json
import math
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike
from tqdm import tqdm

from . import checks, npz, recipes, training
from .interfaces import Array, Loss, Optimizer
from .layer import Layer
from .model_parts import Samples, Ticking, line
from .sequential import Sequential

FORMAT, VERSION = "cnn-conformance-model", 1
History = dict[str, list[float]]
Draw = Callable[[tuple[int, ...], np.random.Generator], Array]


class Model:
    """A front end to the layers, the training loop and files.

    Parameters
    ----------
    input_shape : sequence of int
        The shape of one sample, without N: (C, H, W) for images.
    dtype : dtype
        The dtype of parameters and results: float32 or float64.
    rng : numpy.random.Generator, int or None
        Source of the initial weights and of the order of the samples.
    name : str
        What it is called, in its summary and in its file.

    Attributes
    ----------
    network : Sequential
        The layers.
    stop_training : bool
        If a callback sets it, `fit` stops after the epoch.

    Examples
    --------
    >>> model = Model((1, 8, 8), rng=0)                              # doctest: +SKIP
    >>> model.add(Conv2D, 8, 3, padding=1, activation="relu")        # doctest: +SKIP
    >>> model.add(MaxPool2D, 2).add(Flatten).add(Dense, 10)          # doctest: +SKIP
    >>> model.compile("sgd", "cross_entropy")                        # doctest: +SKIP
    >>> history = model.fit(x, y, epochs=5, validation_split=0.1)    # doctest: +SKIP
    """

    def __init__(
        self,
        input_shape: Iterable[int],
        *,
        dtype: DTypeLike = np.float64,
        rng: np.random.Generator | int | None = None,
        name: str = "",
    ) -> None:
        if not isinstance(input_shape, Iterable) or isinstance(input_shape, str):
            raise ValueError(
                "Model: input_shape must be a sequence of ints, such as (1, 28, 28), "
                f"got {input_shape!r}"
            )
        shape = tuple(checks.integer("Model", "input_shape", n, 1) for n in input_shape)
        if np.dtype(dtype) not in (np.float32, np.float64):
            raise ValueError(f"Model: dtype must be float32 or float64, got {np.dtype(dtype)}")
        self.dtype = np.dtype(dtype)
        self.name = name
        self.network = Sequential([])
        self.stop_training = False
        self._rng = np.random.default_rng(rng)
        self._shapes = [shape]  # of one sample: before the first layer, and after each
        self._recipes: list[dict[str, Any]] = []
        self._loss: Loss | None = None
        self._optimizer: Optimizer | None = None

    # ------------------------------------------------------------ putting together

    def add(
        self,
        unit: type[Layer] | str,
        *args: Any,
        activation: str | None = None,
        init: str | Draw | None = None,
        **options: Any,
    ) -> "Model":
        """Add a layer at the end.

        Parameters
        ----------
        unit : class or str
            A layer of this package.
        *args, **options
            The arguments of its constructor, without the size of its input, which is known.
        activation : str, optional
            An activation layer to add after it: relu, leaky_relu, elu, sigmoid, tanh or softmax.
        init : str or callable, optional
            Initial weight: kaiming_normal, kaiming_uniform, xavier_normal, xavier_uniform, pytorch
            (uniform, with a = sqrt(5) in the formula of kaiming_uniform), small_normal (0.01 times
            standard normal) or small_uniform; or a function of the shape and a generator.

        Returns
        -------
        Model
            The model itself, so that calls can be chained.

        Raises
        ------
        ValueError
            If there is no such layer, or it does not fit the layer before; nothing is added then.
        """
        name = unit if isinstance(unit, str) else unit.__name__
        where = f"Model: layer {len(self.network.layers)}, {name}"
        try:
            if activation is not None:
                recipes.one_of("activation", recipes.ACTIVATIONS, activation)
            layer = recipes.layer(name, self._shapes[-1], args, options, self._rng)
            recipes.start(layer, init, self._rng, self.dtype)
            output = recipes.output_shape(layer, self._shapes[-1], self.dtype)
        except (ValueError, TypeError) as error:
            raise ValueError(f"{where}: {error}") from error
        self.network = Sequential([*self.network.layers, layer])
        self._shapes.append(output)
        self._recipes.append({"unit": name, "args": list(args), "options": options})
        return self if activation is None else self.add(recipes.ACTIVATIONS[activation])

    def compile(self, optimizer: Optimizer | str, loss: Loss | str) -> None:
        """Choose the optimizer and the loss.

        Parameters
        ----------
        optimizer : Optimizer or str
            One of this package, or sgd, adagrad, rmsprop, adam or adamw, with its usual learning
            rate.
        loss : Loss or str
            One of this package, or cross_entropy or mse.
        """
        self._optimizer = recipes.optimizer(optimizer) if isinstance(optimizer, str) else optimizer
        self._loss = recipes.loss(loss) if isinstance(loss, str) else loss

    # ------------------------------------------------------------ training and use

    def fit(
        self,
        x: Array,
        y: Array,
        *,
        batch_size: int = 32,
        epochs: int = 1,
        verbose: int = 1,
        shuffle: bool = True,
        validation_split: float = 0.0,
        validation_data: tuple[Array, Array] | None = None,
        validation_every: int = 1,
        callbacks: Iterable[Callable[["Model", int, dict[str, float]], object]] = (),
    ) -> History:
        """Train the model.

        Parameters
        ----------
        x, y : ndarray
            Samples and targets.
        batch_size, epochs, shuffle
            As for `reference.fit`; a `batch_size` of -1 is that of all samples.
        verbose : {0, 1, 2}
            Nothing; a progress bar and a line per epoch; or only the line.
        validation_split : float
            The share of the samples, from the end, that are measured after each epoch and not
            trained on.
        validation_data : pair of ndarray, optional
            Samples and targets to measure instead.
        validation_every : int
            After how many epochs they are measured; after the last one, they always are.
        callbacks : iterable of callable
            Each is called after each epoch with the model, the epoch's number from 1 and what was
            measured in it.

        Returns
        -------
        history : dict of str to list of float
            One entry an epoch: `loss`, `accuracy` for classes, and for the validation `val_loss`
            and `val_accuracy`, which are nan after an epoch without one.

        Raises
        ------
        RuntimeError
            If the model is not compiled.
        ValueError
            If the data do not fit the model, `validation_split` is not from 0 to below 1, or
            `validation_every` is below 1.
        """
        loss, optimizer = self._compiled()
        if not 0 <= validation_split < 1:
            raise ValueError(f"Model: validation_split must be from 0 to 1, got {validation_split}")
        checks.integer("Model", "validation_every", validation_every, 1)
        if validation_data is None and validation_split:
            cut = len(x) - math.ceil(len(x) * validation_split)
            rows = np.arange(len(x))
            validation_data = self._samples(x, rows[cut:]), y[cut:]
            x, y = self._samples(x, rows[:cut]), y[:cut]
        x = self._samples(x)
        batch_size = len(x) if batch_size == -1 else batch_size
        self.stop_training = False
        history: History = {}
        steps = math.ceil(len(x) / max(batch_size, 1))
        for epoch in range(1, epochs + 1):
            start = time.perf_counter()
            bar = tqdm(
                total=steps,
                desc=f"epoch {epoch}",
                unit="step",
                leave=False,
                disable=None if verbose == 1 else True,
            )
            with bar:
                result = training.fit(
                    self.network,
                    loss,
                    Ticking(optimizer, bar.update),
                    x,
                    y,
                    batch_size=batch_size,
                    shuffle=shuffle,
                    rng=self._rng,
                )
            logs = {name: values[0] for name, values in result.items()}
            is_last = epoch == epochs
            if validation_data is not None and (is_last or epoch % validation_every == 0):
                measured = self.evaluate(*validation_data)
                logs |= {f"val_{name}": value for name, value in measured.items()}
            for name in {**history, **logs}:
                earlier = [math.nan] * (epoch - 1)  # it was not measured in these
                history.setdefault(name, earlier).append(logs.get(name, math.nan))
            if verbose:
                print(line(epoch, epochs, logs, time.perf_counter() - start))
            for callback in callbacks:
                callback(self, epoch, logs)
            if self.stop_training:
                break
        return history

    def evaluate(self, x: Array, y: Array, *, batch_size: int = 256) -> dict[str, float]:
        """Measure the loss and, for classes, the accuracy; see `reference.evaluate`.

        A `batch_size` of -1 is that of all samples, here and in what follows.
        """
        loss, _ = self._compiled()
        size = len(x) if batch_size == -1 else batch_size
        return training.evaluate(self.network, loss, self._samples(x), y, batch_size=size)

    def predict(self, x: Array, *, batch_size: int = 256) -> Array:
        """Compute the outputs for samples; see `reference.predict`."""
        size = len(x) if batch_size == -1 else batch_size
        return training.predict(self.network, self._samples(x), batch_size=size)

    def predict_classes(self, x: Array, *, batch_size: int = 256) -> Array:
        """Return the class of the largest output for each sample, of shape (N,)."""
        classes: Array = self.predict(x, batch_size=batch_size).argmax(axis=1)
        return classes

    def summary(self) -> str:
        """Return a table of the layers: the shape of their output and their parameters."""
        rows = [("layer", "output shape", "parameters"), ("input", str(self._shapes[0]), "")]
        counts = [sum(p.size for p in layer.params.values()) for layer in self.network.layers]
        for recipe, shape, count in zip(self._recipes, self._shapes[1:], counts, strict=True):
            rows.append((_call(recipe), str(shape), f"{count:,}"))
        rows.append(("total", "", f"{sum(counts):,}"))
        first, second, third = (max(map(len, column)) for column in zip(*rows, strict=True))
        lines = [f"{a:{first}}  {b:{second}}  {c:>{third}}" for a, b, c in rows]
        rule = "-" * len(lines[0])
        title = [self.name] if self.name else []
        return "\n".join([*title, lines[0], rule, *lines[1:-1], rule, lines[-1]])

    # ------------------------------------------------------------ files

    def save(self, path: npz.StrPath) -> None:
        """Write the layers, their parameters and buffers, and all that was chosen, to `.npz`.

        Parameters
        ----------
        path : str or Path
            The file to write; an existing file is replaced once the new one is complete. It keeps
            the name, and the loss and the optimizer with their arguments, if they are of this
            package; not what an optimizer has accumulated.

        Raises
        ------
        FileNotFoundError
            If its folder does not exist.
        """
        folder = Path(path).parent
        if not folder.is_dir():
            raise FileNotFoundError(f"{path}: the folder {folder} does not exist; make it first")
        described = {
            "format": FORMAT,
            "version": VERSION,
            "input_shape": self._shapes[0],
            "dtype": self.dtype.name,
            "layers": self._recipes,
            "name": self.name,
            "loss": recipes.described(self._loss),
            "optimizer": recipes.described(self._optimizer),
        }
        text = json.dumps(described, default=lambda number: number.item())
        npz.write(path, {**self._state(), "model": np.frombuffer(text.encode(), np.uint8)})

    @classmethod
    def load(cls, path: npz.StrPath) -> "Model":
        """Read a model that `save` wrote.

        Parameters
        ----------
        path : str or Path
            The file. Nothing in it is executed: it has numbers and names of layers of this package.

        Raises
        ------
        ValueError
            If it cannot be read, is damaged, or is not a saved model.
        """
        arrays = npz.read(path)
        try:
            described = json.loads(arrays.pop("model").tobytes())
            if (described["format"], described["version"]) != (FORMAT, VERSION):
                raise ValueError(f"expected {FORMAT} {VERSION}, got {described['format']}")
            model = cls(described["input_shape"], dtype=described["dtype"])
            for recipe in described["layers"]:
                model.add(recipe["unit"], *recipe["args"], **recipe["options"])
            model.name = str(described.get("name", ""))  # which earlier files do not have
            model._loss = recipes.made(described.get("loss"), "reduction")
            model._optimizer = recipes.made(described.get("optimizer"), "step")
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"{path}: not a model that was saved with save: {error}") from error
        state = model._state()
        wrong = set(arrays) ^ set(state)
        wrong |= {
            name
            for name in set(arrays) & set(state)
            if (arrays[name].shape, arrays[name].dtype) != (state[name].shape, state[name].dtype)
        }
        if wrong:
            names = ", ".join(sorted(wrong))
            raise ValueError(f"{path}: its arrays do not fit its layers: {names}")
        for name, array in state.items():
            array[...] = arrays[name]
        return model

    def _state(self) -> dict[str, Array]:
        """Return everything the network has learned: parameters and buffers, by unique names."""
        return dict(self.network.params) | {
            f"{index}.{name}": array
            for index, layer in enumerate(self.network.layers)
            for name, array in getattr(layer, "buffers", {}).items()
        }

    def _compiled(self) -> tuple[Loss, Optimizer]:
        if self._loss is None or self._optimizer is None:
            raise RuntimeError('Model: not compiled; call compile("sgd", "cross_entropy") first')
        return self._loss, self._optimizer

    def _samples(self, x: Array, rows: Array | None = None) -> Any:
        """Return samples, or some of them, in the model's dtype, converted batch by batch."""
        if tuple(x.shape[1:]) != self._shapes[0]:
            shape = ", ".join(["N", *map(str, self._shapes[0])])
            raise ValueError(
                f"Model: expected samples of shape ({shape}), got shape {tuple(x.shape)}"
            )
        return Samples(x, np.arange(len(x)) if rows is None else rows, self.dtype)


def _call(recipe: dict[str, Any]) -> str:
    """Return a layer as it was added, for example Conv2D(8, 3, padding=1)."""
    options = [f"{name}={value!r}" for name, value in recipe["options"].items()]
    return f"{recipe['unit']}({', '.join([*map(repr, recipe['args']), *options])})"
