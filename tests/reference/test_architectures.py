import numpy as np
import pytest

from reference import Conv2D, Dense, Flatten, MaxPool2D, ReLU
from reference.architectures import build


def test_words_become_layers():
    model = build("conv4-pool-conv6k5-dense7", (2, 8, 9), 3, np.random.default_rng(0))
    kinds = [Conv2D, ReLU, MaxPool2D, Conv2D, ReLU, Flatten, Dense, ReLU, Dense]
    assert [type(layer) for layer in model.network.layers] == kinds
    assert model.network.params["3.weight"].shape == (6, 4, 5, 5)
    assert model.network.params["6.weight"].shape == (7, 6 * 4 * 4)
    assert model.predict(np.zeros((5, 2, 8, 9))).shape == (5, 3)


def test_a_network_without_dense_words_still_ends_in_the_classes():
    model = build("pool3", (1, 9, 9), 4, np.random.default_rng(0))
    assert model.predict(np.zeros((2, 1, 9, 9))).shape == (2, 4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "architecture '': '' is not one of conv8,"),
        ("conv8-", "'' is not one of"),
        ("conv", "'conv' is not one of"),
        ("conv8k4", "the size of a filter must be odd, got 'conv8k4'"),
        ("conv0", "out_channels must be >= 1, got 0"),
        ("pool0", "kernel_size must be >= 1, got 0"),
        ("pool-pool-pool-pool", "expected a padded input of at least the kernel's size"),
        ("dense4-conv3", "'conv3' cannot follow a dense layer"),
        ("dense4-pool", "'pool' cannot follow a dense layer"),
    ],
)
def test_bad_texts_are_named(text, message):
    with pytest.raises(ValueError, match=message):
        build(text, (1, 8, 8), 10, np.random.default_rng(0))
