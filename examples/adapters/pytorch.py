"""Adapts PyTorch itself, for every profile: it scores 100 %.

A module of `torch.nn` does the work. Its parameters are numpy arrays in `params` and are passed on
at every call, so that writing into them or replacing them has an effect.
"""

from functools import partial

import numpy as np
import torch
from pytorch_functions import *  # noqa: F403
from pytorch_schedules import *  # noqa: F403
from torch import nn
from torch.func import functional_call

torch.set_num_threads(1)


class Layer:
    """A layer around a module: shapes and errors of the contract, numbers of PyTorch."""

    def __init__(self, module, dimensions=None, size=None):
        self.module, self.dimensions, self.size = module, dimensions, size
        self.params = {name: p.detach().double().numpy() for name, p in module.named_parameters()}
        self.grads, self.training, self.y = {}, True, None

    def forward(self, x):
        self.check(x)
        self.x = tensor(x, needs_gradient=x.dtype.kind == "f")
        self.p = {name: tensor(p, needs_gradient=True) for name, p in self.params.items()}
        try:
            self.y = functional_call(self.module, self.p, (self.x,))
        except RuntimeError as error:
            raise ValueError(f"{self.name}: x of shape {x.shape} does not fit: {error}") from error
        return self.y.detach().numpy().copy()

    def backward(self, dout):
        self.check_upstream(dout)
        wanted = {"x": self.x, **self.p} if self.x.requires_grad else self.p
        grads = torch.autograd.grad(self.y, wanted.values(), tensor(dout), retain_graph=True)
        self.grads = {name: g.numpy() for name, g in zip(wanted, grads, strict=True)}
        return self.grads.pop("x", None)

    def check_upstream(self, dout):
        if self.y is None:
            raise RuntimeError(f"{self.name}: backward needs a forward before it")
        if dout.shape != tuple(self.y.shape):
            raise ValueError(f"{self.name}: dout {dout.shape}, expected {tuple(self.y.shape)}")

    def check(self, x):
        if self.dimensions and x.ndim not in self.dimensions:
            raise ValueError(f"{self.name}: x of shape {x.shape} has {x.ndim} dimensions")
        if self.size and x.shape[1] != self.size:
            raise ValueError(f"{self.name}: x of shape {x.shape}, expected {self.size} in axis 1")

    @property
    def name(self):
        return type(self).__name__


def plain(kind, dimensions=None, **fixed):
    """Return a layer around a module that takes the contract's arguments, and some fixed ones."""

    class Plain(Layer):
        def __init__(self, *args, **options):
            super().__init__(kind(*args, **options, **fixed), dimensions)

    return Plain


def pooled(pool):
    """Return a function that makes a global pooling without the last two axes."""
    return lambda: nn.Sequential(pool(1), nn.Flatten())


class Conv2D(Layer):
    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        bias=True,
        dilation=1,
        groups=1,
    ):
        positive(self.name, kernel_size=kernel_size, stride=stride, dilation=dilation)
        sizes = np.multiply(dilation, np.subtract(np.broadcast_to(kernel_size, 2), 1))
        if padding == "full":  # which PyTorch does not have
            padding = tuple(sizes.tolist())
        if not isinstance(padding, str):
            positive(self.name, least=0, padding=padding)
        self.every = np.broadcast_to(stride if padding in ("same", "same_lower") else 1, 2)
        self.zeros = (0, 0, 0, 0)  # PyTorch has no "same_lower", and no "same" with a stride
        if padding == "same_lower":
            rows, columns = (int(size) for size in sizes)
            self.zeros = (columns - columns // 2, columns // 2, rows - rows // 2, rows // 2)
        stride = 1 if padding in ("same", "same_lower") else stride
        padding = 0 if padding == "same_lower" else padding
        module = nn.Conv2d(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias
        )
        module.register_forward_pre_hook(lambda _, x: nn.functional.pad(x[0], self.zeros))
        module.register_forward_hook(lambda _, x, y: y[:, :, :: self.every[0], :: self.every[1]])
        super().__init__(module, dimensions=(4,), size=in_channels)


class Conv1D(Layer):
    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True, dilation=1
    ):
        positive(self.name, kernel_size=kernel_size, stride=stride, dilation=dilation)
        positive(self.name, least=0, padding=padding)
        module = nn.Conv1d(
            in_channels, out_channels, kernel_size, stride, padding, dilation, bias=bias
        )
        super().__init__(module, dimensions=(3,), size=in_channels)


