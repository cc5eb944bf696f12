import numpy as np
import pytest

from reference import Dense, ReLU, Sequential
from reference.weights import load_weights, save_weights


def make_model(seed):
    return Sequential([Dense(3, 4, rng=seed), ReLU(), Dense(4, 2, rng=seed + 1)])


@pytest.fixture
def saved(tmp_path):
    save_weights(tmp_path / "model.npz", make_model(0))
    return tmp_path / "model.npz"


def test_what_is_saved_is_loaded(saved):
    model = make_model(5)
    load_weights(saved, model)
    for name, p in make_model(0).params.items():
        np.testing.assert_array_equal(model.params[name], p)


def test_the_file_is_plain_npz_with_the_names_of_the_parameters(saved):
    with np.load(saved, allow_pickle=False) as file:
        assert set(file) == {"0.weight", "0.bias", "2.weight", "2.bias"}


def test_a_truncated_file_changes_nothing(saved):
    content = saved.read_bytes()
    model = make_model(5)
    for length in range(0, len(content), 7):
        saved.write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"model\.npz: not a readable \.npz file of arrays"):
            load_weights(saved, model)
    for name, p in make_model(5).params.items():
        np.testing.assert_array_equal(model.params[name], p)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"no\.npz: not a readable \.npz file of arrays: "):
        load_weights(tmp_path / "no.npz", make_model(0))


@pytest.mark.parametrize("content", [b"text", b"\x80\x04K\x01."])
def test_a_foreign_file_is_named(tmp_path, content):
    (tmp_path / "foreign.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"foreign\.npz: not a readable \.npz file of arrays: "):
        load_weights(tmp_path / "foreign.npz", make_model(0))


def test_pickled_objects_are_refused(tmp_path):
    np.savez(tmp_path / "pickle.npz", **{"0.weight": np.array([print], dtype=object)})
    with pytest.raises(ValueError, match=r"not a readable .* Object arrays cannot be loaded"):
        load_weights(tmp_path / "pickle.npz", make_model(0))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p.pop("2.bias"), r"expected the parameters \[.*'2\.bias'.*\], got \["),
        (lambda p: p.update(extra=np.ones(1)), r"expected the parameters .* got .*'extra'"),
        (
            lambda p: p.update({"2.bias": np.ones(3)}),
            r"expected 2\.bias of shape \(2,\), got shape \(3,\)",
        ),
        (
            lambda p: p.update({"2.bias": np.ones(2, int)}),
            r"expected 2\.bias to be floats, got dtype int64",
        ),
    ],
)
def test_another_models_file_changes_nothing(tmp_path, change, message):
    arrays = dict(make_model(0).params)
    change(arrays)
    np.savez(tmp_path / "other.npz", **arrays)
    model = make_model(5)
    with pytest.raises(ValueError, match=message):
        load_weights(tmp_path / "other.npz", model)
    np.testing.assert_array_equal(model.params["0.weight"], make_model(5).params["0.weight"])
