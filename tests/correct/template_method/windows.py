"""The template of layers that look at windows, and these."""

from typing import Any

import numpy as np

from .template import Array, Geometry, Images, Layer, register


class Windowed(Images, Layer):
    """The template of layers with windows, whose elements are gathered by `_unfold`."""

    __slots__ = ("columns", "rows")

    def _both(self, name: str, value: Any, least: int) -> tuple[int, int]:
        pair = value if isinstance(value, (tuple, list)) else (value, value)
        if len(pair) != 2 or any(not isinstance(v, (int, np.integer)) or v < least for v in pair):
            raise ValueError(f"{self.name}({name}={value}): at least {least} is needed")
        return tuple(pair)

    def _set(self, kernel_size: Any, stride: Any, padding: Any, dilation: Any = 1) -> None:
        sizes = zip(
            self._both("kernel_size", kernel_size, 1),
            self._both("stride", kernel_size if stride is None else stride, 1),
            self._both("dilation", dilation, 1),
            strict=True,
        )
        axes = [Geometry(*size) for size in sizes]
        if isinstance(padding, str):
            try:
                halve = {
                    "valid": lambda both: (0, 0),
                    "same": lambda both: (both // 2, both - both // 2),
                    "same_lower": lambda both: (both - both // 2, both // 2),
                }[padding]
            except KeyError:
                raise ValueError(f"{self.name}(padding={padding!r}): unknown") from None
            pads = [halve(axis.extent - 1) for axis in axes]
        else:
            pads = [(p, p) for p in self._both("padding", padding, 0)]
        self.rows, self.columns = (
            axis._replace(before=b, after=a) for axis, (b, a) in zip(axes, pads, strict=True)
        )

    def _check(self, x: Array) -> None:
        super()._check(x)
        if self.rows.count(x.shape[2]) < 1 or self.columns.count(x.shape[3]) < 1:
            extents = self.rows.extent, self.columns.extent
            raise ValueError(f"{self.name} has windows over {extents}, too large for {x.shape}")

    def _unfold(self, x: Array, fill: float = 0.0) -> Array:
        """Return (KH KW, N, C, OH, OW)."""
        h, w = x.shape[2:]
        pads = [(r.before, r.after) for r in (self.rows, self.columns)]
        xp = np.pad(x, [(0, 0), (0, 0), *pads], constant_values=fill)
        return np.stack(
            [
                xp[:, :, self.rows.taps(u, h), self.columns.taps(v, w)]
                for u, v in np.ndindex(self.rows.kernel, self.columns.kernel)
            ]
        )

    def _fold(self, parts: Array, shape: tuple[int, ...]) -> Array:
        n, c, h, w = shape
        r, s = self.rows, self.columns
        dxp = np.zeros((n, c, r.before + h + r.after, s.before + w + s.after), parts.dtype)
        for part, (u, v) in zip(parts, np.ndindex(r.kernel, s.kernel), strict=True):
            dxp[:, :, r.taps(u, h), s.taps(v, w)] += part
        return dxp[:, :, r.before : r.before + h, s.before : s.before + w]


@register
class Conv2D(Windowed):
    __slots__ = ("features", "groups")
    axis = 1

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        bias: bool = True,
        dilation: Any = 1,
        groups: int = 1,
    ) -> None:
        super().__init__()
        self._at_least_one(in_channels=in_channels, out_channels=out_channels, groups=groups)
        if in_channels % groups or out_channels % groups:
            raise ValueError(f"Conv2D(groups={groups}): {in_channels}, {out_channels} channels")
        self._set(kernel_size, stride, padding, dilation)
        self.features, self.groups = in_channels, groups
        shape = (out_channels, in_channels // groups, self.rows.kernel, self.columns.kernel)
        bound = np.prod(shape[1:]) ** -0.5
        self.params["weight"] = np.random.default_rng().uniform(-bound, bound, shape)
        if bias:
            self.params["bias"] = np.random.default_rng().uniform(-bound, bound, out_channels)

    def _weights(self) -> Array:
        """Return (G, K/G, C/G, KH KW)."""
        weight, taps = self.params["weight"], self.rows.kernel * self.columns.kernel
        return weight.reshape(self.groups, -1, weight.shape[1], taps)

    def _grouped(self, parts: Array) -> Array:
        taps, n, c, h, w = parts.shape
        return parts.reshape(taps, n, self.groups, c // self.groups, h, w)

    def _forward(self, x: Array) -> tuple[Array, Any]:
        parts = self._grouped(self._unfold(x))
        y = np.einsum("tngcij,gkct->ngkij", parts, self._weights(), optimize=True)
        y = y.reshape(len(x), -1, *y.shape[3:])
        if "bias" in self.params:
            y = y + self.params["bias"][None, :, None, None]
        return y, (parts, x.shape)

    def _backward(self, dout: Array, context: Any) -> tuple[Array, dict[str, Array]]:
        parts, shape = context
        (d,) = self._grouped(dout[None])
        dweight = np.einsum("tngcij,ngkij->gkct", parts, d, optimize=True)
        grads = {"weight": dweight.reshape(self.params["weight"].shape)}
        if "bias" in self.params:
            grads["bias"] = dout.sum(axis=(0, 2, 3))
        dparts = np.einsum("ngkij,gkct->tngcij", d, self._weights(), optimize=True)
        return self._fold(dparts.reshape(len(parts), *shape[:2], *dout.shape[2:]), shape), grads


class Pool(Windowed):
    __slots__ = ()

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__()
        self._set(kernel_size, stride, padding)


@register
class MaxPool2D(Pool):
    __slots__ = ()

    def _forward(self, x: Array) -> tuple[Array, Any]:
        parts = self._unfold(x, -np.inf)
        return parts.max(axis=0), (parts.argmax(axis=0), len(parts), x.shape)

    def _backward(self, dout: Array, context: Any) -> tuple[Array, dict[str, Array]]:
        winner, taps, shape = context
        mine = winner == np.arange(taps).reshape(-1, 1, 1, 1, 1)
        return self._fold(np.where(mine, dout, np.zeros_like(dout)), shape), {}


@register
class AvgPool2D(Pool):
    __slots__ = ("count_include_pad",)

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding)
        self.count_include_pad = count_include_pad

    def _forward(self, x: Array) -> tuple[Array, Any]:
        parts = self._unfold(x)
        inside = self._unfold(np.ones_like(x), 1.0 if self.count_include_pad else 0.0)
        share = inside / inside.sum(axis=0)
        return (parts * share).sum(axis=0), (share, x.shape)

    def _backward(self, dout: Array, context: Any) -> tuple[Array, dict[str, Array]]:
        share, shape = context
        return self._fold(share * dout, shape), {}
