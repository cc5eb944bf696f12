"""Several mistakes in the same code: each hides what another gives alone."""

import numpy as np
import pytest

import reference
from cnn_conformance.mistakes import catalogue, together
from cnn_conformance.mistakes.edits import BadEdit
from tests.grade import grade


def row(unit, name):
    (found,) = (each for each in catalogue() if (each.unit, each.name) == (unit, name))
    return found


class MaxPool2D(reference.MaxPool2D):
    """Window by window: what is there is overwritten, and the columns are counted in rows."""

    def forward(self, x):
        if self.padding != (0, 0):
            raise NotImplementedError("unsupported: padding")
        self.x = np.array(x)
        return super().forward(x)

    def backward(self, dout):
        dx = np.zeros_like(super().backward(dout))
        (KH, KW), (SH, SW) = self.kernel_size, self.stride
        for n, c, i in np.ndindex(dout.shape[:3]):
            for j in range(min(dout.shape[2:])):
                window = self.x[n, c, i * SH : i * SH + KH, j * SW : j * SW + KW]
                k, m = np.unravel_index(window.argmax(), window.shape)
                dx[n, c, i * SH + k, j * SW + m] = dout[n, c, i, j]
        return dx


def test_two_mistakes_in_the_same_code_are_both_named():
    titles = grade({"MaxPool2D": MaxPool2D}, "MaxPool2D").titles("MaxPool2D")
    names = "wider than tall stops early", "overlapping windows overwrite, by position"
    assert {row("MaxPool2D", name).title for name in names} <= set(titles)


def test_together_is_each_of_its_parts():
    parts = [row("Dense", name) for name in ("bias forgotten", "gradients averaged over the batch")]
    both = together(parts)
    assert set(both.loses) == {id_ for part in parts for id_ in part.loses}
    lost = {result.requirement for result in grade(both.replaces, "Dense").not_passed.values()}
    assert {"DENSE-2", "DENSE-21"} <= lost


@pytest.mark.parametrize(
    "names", [["bias forgotten", "bias forgotten"], ["out_features on the class", "bias forgotten"]]
)
def test_what_changes_the_same_lines_or_is_kept_on_the_class_is_not_put_together(names):
    with pytest.raises(BadEdit):
        together([row("Dense", name) for name in names])


class HardTargets(reference.SoftmaxCrossEntropy):
    """Of a row of the target only the largest counts, and backward goes through softmax twice."""

    def forward(self, logits, target):
        if np.ndim(target) == np.ndim(logits):
            target = np.argmax(target, axis=-1)
        if np.ndim(logits) > 2:
            target = np.zeros_like(target)
        self.p = np.exp(logits - logits.max(axis=-1, keepdims=True))
        self.p /= self.p.sum(axis=-1, keepdims=True)
        return super().forward(logits, target)

    def backward(self):
        dlogits = super().backward()
        return self.p * (dlogits - (self.p * dlogits).sum(axis=-1, keepdims=True))


def test_a_gradient_of_another_forward_speaks_against_no_mistake_in_backward():
    graded = grade({"SoftmaxCrossEntropy": HardTargets}, "SoftmaxCrossEntropy", profile="full")
    title = row("SoftmaxCrossEntropy", "jacobian applied twice").title
    assert title in graded.titles("SoftmaxCrossEntropy")
