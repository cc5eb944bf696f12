"""Training loops."""

import numpy as np

from tests.rewritten.scaffold import function


def labels(y):
    return y.argmax(axis=1) if y.ndim == 2 else y


def are_classes(out, y):
    if out.ndim != 2:
        return False
    if y.ndim == 1:
        return y.dtype.kind in "iu"
    return y.shape == out.shape and y.shape[1] > 1 and set(np.unique(y)) <= {0, 1}


def check(name, x, y):
    if len(x) != len(y):
        raise ValueError(f"{name}: {len(x)} samples and {len(y)} targets")


def batches(n, size, shuffle=False, rng=None):
    order = rng.permutation(n) if shuffle else np.arange(n)
    return [order[i : i + size] for i in range(0, n, size)]


def hits(out, y):
    return np.count_nonzero(out.argmax(axis=1) == labels(y))


def total(loss, value, n):
    return value * n if loss.reduction == "mean" else value


class Epoch:
    """Sums over the batches of an epoch."""

    def __init__(self):
        self.loss = self.right = self.seen = 0
        self.classes = False

    def add(self, loss, value, out, y):
        self.loss += total(loss, value, len(y))
        self.seen += len(y)
        self.classes = are_classes(out, y)
        if self.classes:
            self.right += hits(out, y)

    def report(self, history):
        history.setdefault("loss", []).append(self.loss / self.seen)
        if self.classes:
            history.setdefault("accuracy", []).append(self.right / self.seen)


def learn(model, loss, optimizer, x, y):
    out = model.forward(x)
    value = loss.forward(out, y)
    model.backward(loss.backward())
    optimizer.step(model.params, model.grads)
    return value, out


class Mode:
    """Sets the mode of a model for a while."""

    def __init__(self, model, training):
        self.model, self.training = model, training

    def __enter__(self):
        self.before, self.model.training = self.model.training, self.training

    def __exit__(self, *_):
        self.model.training = self.before


def loop(model, loss, optimizer, x, y, epochs, plan):
    """Train on the batches that a plan gives for each epoch."""
    check("fit", x, y)
    history = {}
    with Mode(model, True):
        for _ in range(epochs):
            epoch = Epoch()
            for pick in plan():
                epoch.add(loss, *learn(model, loss, optimizer, x[pick], y[pick]), y[pick])
            epoch.report(history)
    return history


