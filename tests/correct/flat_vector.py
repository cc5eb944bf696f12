"""All parameters of a layer in one flat vector, of which `params` are views; its gradients too."""

import numpy as np
from plain import *  # noqa: F403  # whatever does not stand below
from plain import Convolution, Layer
from plain import Dense as PlainDense


class Flat:
    """A store of named arrays in one vector; every access makes the views anew."""

    def __init__(self, shapes):
        self.shapes = shapes
        self.vector = np.zeros(sum(int(np.prod(shape)) for shape in shapes.values()))

    def views(self):
        named, start = {}, 0
        for name, shape in self.shapes.items():
            stop = start + int(np.prod(shape))
            named[name] = self.vector[start:stop].reshape(shape)
            start = stop
        return named


class OnFlat:
    """Turns the `params` and `grads` that a layer makes into views of two vectors."""

    def __init__(self, *args, **kwargs):
        self._params = self._grads = None
        super().__init__(*args, **kwargs)
        initial = self.__dict__.pop("made")
        shapes = {name: array.shape for name, array in initial.items()}
        self._params, self._grads = Flat(shapes), Flat(shapes)
        for name, view in self.params.items():
            view[...] = initial[name]

    @property
    def params(self):
        return self.__dict__["made"] if self._params is None else self._params.views()

    @params.setter
    def params(self, value):
        self.made = value

    @property
    def grads(self):
        return {} if self._grads is None else self._grads.views()

    @grads.setter
    def grads(self, value):
        pass

    def keep(self, **grads):
        views = self.grads
        for name, array in grads.items():
            if name in views:
                views[name][...] = array


class Conv2D(OnFlat, Convolution):
    """A loop over samples and output channels, with one correlation after another."""

    def convolve(self, x):
        self.xp = self.padded(x)
        weight, bias = self.params["weight"], self.params.get("bias", np.zeros(self.filters))
        y = np.empty(self.y_shape, x.dtype)
        for n, k, i, j in np.ndindex(*y.shape):
            y[n, k, i, j] = np.vdot(self.window(self.xp, n, i, j), weight[k]) + bias[k]
        return y

    def window(self, images, n, i, j):
        (KH, KW), (SH, SW) = self.kernel, self.stride
        return images[n, :, i * SH : i * SH + KH, j * SW : j * SW + KW]

    def gradients(self, dout):
        weight = self.params["weight"]
        dw, dxp = np.zeros_like(weight), np.zeros_like(self.xp)
        for n, k, i, j in np.ndindex(*dout.shape):
            dw[k] += dout[n, k, i, j] * self.window(self.xp, n, i, j)
            self.window(dxp, n, i, j)[...] += dout[n, k, i, j] * weight[k]
        self.keep(weight=dw, bias=np.einsum("nkij->k", dout))
        return self.cropped(dxp)


class Dense(OnFlat, PlainDense):
    def backward(self, dout):
        self.check_dout(dout)
        self.keep(weight=dout.T @ self.x, bias=dout.sum(axis=0))
        return dout @ self.params["weight"]


class Sequential(Layer):
    """`params` is put together once: the views in it stay those of the layers' vectors."""

    def __init__(self, layers):
        super().__init__()
        self.layers = tuple(layers)
        self.training = True
        for index, layer in enumerate(self.layers):
            self.params.update({f"{index}.{name}": p for name, p in layer.params.items()})

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name == "training":
            for layer in getattr(self, "layers", ()):
                layer.training = value

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        self.grads.clear()
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        for index, layer in enumerate(self.layers):
            self.grads.update({f"{index}.{name}": g for name, g in layer.grads.items()})
        return dout
