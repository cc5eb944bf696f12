"""The table of ways to convolve: all agree, and the table has each with its share."""

import numpy as np
import pytest

from benchmarks import loops


@pytest.mark.parametrize("name", loops.WAYS)
def test_every_way_computes_the_same(name):
    rng = np.random.default_rng(0)
    x, weight = rng.normal(size=(2, 3, 7, 6)), rng.normal(size=(4, 3, 3, 3))
    np.testing.assert_allclose(loops.WAYS[name](x, weight), loops.im2col(x, weight), rtol=1e-10)


def test_a_way_that_computes_something_else_is_not_measured(monkeypatch):
    monkeypatch.setitem(loops.WAYS, "wrong", lambda x, w: loops.im2col(x, w[..., ::-1, ::-1]))
    monkeypatch.setattr(loops, "LEAST_SECONDS", 0)
    with pytest.raises(ValueError, match="wrong computes something else"):
        loops.measure((1, 1, 5, 5), 2, 3)


def test_the_table_has_all_ways_and_the_first_is_the_unit(monkeypatch, capsys):
    monkeypatch.setattr(loops, "LEAST_SECONDS", 0)
    assert loops.main(["--shape", "1", "1", "6", "6", "--filters", "2", "--kernel", "3"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("forward of 2 filters of 3x3 on 1 images of 6x6 with C = 1")
    assert all(f"| {name} |" in out for name in loops.WAYS)
    assert loops.table({"a": 10.0, "b": 2.5}).splitlines()[2:] == [
        "| a | 10 | 1 |",
        "| b | 2.5 | 4 |",
    ]


def test_a_kernel_that_does_not_fit_is_refused(capsys):
    with pytest.raises(SystemExit):
        loops.main(["--kernel", "29"])
    assert "a kernel that fits into the image" in capsys.readouterr().err