@function("fit")
def last_batch_dropped(
    model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None
):
    rng = np.random.default_rng(rng)
    n = max(len(x) // batch_size, 1) * batch_size
    return loop(
        model,
        loss,
        optimizer,
        x,
        y,
        epochs,
        lambda: [
            b[b < len(x)] for b in batches(len(x), batch_size, shuffle, rng)[: n // batch_size]
        ],
    )


@function("fit")
def images_apart_from_labels(
    model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None
):
    """Shuffles the images and leaves the labels as they are."""
    check("fit", x, y)
    rng, history = np.random.default_rng(rng), {}
    with Mode(model, True):
        for _ in range(epochs):
            order, epoch = rng.permutation(len(x)) if shuffle else np.arange(len(x)), Epoch()
            mixed = x[order]
            for i in range(0, len(x), batch_size):
                part = slice(i, i + batch_size)
                value, out = learn(model, loss, optimizer, mixed[part], y[part])
                epoch.add(loss, value, out, y[part])
            epoch.report(history)
    return history


@function("fit")
def mean_over_batches(
    model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None
):
    """Averages the losses of the batches, whatever their sizes."""
    rng = np.random.default_rng(rng)
    check("fit", x, y)
    history = {}
    with Mode(model, True):
        for _ in range(epochs):
            epoch, values = Epoch(), []
            for pick in batches(len(x), batch_size, shuffle, rng):
                value, out = learn(model, loss, optimizer, x[pick], y[pick])
                epoch.add(loss, value, out, y[pick])
                values.append(value if loss.reduction == "mean" else value / len(pick))
            epoch.report(history)
            history["loss"][-1] = float(np.mean(values))
    return history


@function("fit")
def same_order_in_every_epoch(
    model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None
):
    """Shuffles once, before the first epoch."""
    plan = batches(len(x), batch_size, shuffle, np.random.default_rng(rng))
    return loop(model, loss, optimizer, x, y, epochs, lambda: plan)


@function("fit")
def drawn_with_replacement(
    model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None
):
    """Draws every batch from all samples, so that some come twice and some never."""
    rng = np.random.default_rng(rng)

    def plan():
        fixed = batches(len(x), batch_size)
        return [rng.choice(len(x), len(b)) for b in fixed] if shuffle else fixed

    return loop(model, loss, optimizer, x, y, epochs, plan)


@function("fit")
def shuffles_the_callers_arrays(
    model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None
):
    """Writes the shuffled samples back into x and y."""
    rng = np.random.default_rng(rng)

    def plan():
        order = rng.permutation(len(x)) if shuffle else np.arange(len(x))
        if x.flags.writeable and y.flags.writeable:
            x[...], y[...] = x[order], y[order]
            order = np.arange(len(x))
        return [order[i : i + batch_size] for i in range(0, len(x), batch_size)]

    return loop(model, loss, optimizer, x, y, epochs, plan)


@function("fit")
def loss_of_the_last_batch(
    model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None
):
    """Reports the loss of the last batch as that of the epoch."""
    rng, history = np.random.default_rng(rng), {}
    check("fit", x, y)
    with Mode(model, True):
        for _ in range(epochs):
            epoch = Epoch()
            for pick in batches(len(x), batch_size, shuffle, rng):
                value, out = learn(model, loss, optimizer, x[pick], y[pick])
                epoch.add(loss, value, out, y[pick])
            epoch.report(history)
            history["loss"][-1] = value if loss.reduction == "mean" else value / len(pick)
    return history


@function("fit")
def stays_in_training_mode(
    model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None
):
    rng = np.random.default_rng(rng)
    history = loop(
        model, loss, optimizer, x, y, epochs, lambda: batches(len(x), batch_size, shuffle, rng)
    )
    model.training = True
    return history


@function("fit")
def accuracy_after_the_step(
    model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None
):
    """Predicts again after each step, and counts the hits of that."""
    rng, history = np.random.default_rng(rng), {}
    check("fit", x, y)
    with Mode(model, True):
        for _ in range(epochs):
            epoch = Epoch()
            for pick in batches(len(x), batch_size, shuffle, rng):
                value, _ = learn(model, loss, optimizer, x[pick], y[pick])
                epoch.add(loss, value, model.forward(x[pick]), y[pick])
            epoch.report(history)
    return history


@function("fit")
def seed_ignored(model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None):
    rng = np.random.default_rng()
    return loop(
        model, loss, optimizer, x, y, epochs, lambda: batches(len(x), batch_size, shuffle, rng)
    )


@function("fit")
def summed_losses_multiplied(
    model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None
):
    """Multiplies every batch's loss by its size, even if it is a sum already."""
    rng, history = np.random.default_rng(rng), {}
    check("fit", x, y)
    with Mode(model, True):
        for _ in range(epochs):
            epoch, summed = Epoch(), 0.0
            for pick in batches(len(x), batch_size, shuffle, rng):
                value, out = learn(model, loss, optimizer, x[pick], y[pick])
                epoch.add(loss, value, out, y[pick])
                summed += value * len(pick)
            epoch.report(history)
            history["loss"][-1] = summed / len(x)
    return history


def measured(model, loss, x, y, batch_size, after=lambda: None):
    check("evaluate", x, y)
    epoch, result = Epoch(), {}
    for pick in batches(len(x), batch_size):
        out = model.forward(x[pick])
        epoch.add(loss, loss.forward(out, y[pick]), out, y[pick])
        after()
    epoch.report(result)
    return {name: values[0] for name, values in result.items()}


@function("evaluate")
def learns_while_it_evaluates(model, loss, x, y, *, batch_size=256):
    """Calls backward too, and takes a small step."""

    def after():
        model.backward(loss.backward())
        for name, p in model.params.items():
            p -= 1e-3 * model.grads[name]

    with Mode(model, False):
        return measured(model, loss, x, y, batch_size, after)


@function("evaluate")
def evaluates_in_training_mode(model, loss, x, y, *, batch_size=256):
    with Mode(model, True):
        return measured(model, loss, x, y, batch_size)


@function("evaluate")
def never_back_to_training(model, loss, x, y, *, batch_size=256):
    model.training = False
    return measured(model, loss, x, y, batch_size)


@function("evaluate")
def mean_of_the_batches(model, loss, x, y, *, batch_size=256):
    with Mode(model, False):
        result = measured(model, loss, x, y, batch_size)
        values = []
        for pick in batches(len(x), batch_size):
            value = loss.forward(model.forward(x[pick]), y[pick])
            values.append(value if loss.reduction == "mean" else value / len(pick))
    return result | {"loss": sum(values) / len(values)}


@function("evaluate")
def accuracy_of_the_last_batch(model, loss, x, y, *, batch_size=256):
    with Mode(model, False):
        result = measured(model, loss, x, y, batch_size)
        if "accuracy" in result:
            last = batches(len(x), batch_size)[-1]
            result["accuracy"] = hits(model.forward(x[last]), y[last]) / len(last)
    return result


@function("predict")
def whole_batches_only(model, x, *, batch_size=256):
    with Mode(model, False):
        n = max(len(x) // batch_size, 1)
        return np.concatenate([model.forward(x[b]) for b in batches(len(x), batch_size)[:n]])


@function("predict")
def everything_at_once(model, x, *, batch_size=256):
    with Mode(model, False):
        return model.forward(x)


@function("predict")
def labels_for_outputs(model, x, *, batch_size=256):
    with Mode(model, False):
        outputs = [model.forward(x[b]) for b in batches(len(x), batch_size)]
    return np.concatenate(outputs).argmax(axis=1)


@function("predict")
def mode_left_alone(model, x, *, batch_size=256):
    """Predicts in whatever mode the model is."""
    return np.concatenate([model.forward(x[b]) for b in batches(len(x), batch_size)])