class ConvTranspose2D(Layer):
    kind, dimensions = nn.ConvTranspose2d, (4,)

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        output_padding=0,
        bias=True,
    ):
        positive(self.name, kernel_size=kernel_size, stride=stride)
        positive(self.name, least=0, padding=padding, output_padding=output_padding)
        if (np.array(output_padding) >= np.array(stride)).any():
            raise ValueError(f"{self.name}: output_padding {output_padding}, stride {stride}")
        module = self.kind(
            in_channels, out_channels, kernel_size, stride, padding, output_padding, bias=bias
        )
        super().__init__(module, self.dimensions, size=in_channels)


class ConvTranspose1D(ConvTranspose2D):
    kind, dimensions = nn.ConvTranspose1d, (3,)


class Upsample(Layer):
    def __init__(self, scale_factor):
        positive(self.name, scale_factor=scale_factor)
        super().__init__(nn.Upsample(scale_factor=scale_factor), dimensions=(4,))


class MaxPool2D(Layer):
    def __init__(self, kernel_size, stride=None, padding=0, ceil_mode=False):
        positive(self.name, kernel_size=kernel_size, stride=1 if stride is None else stride)
        positive(self.name, least=0, padding=padding)
        module = nn.MaxPool2d(kernel_size, stride, padding, ceil_mode=ceil_mode)
        super().__init__(module, dimensions=(4,))


class Dense(Layer):
    def __init__(self, in_features, out_features, bias=True):
        module = nn.Linear(in_features, out_features, bias)
        super().__init__(module, dimensions=range(2, 33))
        self.features = in_features

    def check(self, x):
        super().check(x)
        if x.shape[-1] != self.features:
            raise ValueError(f"Dense: x of shape {x.shape}, expected {self.features} features")


class AvgPool2D(Layer):
    def __init__(
        self, kernel_size, stride=None, padding=0, count_include_pad=True, ceil_mode=False
    ):
        positive(self.name, kernel_size=kernel_size, stride=1 if stride is None else stride)
        positive(self.name, least=0, padding=padding)
        module = nn.AvgPool2d(kernel_size, stride, padding, ceil_mode, count_include_pad)
        super().__init__(module, dimensions=(4,))


class BatchNorm(Layer):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(self.kind(num_features, eps, momentum), self.dimensions, num_features)
        zeros, ones = np.zeros(num_features), np.ones(num_features)
        self.buffers = {"running_mean": zeros, "running_var": ones}

    def forward(self, x):
        self.module.train(self.training)
        for name, array in self.buffers.items():
            setattr(self.module, name, torch.from_numpy(array.astype(x.dtype)))
        y = super().forward(x)
        for name, array in self.buffers.items():
            array[...] = getattr(self.module, name).numpy()
        return y


class BatchNorm1D(BatchNorm):
    kind, dimensions = nn.BatchNorm1d, (2, 3)


class BatchNorm2D(BatchNorm):
    kind, dimensions = nn.BatchNorm2d, (4,)


class Dropout(Layer):
    def __init__(self, p=0.5, rng=None):
        if not 0 <= p <= 1:
            raise ValueError(f"Dropout: p must be from 0 to 1, got {p}")
        super().__init__(nn.Dropout(p))
        self.random = None  # the state of PyTorch's one generator where this layer left it
        if rng is not None:
            seed = int(np.random.default_rng(rng).integers(2**31))
            self.random = torch.Generator().manual_seed(seed).get_state()

    def forward(self, x):
        self.module.train(self.training)
        if self.random is None:
            return super().forward(x)
        with torch.random.fork_rng(devices=[]):
            torch.set_rng_state(self.random)
            y = super().forward(x)
            self.random = torch.get_rng_state()
        return y


