import numpy as np
import pytest

from reference import Dense, Flatten, ReLU, Sequential


@pytest.fixture
def model():
    return Sequential([Flatten(), Dense(6, 4, rng=0), ReLU(), Dense(4, 2, bias=False, rng=1)])


def test_names_are_index_and_name(model):
    assert list(model.params) == ["1.weight", "1.bias", "3.weight"]


def test_forward_and_backward_go_through_all_layers(model, rng):
    x, dout = rng.normal(size=(5, 2, 3)), rng.normal(size=(5, 2))
    flatten, first, relu, second = model.layers
    h = relu.forward(first.forward(flatten.forward(x)))
    np.testing.assert_array_equal(model.forward(x), second.forward(h))
    dx = model.backward(dout)
    assert dx.shape == x.shape
    np.testing.assert_allclose(model.grads["3.weight"], dout.T @ h)
    assert model.grads.keys() == model.params.keys()


def test_the_dict_holds_the_layers_own_arrays(model):
    assert model.params["1.weight"] is model.layers[1].params["weight"]
    model.params["1.weight"][...] = 7
    assert (model.layers[1].params["weight"] == 7).all()


def test_replacing_an_entry_replaces_it_in_the_layer(model):
    new, other = np.zeros((4, 6)), np.ones((2, 4))
    model.params["1.weight"] = new
    model.params.update({"3.weight": other})
    assert model.layers[1].params["weight"] is new
    assert model.layers[3].params["weight"] is other
    assert model.params["1.weight"] is new


def test_a_name_that_no_layer_has_is_an_error(model):
    with pytest.raises(KeyError, match=r"Sequential: no parameter '2\.weight'"):
        model.params["2.weight"] = np.zeros(1)


def test_networks_nest(model, rng):
    outer = Sequential([model, Dense(2, 1, rng=2)])
    assert list(outer.params) == ["0.1.weight", "0.1.bias", "0.3.weight", "1.weight", "1.bias"]
    new = np.zeros((2, 4))
    outer.params["0.3.weight"] = new
    assert model.layers[3].params["weight"] is new
    assert outer.backward(outer.forward(rng.normal(size=(3, 6)))).shape == (3, 6)
    outer.training = False
    assert not model.layers[0].training


def test_training_is_set_for_every_layer(model):
    assert model.training
    model.training = False
    assert not model.training
    assert not any(layer.training for layer in model.layers)


def test_the_list_of_layers_is_its_own():
    layers = [ReLU()]
    model = Sequential(layers)
    layers.append(Flatten())
    assert len(model.layers) == 1


@pytest.mark.parametrize("layer", [3, None, np.tanh])
def test_what_is_no_layer_is_named(layer):
    message = "Sequential: expected a layer with forward and backward at index 1, got "
    with pytest.raises(ValueError, match=message):
        Sequential([ReLU(), layer])
