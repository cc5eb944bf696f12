from types import SimpleNamespace

import parameter_optimizers as foreign


class Stepping:
    def __init__(self, make, others):
        if any(others.values()):
            raise NotImplementedError(f"unsupported: {others}")
        self.make, self.held = make, None

    def step(self, params, grads):
        if self.held is None:
            self.held = {name: SimpleNamespace(data=value) for name, value in params.items()}
            self.optimizer = self.make([*self.held.values()])
        for name, parameter in self.held.items():
            parameter.data, parameter.grad = params[name], grads[name]
        self.optimizer.step()
        for name, parameter in self.held.items():
            params[name][...] = parameter.data


class SGD(Stepping):
    def __init__(self, lr, **others):
        super().__init__(lambda held: foreign.GradientDescent(held, lr), others)


class Adam(Stepping):
    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, **others):
        super().__init__(lambda held: foreign.Adam(held, lr, *betas, eps), others)
