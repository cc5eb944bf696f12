"""Optimizers that look into layers, with what they remember kept there."""

import numpy as np


class OptimizerSGD:
    def __init__(self, learning_rate=1.0, momentum=0.0):
        self.learning_rate, self.momentum = learning_rate, momentum

    def update_layer(self, layer):
        if self.momentum:
            if not hasattr(layer, "weight_velocity"):
                layer.weight_velocity = np.zeros_like(layer.weights)
                layer.bias_velocity = np.zeros_like(layer.biases)
            layer.weight_velocity = self.momentum * layer.weight_velocity + layer.dweights
            layer.bias_velocity = self.momentum * layer.bias_velocity + layer.dbiases
            layer.weights -= self.learning_rate * layer.weight_velocity
            layer.biases -= self.learning_rate * layer.bias_velocity
        else:
            layer.weights -= self.learning_rate * layer.dweights
            layer.biases -= self.learning_rate * layer.dbiases


class OptimizerRMSProp:
    def __init__(self, learning_rate=0.01, epsilon=1e-8, rho=0.99):
        self.learning_rate, self.epsilon, self.rho = learning_rate, epsilon, rho

    def pre_update(self):
        pass

    def update_params(self, layer):
        for name in ("weights", "biases"):
            if not hasattr(layer, name + "_cache"):
                setattr(layer, name + "_cache", 0.0)
        layer.weights_cache = self.rho * layer.weights_cache + (1 - self.rho) * layer.dweights**2
        layer.biases_cache = self.rho * layer.biases_cache + (1 - self.rho) * layer.dbiases**2
        layer.weights -= (
            self.learning_rate * layer.dweights / (np.sqrt(layer.weights_cache) + self.epsilon)
        )
        layer.biases -= (
            self.learning_rate * layer.dbiases / (np.sqrt(layer.biases_cache) + self.epsilon)
        )
