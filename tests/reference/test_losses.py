import numpy as np
import pytest

from reference import MSE, SoftmaxCrossEntropy


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_cross_entropy_of_huge_logits_is_exact(dtype):
    loss = SoftmaxCrossEntropy()
    assert loss.forward(np.array([[1e4, -1e4]], dtype), np.array([1])) == 20_000.0
    assert loss.backward().tolist() == [[1.0, -1.0]]
    assert loss.forward(np.array([[1e4, -1e4]], dtype), np.array([0])) == 0.0


def test_rows_of_very_different_size_do_not_disturb_each_other():
    logits = np.array([[1e4, 1e4], [-1e4, -1e4]])
    assert SoftmaxCrossEntropy().forward(logits, np.array([0, 1])) == pytest.approx(np.log(2))


def test_an_impossible_class_that_is_not_the_target_is_no_harm():
    logits = np.array([[0.0, -np.inf, 0.0]])
    loss = SoftmaxCrossEntropy()
    assert loss.forward(logits, np.array([0])) == pytest.approx(np.log(2))
    np.testing.assert_allclose(loss.backward(), [[-0.5, 0.0, 0.5]])


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_labels_and_one_hot_rows_agree(rng, reduction):
    logits, labels = rng.normal(size=(4, 3)), np.array([2, 0, 1, 2])
    one, other = SoftmaxCrossEntropy(reduction), SoftmaxCrossEntropy(reduction)
    assert one.forward(logits, labels) == other.forward(logits, np.eye(3)[labels])
    np.testing.assert_array_equal(one.backward(), other.backward())


@pytest.mark.parametrize("make", [SoftmaxCrossEntropy, MSE])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_the_gradient_fits_the_loss(make, reduction, rng, numeric_gradient):
    pred, target = rng.normal(size=(4, 3)), rng.dirichlet(np.ones(3), 4)
    loss = make(reduction)
    expected = numeric_gradient(lambda v: loss.forward(v, target), pred)
    loss.forward(pred, target)
    np.testing.assert_allclose(loss.backward(), expected, atol=1e-7)


@pytest.mark.parametrize("make", [SoftmaxCrossEntropy, MSE])
def test_arguments_stay_unchanged_and_gradients_do_too(make, rng):
    loss, pred, target = make(), rng.normal(size=(4, 3)), rng.dirichlet(np.ones(3), 4)
    copies = pred.copy(), target.copy()
    pred.flags.writeable = target.flags.writeable = False
    assert isinstance(loss.forward(pred, target), float)
    gradient = loss.backward()
    before = gradient.copy()
    loss.forward(2 * pred, target)
    loss.backward()
    np.testing.assert_array_equal(gradient, before)
    np.testing.assert_array_equal(pred, copies[0])
    np.testing.assert_array_equal(target, copies[1])


def test_mse_is_the_mean_over_elements_not_samples():
    loss = MSE()
    assert loss.forward(np.array([[1.0, 2.0]]), np.array([[0.0, 4.0]])) == 2.5
    assert loss.backward().tolist() == [[1.0, -2.0]]


def test_the_sum_is_not_divided():
    assert MSE("sum").forward(np.array([[1.0, 2.0]]), np.array([[0.0, 4.0]])) == 5


@pytest.mark.parametrize("make", [SoftmaxCrossEntropy, MSE])
def test_an_unknown_reduction_is_named(make):
    with pytest.raises(ValueError, match=f"{make.__name__}: reduction must be .* got 'none'"):
        make("none")


@pytest.mark.parametrize("make", [SoftmaxCrossEntropy, MSE])
def test_backward_before_forward_is_an_error(make):
    with pytest.raises(RuntimeError, match=f"{make.__name__}: backward was called before forward"):
        make().backward()


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (np.array([0, 3]), "expected labels from 0 to 2, got labels from 0 to 3"),
        (np.array([-1, 1]), "expected labels from 0 to 2, got labels from -1 to 1"),
        (np.array([0.0, 1.0]), "expected integer class labels, got dtype float64"),
        (np.array([0, 1, 2]), r"expected a target of shape \(2,\) or \(2, 3\) .* shape \(3,\)"),
        (np.zeros((2, 4)), r"expected a target of shape \(2,\) or \(2, 3\) .* shape \(2, 4\)"),
        (np.zeros((2, 1), int), r"expected a target of shape .* shape \(2, 1\)"),
    ],
)
def test_bad_targets_are_named(target, message):
    with pytest.raises(ValueError, match="SoftmaxCrossEntropy: " + message):
        SoftmaxCrossEntropy().forward(np.zeros((2, 3)), target)


@pytest.mark.parametrize("shape", [(3,), (2, 3, 1), (0, 3), (2, 0)])
def test_bad_logits_are_named(shape):
    with pytest.raises(ValueError, match=r"SoftmaxCrossEntropy: expected .*, got shape"):
        SoftmaxCrossEntropy().forward(np.zeros(shape), np.zeros(shape[:1], int))


def test_shapes_are_not_broadcast():
    message = r"MSE: expected a target of pred's shape \(4, 1\), one-hot rows for classes, got"
    with pytest.raises(ValueError, match=message):
        MSE().forward(np.zeros((4, 1)), np.zeros(4))


def test_no_elements_have_no_mean():
    with pytest.raises(ValueError, match="MSE: expected at least one element"):
        MSE().forward(np.zeros((0, 2)), np.zeros((0, 2)))
