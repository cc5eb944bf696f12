"""`python -m benchmarks.loops`: what im2col saves, as a table from a naive loop to the reference.

The forward pass of one convolution, written in the ways that lectures show one after the other.
All give the same numbers, which is checked before anything is measured.
"""

import argparse
import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnn_conformance.reference import clear, fast
from cnn_conformance.reference.interfaces import Array

LEAST_SECONDS = 0.2
"""How long a way is called again for its best time."""


def loop_over_everything(x: Array, weight: Array) -> Array:
    """Multiply and add a window for each sample, filter, row and column."""
    (N, _, H, W), (K, _, KH, KW) = x.shape, weight.shape
    y = np.zeros((N, K, H - KH + 1, W - KW + 1))
    for n in range(N):
        for k in range(K):
            for i in range(H - KH + 1):
                for j in range(W - KW + 1):
                    y[n, k, i, j] = np.sum(x[n, :, i : i + KH, j : j + KW] * weight[k])
    return y


def loop_over_places(x: Array, weight: Array) -> Array:
    """Do all samples and filters at once, for each row and column."""
    (N, _, H, W), (K, _, KH, KW) = x.shape, weight.shape
    y = np.zeros((N, K, H - KH + 1, W - KW + 1))
    for i in range(H - KH + 1):
        for j in range(W - KW + 1):
            y[:, :, i, j] = np.tensordot(x[:, :, i : i + KH, j : j + KW], weight, ((1, 2, 3),) * 2)
    return y


def loop_over_the_kernel(x: Array, weight: Array) -> Array:
    """Add a shifted image for each row and column of the kernel."""
    (N, _, H, W), (K, _, KH, KW) = x.shape, weight.shape
    y = np.zeros((K, N, H - KH + 1, W - KW + 1))
    for i in range(KH):
        for j in range(KW):
            part = x[:, :, i : i + H - KH + 1, j : j + W - KW + 1]
            y += np.tensordot(weight[:, :, i, j], part, (1, 1))
    return y.swapaxes(0, 1)


def im2col(x: Array, weight: Array) -> Array:
    """Write the windows into the columns of a matrix, and multiply once."""
    N, (K, _, KH, KW) = len(x), weight.shape
    windows = sliding_window_view(x, (KH, KW), (2, 3))  # (N, C, OH, OW, KH, KW)
    OH, OW = windows.shape[2:4]
    columns = windows.transpose(1, 4, 5, 0, 2, 3).reshape(-1, N * OH * OW)
    return (weight.reshape(K, -1) @ columns).reshape(K, N, OH, OW).swapaxes(0, 1)


def _layer(voice: type) -> Callable[[Array, Array], Array]:
    def forward(x: Array, weight: Array) -> Array:
        layer = voice(weight.shape[1], len(weight), weight.shape[2:], bias=False)
        layer.params["weight"] = weight
        y: Array = layer.forward(x)
        return y

    return forward


WAYS: dict[str, Callable[[Array, Array], Array]] = {
    "loop over samples, filters, rows and columns": loop_over_everything,
    "loop over rows and columns": loop_over_places,
    "loop over the kernel": loop_over_the_kernel,
    "im2col": im2col,
    "`reference.clear.Conv2D`": _layer(clear.Conv2D),
    "`reference.Conv2D`": _layer(fast.Conv2D),
}


def measure(shape: Sequence[int], filters: int, kernel: int) -> dict[str, float]:
    """Return the milliseconds of CPU time of each way, the best of some calls.

    Raises
    ------
    ValueError
        If two ways disagree.
    """
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape)
    weight = rng.standard_normal((filters, shape[1], kernel, kernel))
    expected = im2col(x, weight)
    found = {}
    for name, way in WAYS.items():
        if not np.allclose(way(x, weight), expected, rtol=1e-9, atol=1e-9):
            raise ValueError(f"{name} computes something else than im2col")
        best, until = np.inf, time.perf_counter() + LEAST_SECONDS
        while best == np.inf or time.perf_counter() < until:
            start = time.process_time()
            way(x, weight)
            best = min(best, time.process_time() - start)
        found[name] = 1000 * best
    return found


def table(times: dict[str, float]) -> str:
    """Return a Markdown table: milliseconds, and how many times as fast as the first way."""
    first = next(iter(times.values()))
    rows = [f"| {name} | {ms:.3g} | {first / ms:.3g} |" for name, ms in times.items()]
    return "\n".join(["| way | ms | times as fast |", "|---|---|---|", *rows])


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loops", allow_abbrev=False)
    parser.add_argument(
        "--shape", type=int, nargs=4, default=(4, 1, 28, 28), metavar=("N", "C", "H", "W")
    )
    parser.add_argument("--filters", type=int, default=20, metavar="K")
    parser.add_argument("--kernel", type=int, default=9, metavar="SIZE")
    args = parser.parse_args(argv)
    sizes = [*args.shape, args.filters, args.kernel]
    if min(sizes) < 1 or args.kernel > min(args.shape[2:]):
        parser.error("expected sizes from 1 on, and a kernel that fits into the image")
    times = measure(args.shape, args.filters, args.kernel)
    N, C, H, W = args.shape
    print(
        f"forward of {args.filters} filters of {args.kernel}x{args.kernel} on {N} images of "
        f"{H}x{W} with C = {C}, float64\n\n{table(times)}"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
