import numpy as np
import with_modes as foreign


def last(x):
    return x.transpose(0, 2, 3, 1) if np.ndim(x) == 4 else x


def first(x):
    return x.transpose(0, 3, 1, 2) if np.ndim(x) == 4 else x


class BatchNorm2D:
    def __init__(self, num_features, eps=None, momentum=None):
        given = {} if eps is None else {"eps": eps}
        given |= {} if momentum is None else {"momentum": 1 - momentum}
        self.layer = foreign.BatchNormalization(num_features, **given)
        self.params = {"weight": self.layer.gamma.copy(), "bias": self.layer.beta.copy()}
        self.grads, self.training = {}, True

    @property
    def buffers(self):
        return {name: getattr(self.layer, name) for name in ("running_mean", "running_var")}

    def forward(self, x):
        self.layer.gamma, self.layer.beta = self.params["weight"], self.params["bias"]
        return first(self.layer.forward(last(x), self.training))

    def backward(self, dout):
        dx = first(self.layer.backward(last(dout)))
        self.grads = {"weight": self.layer.dgamma, "bias": self.layer.dbeta}
        return dx


class Dropout:
    def __init__(self, p=None, rng=None):
        if rng is not None:
            raise NotImplementedError("unsupported: rng")
        self.layer = foreign.DropOut() if p is None else foreign.DropOut(1 - p)
        self.params, self.grads, self.training = {}, {}, True

    def forward(self, x):
        self.layer.is_training = self.training
        return self.layer.forward(x)

    def backward(self, dout):
        return self.layer.backward(dout)
