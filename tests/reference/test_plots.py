"""What the pictures show."""

import math

import numpy as np
import pytest
from matplotlib.figure import Figure

from reference.plots import plot_confusion, plot_history, plot_predictions

LABELS = np.array([0, 0, 0, 2, 1])
PREDICTIONS = np.array([0, 1, 1, 2, 1])


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Return what draws a picture and returns its axes, after a look at the file."""
    figures = []
    save = Figure.savefig
    monkeypatch.setattr(Figure, "savefig", lambda f, *a, **o: figures.append(f) or save(f, *a, **o))

    def draw(plot, *args, **options):
        plot(tmp_path / "a.png", *args, **options)
        assert (tmp_path / "a.png").stat().st_size > 1000
        return figures[-1].axes

    return draw


def texts(axes):
    return {t.get_position()[::-1]: t.get_text() for t in axes.texts}


def test_the_confusion_matrix_has_numbers_by_label_and_prediction(drawn):
    (axes,) = drawn(plot_confusion, LABELS, PREDICTIONS, 3)
    assert texts(axes) == {(0, 0): "1", (0, 1): "2", (1, 1): "1", (2, 2): "1"}
    assert [t.get_text() for t in axes.get_xticklabels()] == ["0", "1", "2"]


def test_the_confusion_matrix_may_have_names_and_shares(drawn):
    names = "cat", "dog", "mouse"
    (axes,) = drawn(plot_confusion, LABELS, PREDICTIONS, names, normalized=True)
    assert texts(axes) == {(0, 0): "33", (0, 1): "67", (1, 1): "100", (2, 2): "100"}
    assert tuple(t.get_text() for t in axes.get_yticklabels()) == names


@pytest.mark.parametrize("channels", [1, 3])
def test_images_have_what_they_were_taken_for_the_wrong_ones_first(drawn, channels):
    images = np.arange(5)[:, None, None, None] / 5 * np.ones((1, channels, 4, 4))
    axes = drawn(plot_predictions, images, LABELS, PREDICTIONS, ["a", "b", "c"], shown=4)
    assert [each.get_title() for each in axes] == ["b, not a", "b, not a", "a", "c"]
    shown = [np.ravel(each.images[0].get_array())[0] for each in axes]
    np.testing.assert_allclose(shown, [0.2, 0.4, 0, 0.6])


def test_epochs_without_a_validation_are_left_out(drawn):
    history = {"loss": [3.0, 2.0, 1.0], "val_loss": [math.nan, 2.5, 1.5]}
    (axes,) = drawn(plot_history, history)
    (_, validation) = axes.lines
    assert validation.get_xydata().tolist() == [[2, 2.5], [3, 1.5]]
    (axes,) = drawn(plot_history, {"loss": [3.0], "val_loss": [math.nan]})
    assert len(axes.lines) == 1
