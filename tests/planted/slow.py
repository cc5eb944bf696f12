"""A right Dense that takes a while: it computes as much on an idle as on a busy machine."""

import time

import numpy as np

SECONDS = 0.25


class Dense:
    def __init__(self, in_features, out_features, bias=True):
        self.params = {"weight": np.zeros((out_features, in_features))}
        if bias:
            self.params["bias"] = np.zeros(out_features)
        self.grads, self.training = {}, True

    def forward(self, x):
        end = time.process_time() + SECONDS
        while time.process_time() < end:
            pass
        self.x = x
        return x @ self.params["weight"].T + self.params.get("bias", 0.0)
