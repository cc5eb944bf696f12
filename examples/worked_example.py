"""A convolution layer by hand, with the numbers of a widely copied tutorial.

One image with three channels, two 3x3 filters, stride 2, padding 1, no activation; then an upstream
gradient arrives and the filters take one step with a learning rate of 0.001::

    python examples/worked_example.py

Every number can be checked with pencil and paper. The first element of the first feature map is the
window at the top left corner, whose first row and column are padding, times the first filter, plus
its bias of 1: 6. `fixtures/worked_example.json` has what the tutorial prints, to three decimals;
PyTorch and the reference agree with all of it.
"""

import json
from pathlib import Path

import numpy as np

from reference import SGD, Conv2D

NUMBERS = Path(__file__).resolve().parents[1] / "fixtures" / "worked_example.json"


def main() -> None:
    given = json.loads(NUMBERS.read_text("utf-8"))
    x, weight, bias, dout = (
        np.array(given[name], float) for name in ("x", "weight", "bias", "dout")
    )

    # (K, C, KH, KW): two filters, each as deep as the image
    layer = Conv2D(3, 2, 3, stride=given["stride"], padding=given["padding"])
    layer.params["weight"][...] = weight
    layer.params["bias"][...] = bias

    show("image, channel by channel", x[0])
    for k, one in enumerate(weight):
        show(f"filter {k}, bias {bias[k]:g}", one)
    show("feature maps", layer.forward(x)[0])  # not a loop over windows: all at once

    # The upstream gradient says how the loss grows with each element of the feature maps.
    show("gradient for the feature maps", dout[0])
    show("gradient for the image", layer.backward(dout)[0])
    for k, one in enumerate(layer.grads["weight"]):
        show(f"gradient for filter {k}, for its bias {layer.grads['bias'][k]:g}", one)

    SGD(given["lr"]).step(layer.params, layer.grads)
    for k, one in enumerate(layer.params["weight"]):
        show(f"filter {k} after the step, bias {layer.params['bias'][k]:.3f}", one)


def show(title: str, matrices: np.ndarray) -> None:
    """Print matrices side by side."""
    print(f"\n{title}")
    for row in zip(*matrices, strict=True):
        print("   ".join(" ".join(f"{value:6.3f}" for value in part) for part in row))


if __name__ == "__main__":
    main()
