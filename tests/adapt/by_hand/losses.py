import losses as foreign
import numpy as np


class SoftmaxCrossEntropy:
    def __init__(self, reduction="mean"):
        if reduction != "mean":
            raise NotImplementedError("unsupported: sum")
        self.reduction = reduction

    def forward(self, logits, target):
        if np.ndim(target) != 1:
            raise NotImplementedError("unsupported: probabilities")
        loss, self.gradient = foreign.softmax_cross_entropy(logits, target)
        return loss

    def backward(self):
        return self.gradient


class MSE:
    def __init__(self, reduction="mean"):
        if reduction != "mean":
            raise NotImplementedError("unsupported: sum")
        self.reduction = reduction

    def forward(self, pred, target):
        self.given = target, pred
        return foreign.mse(target, pred)

    def backward(self):
        return foreign.mse_prime(*self.given)