class Recurrent(Layer):
    def __init__(self, input_size, hidden_size, **options):
        positive(self.name, input_size=input_size, hidden_size=hidden_size)
        self.features, self.hidden, self.states = input_size, hidden_size, []
        module = getattr(nn, self.name)(input_size, hidden_size, batch_first=True, **options)
        super().__init__(module, dimensions=(3,))
        module.register_forward_hook(
            lambda module, inputs, output: output[0] if len(inputs) == 1 else output
        )

    def forward(self, x, *states):
        self.states = [tensor(state, needs_gradient=True) for state in states]
        if not states:
            return super().forward(x)
        self.check(x)
        for state in states:
            if state.shape != (len(x), self.hidden):
                raise ValueError(f"{self.name}: state {state.shape}, expected {self.hidden} units")
        self.x = tensor(x, needs_gradient=True)
        self.p = {name: tensor(p, needs_gradient=True) for name, p in self.params.items()}
        given = tuple(state[None] for state in self.states)
        given = given if len(given) > 1 else given[0]
        self.y, last = functional_call(self.module, self.p, (self.x, given))
        self.last = last if isinstance(last, tuple) else (last,)
        return tuple(y.detach().numpy().copy() for y in (self.y, *(each[0] for each in self.last)))

    def backward(self, dout, *of_last):
        if not self.states:
            return super().backward(dout)
        self.check_upstream(dout)
        outputs, upstream = (
            (self.y, *self.last),
            (tensor(dout), *(tensor(d)[None] for d in of_last)),
        )
        wanted = (self.x, *self.states, *self.p.values())
        found = [g.numpy() for g in torch.autograd.grad(outputs, wanted, upstream)]
        count = 1 + len(self.states)
        self.grads = dict(zip(self.p, found[count:], strict=True))
        return tuple(found[:count])

    def check(self, x):
        super().check(x)
        if x.shape[2] != self.features:
            raise ValueError(
                f"{self.name}: x of shape {x.shape}, expected {self.features} in axis 2"
            )


class RNN(Recurrent):
    def __init__(self, input_size, hidden_size, nonlinearity="tanh"):
        super().__init__(input_size, hidden_size, nonlinearity=nonlinearity)


class LSTM(Recurrent):
    pass


class GRU(Recurrent):
    pass


