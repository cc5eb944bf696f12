from types import SimpleNamespace

import layer_optimizers as foreign
import numpy as np


class Stepping:
    def step(self, params, grads):
        names = self.names = getattr(self, "names", [*params])
        pairs = [names[i : i + 2] for i in range(0, len(names), 2)]
        self.layers = getattr(self, "layers", [SimpleNamespace() for _ in pairs])
        for layer, names in zip(self.layers, pairs, strict=True):
            slots = zip(("weights", "biases"), [*names, None], strict=False)
            held = dict(slots)
            for slot, name in held.items():
                setattr(layer, slot, params[name] if name else np.zeros(1))
                setattr(layer, f"d{slot}", grads[name] if name else np.zeros(1))
            self.update(layer)
            for slot, name in held.items():
                if name:
                    params[name][...] = getattr(layer, slot)


class SGD(Stepping):
    def __init__(self, lr, momentum=0, **others):
        if any(others.values()):
            raise NotImplementedError(f"unsupported: {others}")
        self.update = foreign.OptimizerSGD(lr, momentum).update_layer


class RMSprop(Stepping):
    def __init__(self, lr=0.01, alpha=0.99, eps=1e-8, **others):
        if any(others.values()):
            raise NotImplementedError(f"unsupported: {others}")
        self.update = foreign.OptimizerRMSProp(lr, eps, alpha).update_params
