"""Losses that share no code with the layers."""

import numpy as np

from .layers.base import OrderError, ShapeError


class SoftmaxCrossEntropy:
    def __init__(self, reduction="mean"):
        self.reduction = reduction

    def forward(self, logits, target):
        who = "SoftmaxCrossEntropy"
        if logits.ndim != 2:
            raise ShapeError(f"{who}: expects 2-d logits, got {logits.ndim}-d")
        N, K = logits.shape
        if target.shape[0] != N:
            raise ShapeError(f"{who}: {N} rows of logits, but {target.shape[0]} targets")
        if target.ndim == 1:
            for label in target:
                if label < 0 or label >= K:
                    raise ShapeError(f"{who}: label {label!r} with {K} classes")
            shares = np.zeros((N, K), logits.dtype)
            for n, label in enumerate(target):
                shares[n, label] = 1
        elif target.shape[1] != K:
            raise ShapeError(f"{who}: {list(target.shape)} shares for {[N, K]} logits")
        else:
            shares = target
        peak = logits.max(1, keepdims=True)
        powers = np.exp(logits - peak)
        sums = powers.sum(1, keepdims=True)
        self.dlogits = powers / sums - shares
        losses = ((peak + np.log(sums)) - logits) * shares
        if self.reduction != "mean":
            return losses.sum()
        self.dlogits /= N
        return losses.sum(1).mean()

    def backward(self):
        try:
            return self.dlogits
        except AttributeError:
            raise OrderError("SoftmaxCrossEntropy has no gradient yet") from None


class MSE:
    def __init__(self, reduction="mean"):
        self.reduction = reduction
        self.pair = None

    def forward(self, pred, target):
        if pred.shape != target.shape:
            raise ShapeError(f"MSE: {list(pred.shape)} and {list(target.shape)}")
        self.pair = pred, target
        return getattr(np, self.reduction)((pred - target) ** 2)

    def backward(self):
        if self.pair is None:
            raise OrderError("MSE has no gradient yet")
        pred, target = self.pair
        return (pred - target) * (2 / pred.size if self.reduction == "mean" else 2)
