"""Layers that are told whether this is training, images with channels last."""

import numpy as np


class BatchNormalization:
    def __init__(self, channels, momentum=0.9, eps=1e-5):
        self.gamma, self.beta = np.ones(channels), np.zeros(channels)
        self.momentum, self.eps = momentum, eps
        self.running_mean, self.running_var = np.zeros(channels), np.ones(channels)

    def forward(self, images, training=True):
        self.training = training
        mean, var = self.running_mean, self.running_var
        if training:
            mean, var = images.mean(axis=(0, 1, 2)), images.var(axis=(0, 1, 2))
            keep = self.momentum
            self.running_mean = keep * self.running_mean + (1 - self.momentum) * mean
            self.running_var = self.momentum * self.running_var + (1 - self.momentum) * var
        self.std = np.sqrt(var + self.eps)
        self.normalized = (images - mean) / self.std
        return self.gamma * self.normalized + self.beta

    def backward(self, delta):
        axes = (0, 1, 2)
        self.dgamma = (delta * self.normalized).sum(axis=axes)
        self.dbeta = delta.sum(axis=axes)
        inner = delta * self.gamma
        if self.training:
            slope = (inner * self.normalized).mean(axis=axes)
            inner = inner - inner.mean(axis=axes) - self.normalized * slope
        return inner / self.std


class DropOut:
    def __init__(self, keep_prob=0.5):
        self.keep_prob = keep_prob
        self.is_training = True

    def forward(self, x):
        self.mask = np.ones(x.shape)
        if self.is_training:
            self.mask = (np.random.random(x.shape) < self.keep_prob) / self.keep_prob
        return x * self.mask

    def backward(self, delta):
        return delta * self.mask
