"""Memory that layers reuse: never handed out, never saved, and never much."""

import copy
import gc
import pickle
import threading
import tracemalloc

import numpy as np
import pytest

from reference import (
    SGD,
    Conv2D,
    Dense,
    Flatten,
    MaxPool2D,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
)
from reference.fast.scratch import SCRATCH, Scratch, keep_freed_memory

LAYERS = {
    "Conv2D": lambda: Conv2D(4, 5, 3, padding=1, rng=0),
    "Conv2D in groups": lambda: Conv2D(4, 6, (3, 2), (2, 1), 1, groups=2, rng=0),
    "MaxPool2D": lambda: MaxPool2D(3, 2, 1),
    "MaxPool2D by 2": lambda: MaxPool2D(2),
}


@pytest.fixture(params=LAYERS)
def make(request):
    return LAYERS[request.param]


def both_ways(layer, x):
    y = layer.forward(x)
    return [y, layer.backward(y), *layer.grads.values()]


def test_memory_is_taken_again_and_grows():
    scratch = Scratch()
    small = scratch.take("a", (2, 3), np.float32)
    assert (small.shape, small.dtype) == ((2, 3), np.float32)
    assert np.shares_memory(small, scratch.take("a", (3,), np.float64))
    assert not np.shares_memory(small, scratch.take("b", (2, 3), np.float32))
    assert scratch.take("a", (50, 3), np.float64).shape == (50, 3)


def test_kept_memory_is_never_handed_out(make, rng):
    handed_out = both_ways(make(), rng.normal(size=(6, 4, 9, 8)))
    kept = list(SCRATCH._memory.values())
    assert kept
    assert not any(np.shares_memory(a, b) for a in handed_out for b in kept)


def test_layers_share_memory_and_no_results(make, rng):
    images = [rng.normal(size=(6, 4, 9, 8)) for _ in range(2)]
    alone = [both_ways(make(), x) for x in images]
    layers = [make(), make()]
    y = [layer.forward(x) for layer, x in zip(layers, images, strict=True)]
    dx = [layer.backward(out) for layer, out in zip(layers, y, strict=True)]
    for one, out, gradient in zip(alone, y, dx, strict=True):
        np.testing.assert_array_equal(one[0], out)
        np.testing.assert_array_equal(one[1], gradient)


def test_layers_in_two_threads_give_what_each_gives_alone(make, rng):
    images = [rng.normal(size=(32, 4, 20, 20)) for _ in range(2)]
    alone = [both_ways(make(), x) for x in images]
    wrong = []

    def work(x, expected):
        layer = make()
        for _ in range(20):
            for actual, array in zip(both_ways(layer, x), expected, strict=True):
                if not np.array_equal(actual, array):
                    wrong.append(np.abs(actual - array).max())

    threads = [threading.Thread(target=work, args=pair) for pair in zip(images, alone, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_copies_and_saved_layers_go_on_by_themselves(make, rng):
    layer = make()
    x = rng.normal(size=(6, 4, 9, 8))
    expected = both_ways(layer, x)
    for other in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        np.testing.assert_array_equal(other.backward(expected[0]), expected[1])
        for actual, array in zip(both_ways(other, x), expected, strict=True):
            np.testing.assert_array_equal(actual, array)


def test_memory_is_freed_on_request(make, rng):
    both_ways(make(), rng.normal(size=(6, 4, 9, 8)))
    SCRATCH.clear()
    assert not SCRATCH._memory


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (Conv2D(1, 20, 9, rng=0), (100, 1, 28, 28)),
        (Conv2D(64, 64, 3, padding=1, rng=0), (8, 64, 56, 56)),
        (Conv2D(3, 32, 7, 2, 3, rng=0), (16, 3, 112, 112)),
        (MaxPool2D(2), (64, 16, 56, 56)),
        (MaxPool2D(3, 2), (64, 16, 56, 56)),
    ],
    ids=["9x9", "3x3", "7x7", "pool2", "pool3"],
)
def test_memory_beside_input_and_output(layer, shape):
    x = np.ones(shape, np.float32)
    for name, value in layer.params.items():
        layer.params[name] = value.astype(np.float32)
    keep_freed_memory()  # which takes memory once
    SCRATCH.clear()
    tracemalloc.start()
    try:
        y = layer.forward(x)
        forward = tracemalloc.get_traced_memory()[1] / (x.nbytes + y.nbytes)
        dout = np.ones(y.shape, np.float32)
        tracemalloc.reset_peak()
        layer.backward(dout)
        peak = tracemalloc.get_traced_memory()[1] - y.nbytes - dout.nbytes
        backward = peak / (x.nbytes + y.nbytes)
    finally:
        tracemalloc.stop()
    assert forward <= 1.25
    assert backward <= 1.5


class Training:
    """A network of two convolutions, and steps of its training."""

    def __init__(self, rng, N, size):
        first = [Conv2D(1, 8, 3, padding=1, rng=0), ReLU(), MaxPool2D(2)]
        second = [Conv2D(8, 16, 3, padding=1, rng=0), ReLU(), MaxPool2D(2)]
        dense = Dense(16 * (size // 4) ** 2, 10, rng=0)
        self.network = Sequential([*first, *second, Flatten(), dense])
        for name, value in self.network.params.items():
            self.network.params[name] = value.astype(np.float32)
        self.x = rng.normal(size=(N, 1, size, size)).astype(np.float32)
        self.labels = rng.integers(0, 10, N)
        self.loss, self.optimizer = SoftmaxCrossEntropy(), SGD(0.01)

    def step(self):
        self.loss.forward(self.network.forward(self.x), self.labels)
        self.network.backward(self.loss.backward())
        self.optimizer.step(self.network.params, self.network.grads)

    def arrays(self):
        """Return the bytes of all outputs, and of the two largest gradients at a time."""
        outputs, y = [], self.x
        for layer in self.network.layers:
            y = layer.forward(y)
            if not isinstance(layer, Flatten):
                outputs.append(y.nbytes)
        return sum(outputs) + sum(sorted(outputs)[-2:])


def test_a_training_step_needs_little_more_than_its_arrays(rng):
    needed = Training(rng, 64, 28).arrays()
    training = Training(rng, 64, 28)
    keep_freed_memory()
    SCRATCH.clear()
    gc.collect()
    tracemalloc.start()
    try:
        for _ in range(2):
            tracemalloc.reset_peak()
            training.step()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= 1.5 * needed


def test_memory_does_not_grow_from_step_to_step(rng):
    training = Training(rng, 2, 8)
    tracemalloc.start()
    try:
        held = []
        for _ in range(2):
            for _ in range(50):
                training.step()
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert held[1] - held[0] < 1000  # the smallest array, a bias, more in each step would be 3,000
