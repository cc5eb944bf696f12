import numpy as np
import one_image as foreign


class Conv2D:
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        if isinstance(kernel_size, tuple) and len(set(kernel_size)) > 1:
            raise NotImplementedError("unsupported: kernel_size as a pair")
        if stride not in (1, (1, 1)):
            raise NotImplementedError("unsupported: stride")
        if padding not in (0, (0, 0)):
            raise NotImplementedError("unsupported: padding")
        size = kernel_size[0] if isinstance(kernel_size, tuple) else kernel_size
        self.layer = foreign.ConvLayer(in_channels, out_channels, size)
        self.params = {"weight": self.layer.filters.transpose(0, 3, 1, 2).copy()}
        if bias:
            self.params["bias"] = self.layer.biases
        self.grads, self.training = {}, True

    def put(self):
        weight = self.params["weight"]
        self.layer.filters = weight.transpose(0, 2, 3, 1)
        self.layer.biases = self.params.get("bias", np.zeros(len(weight), weight.dtype))

    def forward(self, x):
        if np.ndim(x) != 4:
            self.put()
            return self.layer.feed_forward(x)
        self.x = x.copy()
        self.put()
        images = [self.layer.feed_forward(image.transpose(1, 2, 0)) for image in x]
        return np.stack(images).transpose(0, 3, 1, 2)

    def backward(self, dout):
        dx, dw, db = [], 0, 0
        for image, error in zip(self.x, dout, strict=True):
            self.put()
            self.layer.feed_forward(image.transpose(1, 2, 0))
            error = error.transpose(1, 2, 0) if np.ndim(error) == 3 else error
            d_image, d_filters, d_biases = self.layer.back_propagate(error)
            dx.append(d_image.transpose(2, 0, 1))
            dw, db = dw + d_filters.transpose(0, 3, 1, 2), db + d_biases
        self.grads = {"weight": dw, "bias": db} if "bias" in self.params else {"weight": dw}
        return np.stack(dx)