class Embedding(Layer):
    def __init__(self, num_embeddings, embedding_dim):
        positive(self.name, num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        super().__init__(nn.Embedding(num_embeddings, embedding_dim))

    def check(self, x):
        wrong = x[(x < 0) | (x >= self.module.num_embeddings)]
        if wrong.size:
            raise ValueError(f"Embedding: {wrong.tolist()} are no indices of a row")

    def forward(self, x):
        return super().forward(x.astype(np.int64))


class MultiHeadAttention(Layer):
    def __init__(self, embed_dim, num_heads, bias=True, causal=False):
        if num_heads < 1 or embed_dim % num_heads:
            raise ValueError(f"{self.name}: {embed_dim} features for {num_heads} heads")
        module = nn.MultiheadAttention(embed_dim, num_heads, bias=bias, batch_first=True)
        super().__init__(module)
        self.causal, self.features = causal, embed_dim
        module.register_forward_pre_hook(self.given, with_kwargs=True)
        module.register_forward_hook(lambda module, inputs, output: output[0])

    def given(self, module, inputs, options):
        (x,) = inputs
        later = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
        return (x, x, x), {"attn_mask": later if self.causal else None, "need_weights": False}

    def check(self, x):
        if x.ndim != 3 or x.shape[2] != self.features:
            raise ValueError(f"{self.name}: x of shape {x.shape}, expected (N, T, {self.features})")


class ScaledDotProductAttention(Layer):
    """A function of PyTorch's with three inputs."""

    def __init__(self, causal=False):
        super().__init__(nn.Identity())
        self.causal = causal

    def forward(self, query, key, value, mask=None):
        shapes = f"{self.name}: query {query.shape}, key {key.shape}, value {value.shape}"
        if query.ndim not in (3, 4) or key.shape != value.shape:
            raise ValueError(shapes)
        allowed = None if mask is None else tensor(mask)
        if self.causal:
            earlier = torch.ones(query.shape[-2], key.shape[-2], dtype=torch.bool).tril()
            allowed = earlier if mask is None else earlier & allowed
        self.given = [tensor(each, needs_gradient=True) for each in (query, key, value)]
        try:
            self.y = nn.functional.scaled_dot_product_attention(*self.given, allowed)
        except RuntimeError as error:
            raise ValueError(f"{shapes}, mask {np.shape(mask)}: {error}") from error
        return self.y.detach().numpy().copy()

    def backward(self, dout):
        self.check_upstream(dout)
        grads = torch.autograd.grad(self.y, self.given, tensor(dout), retain_graph=True)
        return tuple(g.numpy() for g in grads)


PLAIN = {
    "Flatten": plain(nn.Flatten, range(2, 33)),
    "GlobalAvgPool2D": plain(pooled(nn.AdaptiveAvgPool2d), (4,)),
    "GlobalMaxPool2D": plain(pooled(nn.AdaptiveMaxPool2d), (4,)),
    "Softmax": plain(nn.Softmax, range(2, 33), dim=-1),
    "LogSoftmax": plain(nn.LogSoftmax, range(2, 33), dim=-1),
}
PLAIN |= {name: plain(getattr(nn, name)) for name in ("ReLU", "LeakyReLU", "ELU", "Sigmoid")}
PLAIN |= {name: plain(getattr(nn, name)) for name in ("Tanh", "SiLU", "GELU", "Identity")}
for unit, layer in PLAIN.items():
    globals()[unit] = type(unit, (layer,), {"__module__": __name__})


class GroupNorm(Layer):
    def __init__(self, num_groups, num_channels, eps=1e-5):
        positive(self.name, num_groups=num_groups, num_channels=num_channels)
        if num_channels % num_groups:
            raise ValueError(f"GroupNorm: {num_channels} channels in {num_groups} groups")
        module = nn.GroupNorm(num_groups, num_channels, eps)
        super().__init__(module, range(2, 33), num_channels)


class LayerNorm(Layer):
    def __init__(self, normalized_shape, eps=1e-5):
        positive(self.name, normalized_shape=normalized_shape)
        super().__init__(nn.LayerNorm(normalized_shape, eps))


class Loss:
    """A loss of `torch.nn.functional`, with the contract's errors."""

    def __init__(self, reduction="mean"):
        self.reduction, self.value = reduction, None

    def forward(self, prediction, target):
        self.check(prediction, target)
        self.prediction = tensor(prediction, needs_gradient=True)
        self.value = self.compute(self.prediction, tensor(target))
        return self.value.item()

    def compute(self, prediction, target):
        target = target if target.is_floating_point() else target.long()  # as PyTorch takes labels
        return self.module(reduction=self.reduction)(prediction, target)

    def backward(self):
        if self.value is None:
            raise RuntimeError(f"{type(self).__name__}: backward needs a forward before it")
        return torch.autograd.grad(self.value, self.prediction, retain_graph=True)[0].numpy()


class OfLabels(Loss):
    def check(self, logits, target):
        shapes = f"{type(self).__name__}: logits {logits.shape}, target {target.shape}"
        if logits.ndim != 2 or target.shape not in (logits.shape, logits.shape[:1]):
            raise ValueError(f"{shapes}: expected (N, K) and (N,) or (N, K)")
        if target.ndim == 1 and not ((target >= 0) & (target < logits.shape[1])).all():
            raise ValueError(f"{shapes}: labels {target.tolist()} are not all below the classes")


class SoftmaxCrossEntropy(OfLabels):
    def __init__(self, reduction="mean", ignore_index=None):
        super().__init__(reduction)
        self.ignored = -(2**40) if ignore_index is None else ignore_index  # none has this label
        self.module = partial(nn.CrossEntropyLoss, ignore_index=self.ignored)

    def check(self, logits, target):
        if logits.ndim == 3 and target.shape == logits.shape[:2]:
            logits, target = logits.reshape(-1, logits.shape[2]), target.reshape(-1)
        if target.ndim == 1 and target.shape == logits.shape[:1]:
            logits, target = (each[target != self.ignored] for each in (logits, target))
        super().check(logits, target)

    def compute(self, logits, target):
        if logits.ndim == 3:
            logits, target = logits.flatten(0, 1), target.flatten()
        return super().compute(logits, target)


class NLL(OfLabels):
    module = nn.NLLLoss


class Hinge(OfLabels):
    module = nn.MultiMarginLoss

    def compute(self, logits, target):
        return super().compute(logits, target) * logits.shape[1]


class OfTwo(Loss):
    def check(self, pred, target):
        if pred.shape != target.shape:
            raise ValueError(f"{type(self).__name__}: {pred.shape} and {target.shape} differ")


COMPARING = {"MSE": nn.MSELoss, "L1": nn.L1Loss, "BCE": nn.BCELoss}
for unit, module in (COMPARING | {"BCEWithLogits": nn.BCEWithLogitsLoss}).items():
    globals()[unit] = type(unit, (OfTwo,), {"__module__": __name__, "module": module})


class Huber(OfTwo):
    def __init__(self, reduction="mean", delta=1.0):
        super().__init__(reduction)
        if not delta > 0:
            raise ValueError(f"Huber: delta is {delta}")
        self.module = partial(nn.HuberLoss, delta=delta)


class Optimizer:
    """An optimizer of `torch.optim`, which remembers parameters by their names."""

    kind = None

    def __init__(self, *args, decay=0.0, **options):
        empty = [nn.Parameter(torch.zeros(1))]
        self.kind(empty, *args, **options)  # refuses bad arguments at once
        self.args, self.options, self.decay = args, options, decay
        self.optimizers, self.steps = {}, 0

    def step(self, params, grads):
        for name, p in params.items():
            if p.shape != grads[name].shape:
                shapes = f"{name} is {p.shape}, its gradient {grads[name].shape}"
                raise ValueError(f"{type(self).__name__}: {shapes}")
        for name, p in params.items():
            value = torch.from_numpy(p)
            if name not in self.optimizers:
                self.optimizers[name] = self.kind([value], *self.args, **self.options)
                self.optimizers[name].rate = self.optimizers[name].param_groups[0]["lr"]
            optimizer = self.optimizers[name]
            (group,) = optimizer.param_groups
            (known,) = group["params"]
            known.data, known.grad = value, tensor(grads[name])
            group["lr"] = optimizer.rate / (1 + self.decay * self.steps)
            optimizer.step()
        self.steps += 1


RULES = {
    "SGD": "SGD",
    "AdaGrad": "Adagrad",
    **{name: name for name in ("RMSprop", "Adam", "AdamW")},
}
for unit, rule in RULES.items():
    kind = getattr(torch.optim, rule)
    globals()[unit] = type(unit, (Optimizer,), {"__module__": __name__, "kind": kind})


class Sequential:
    def __init__(self, layers):
        self.layers = layers
        self.training = True

    params = property(lambda self: flat(self.layers, "params"))
    grads = property(lambda self: flat(self.layers, "grads"))

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name == "training":
            for layer in self.layers:
                layer.training = value

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout


def fit(model, loss, optimizer, x, y, *, epochs=1, batch_size=32, shuffle=True, rng=None):
    """Train with batches that a `DataLoader` would make."""
    same_length(x, y)
    seed = int(np.random.default_rng(rng).integers(2**31))
    generator = torch.Generator().manual_seed(seed)
    history = {"loss": [], "accuracy": []}
    was, model.training = model.training, True
    for _ in range(epochs):
        order = torch.randperm(len(x), generator=generator) if shuffle else torch.arange(len(x))
        total, hits = 0.0, 0
        for batch in order.split(batch_size):
            xb, yb = x[batch.numpy()], y[batch.numpy()]
            out = model.forward(xb)
            total += loss.forward(out, yb) * (len(xb) if loss.reduction == "mean" else 1)
            hits += correct(out, yb)
            model.backward(loss.backward())
            optimizer.step(model.params, model.grads)
        history["loss"].append(total / len(x))
        history["accuracy"].append(hits / len(x))
    model.training = was
    return history if is_classes(y) else {"loss": history["loss"]}


def evaluate(model, loss, x, y, *, batch_size=256):
    same_length(x, y)
    out = predict(model, x, batch_size=batch_size)
    value = loss.forward(out, y) / (1 if loss.reduction == "mean" else len(x))
    return {"loss": value, **({"accuracy": correct(out, y) / len(x)} if is_classes(y) else {})}


def predict(model, x, *, batch_size=256):
    was, model.training = model.training, False
    parts = [model.forward(part.numpy()) for part in torch.from_numpy(x.copy()).split(batch_size)]
    model.training = was
    return np.concatenate(parts)


def tensor(array, needs_gradient=False):
    """Return a tensor of its own memory: arrays may be read-only or reversed."""
    return torch.tensor(np.ascontiguousarray(array), requires_grad=needs_gradient).reshape(
        np.shape(array)
    )


def positive(name, least=1, **sizes):
    for what, value in sizes.items():
        if min(np.atleast_1d(value)) < least:
            raise ValueError(f"{name}: {what} must be at least {least}, got {value}")


def flat(layers, attribute):
    return {
        f"{index}.{name}": array
        for index, layer in enumerate(layers)
        for name, array in getattr(layer, attribute).items()
    }


def same_length(x, y):
    if len(x) != len(y):
        raise ValueError(f"{len(x)} samples, but {len(y)} targets")


def is_classes(y):
    one_hot = y.ndim == 2 and np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all()
    return bool(one_hot) or (y.ndim == 1 and y.dtype.kind in "iu")


def correct(out, y):
    if not is_classes(y):
        return 0
    return int((out.argmax(axis=1) == (y if y.ndim == 1 else y.argmax(axis=1))).sum())
