"""Adapts `foreign/one_image.py`: a batch is processed one image at a time.

An adapted layer remembers only its latest image, so `backward` runs `forward` again for each image.
The gradient of a weight is the sum over the images.
"""

import numpy as np
from foreign import one_image as foreign


class ImageByImage:
    def __init__(self, layer):
        self.layer, self.params, self.grads, self.training = layer, {}, {}, True

    def forward(self, x):
        self.x = x.copy()
        return np.stack([self.layer.forward(image) for image in x])

    def backward(self, dout):
        grads = {name: np.zeros_like(value) for name, value in self.params.items()}
        dx = np.empty_like(self.x)
        for n, image in enumerate(self.x):
            self.layer.forward(image)
            dx[n] = self.layer.backward(dout[n])
            for k, one in enumerate(getattr(self.layer, "filters", ())):
                grads["weight"][k] += one.weights_gradient
                if "bias" in grads:
                    grads["bias"][k] += one.bias_gradient
        self.grads = grads
        return dx


class Conv2D(ImageByImage):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        if not (isinstance(stride, int) and isinstance(padding, int)):
            raise NotImplementedError("unsupported: pairs for stride and padding")
        size = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        identity = foreign.IdentityActivator()
        layer = foreign.ConvLayer(in_channels, out_channels, *size, stride, padding, identity)
        super().__init__(layer)
        self.params["weight"] = np.stack([one.weights for one in layer.filters])
        if bias:
            self.params["bias"] = np.zeros(out_channels)

    def forward(self, x):
        biases = self.params.get("bias", np.zeros(len(self.layer.filters)))
        for k, one in enumerate(self.layer.filters):
            one.weights, one.bias = self.params["weight"][k], biases[k]
        return super().forward(x)


class MaxPool2D(ImageByImage):
    def __init__(self, kernel_size, stride=None, padding=0):
        sizes = kernel_size, kernel_size if stride is None else stride
        if padding or not all(isinstance(size, int) for size in sizes):
            raise NotImplementedError("unsupported: padding and pairs")
        super().__init__(foreign.MaxPoolingLayer(kernel_size, *sizes))
