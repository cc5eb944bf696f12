"""Wrong ways of doing Conv2D with a dilation, with groups and with paddings by name."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnn_conformance import reference
from cnn_conformance.arrays import Array
from cnn_conformance.mistakes.legacy import mistake


class Arguments(reference.Conv2D):
    """The reference, whose arguments are changed on their way in."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)  # refuses what is bad
        changed = self.changed(dict(options))
        if changed != options:
            weight = self.params["weight"]
            super().__init__(*args, **changed)
            self.params["weight"] = weight

    def changed(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments that are used."""
        return options


@mistake("Conv2D", loses="80 86")
class DilationIgnored(Arguments):
    """The kernel has no gaps, whatever the dilation.

    The specification asks that its elements are so many rows and columns apart (CONV2D-80). Look at
    where the argument is used.
    """

    def changed(self, options: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in options.items() if name != "dilation"}


@mistake("Conv2D", loses="80 86")
class DilationCountsTheGaps(Arguments):
    """The dilation is taken for the number of rows that are left out between two elements.

    The specification asks that it is the distance of two elements: 1 leaves nothing out
    (CONV2D-80). Look at the step through the window.
    """

    def changed(self, options: dict[str, Any]) -> dict[str, Any]:
        if "dilation" in options:
            more = np.add(options["dilation"], 1)
            options["dilation"] = tuple(more.tolist()) if more.ndim else int(more)
        return options


@mistake("Conv2D", loses="80 86")
class DilationPairExchanged(Arguments):
    """The dilation of the rows is used for the columns.

    The specification asks that the first number of a pair is for the rows (CONV2D-80). Look at the
    order in which you take the pair apart.
    """

    def changed(self, options: dict[str, Any]) -> dict[str, Any]:
        dilation = options.get("dilation", 1)
        if isinstance(dilation, tuple):
            options["dilation"] = dilation[::-1]
        return options


@mistake("Conv2D", loses="100 106 119")
class DilationIgnoredInBackward(reference.Conv2D):
    """backward puts the gradient where it would belong without a dilation.

    The specification asks for the windows that forward has used (CONV2D-100). Look at the step
    through the window in backward.
    """

    def backward(self, dout: Array) -> Array:
        dx: Any = super().backward(dout)
        if self.dilation != (1, 1):
            dx = np.roll(dx, (1, 1), axis=(2, 3))
            weight = self.grads["weight"]
            self.grads["weight"] = weight[:, :, ::-1] + np.roll(weight, 1, axis=3)
        return dx


class Regrouped(reference.Conv2D):
    """The reference, whose channels are put into another order on their way in."""

    def order(self) -> Any:
        """Return the channels in the order in which they are cut into groups."""
        return np.arange(self.in_channels)

    def forward(self, x: Array) -> Array:
        if self.groups == 1 or x.shape[1:2] != (self.in_channels,):
            return super().forward(x)
        return super().forward(x[:, self.order()])

    def backward(self, dout: Array) -> Array:
        dx = super().backward(dout)
        if self.groups == 1:
            return dx
        back = np.empty_like(dx)
        back[:, self.order()] = dx
        return back


@mistake("Conv2D", loses="81 86")
class GroupsTakeTurns(Regrouped):
    """Every second channel belongs to the first of two groups.

    The specification asks that the channels are cut into groups in their order (CONV2D-81). Look at
    which channels a group gets.
    """

    def order(self) -> Any:
        order = np.arange(self.in_channels).reshape(-1, self.groups).T.ravel()
        return order if self.groups < self.in_channels else order[::-1]


@mistake("Conv2D", loses="81 86")
class FirstGroupForAll(Regrouped):
    """All groups look at the channels of the first one.

    The specification asks that each has its own (CONV2D-81). Look at the index of the group.
    """

    def forward(self, x: Array) -> Array:
        if self.groups == 1 or x.ndim != 4:
            return super().forward(x)
        first = x[:, : self.in_channels // self.groups]
        y = reference.Conv2D.forward(self, np.concatenate([first] * self.groups, axis=1))
        reference.Conv2D.forward(self, x)
        return y

    def backward(self, dout: Array) -> Array:
        return reference.Conv2D.backward(self, dout)


@mistake("Conv2D", loses="101 106 119")
class GroupsExchangedInBackward(reference.Conv2D):
    """backward gives each group's gradient to another group.

    The specification asks for the channels that forward has used (CONV2D-101). Look at the index of
    the group in backward.
    """

    def backward(self, dout: Array) -> Array:
        dx = super().backward(dout)
        if self.groups > 1:
            dx = np.roll(dx, self.in_channels // self.groups, axis=1)
            step = self.out_channels // self.groups
            self.grads["weight"] = np.roll(self.grads["weight"], step, axis=0)
            if "bias" in self.grads:
                self.grads["bias"] = np.roll(self.grads["bias"], step)
        return dx


@mistake("Conv2D", loses="84 85")
class SameForSameLower(Arguments):
    """With "same_lower" the odd row and column of zeros is after the image.

    The specification asks for it before the image then (CONV2D-84). Look at how you share an odd
    number between two sides.
    """

    def changed(self, options: dict[str, Any]) -> dict[str, Any]:
        if options.get("padding") == "same_lower":
            options["padding"] = "same"
        return options


@mistake("Conv2D", loses="82 85 86")
class SameLowerForSame(Arguments):
    """With "same" the odd row and column of zeros is before the image.

    The specification asks for it after the image (CONV2D-82), as PyTorch does. Look at how you
    share an odd number between two sides.
    """

    def changed(self, options: dict[str, Any]) -> dict[str, Any]:
        if options.get("padding") == "same":
            options["padding"] = "same_lower"
        return options


@mistake("Conv2D", loses="82 84-86")
class SameRoundedDown(reference.Conv2D):
    """With "same" there are (K - 1) // 2 rows of zeros on either side.

    With an even kernel the output is smaller than the image then; the specification asks for K - 1
    in all (CONV2D-82). Look at how many rows you add.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if isinstance(options.get("padding"), str):
            small = np.minimum(self.padding, self.after)
            self.padding = self.after = (int(small[0]), int(small[1]))


@mistake("Conv2D", loses="86")
class SameWithoutDilation(reference.Conv2D):
    """With "same" the gaps in the kernel are not counted.

    The specification asks for K - 1 rows of zeros of the kernel with its gaps (CONV2D-86). Look at
    which size of the kernel you take.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if options.get("padding") == "same":
            rows, columns = (size - 1 for size in self.kernel_size)
            self.padding = rows // 2, columns // 2
            self.after = rows - rows // 2, columns - columns // 2


@mistake("Conv2D", loses="85")
class SameForTheStride(reference.Conv2D):
    """With "same" and a stride there are as few zeros as the last window needs.

    Other frameworks do so; the specification asks for those outputs with stride 1 that the stride
    meets (CONV2D-85). Look at what decides how many rows you add.
    """

    def forward(self, x: Array) -> Array:
        if self.named and self.stride != (1, 1) and x.ndim == 4:
            (KH, KW), (SH, SW), (H, W) = self.kernel_size, self.stride, x.shape[2:]
            rows = max((-(-H // SH) - 1) * SH + KH - H, 0)
            columns = max((-(-W // SW) - 1) * SW + KW - W, 0)
            before, after = (rows // 2, columns // 2), (rows - rows // 2, columns - columns // 2)
            lower = self.named == "same_lower"
            self.padding, self.after = (after, before) if lower else (before, after)
        return super().forward(x)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        named = options.get("padding")
        self.named = named if named in ("same", "same_lower") else ""


@mistake("Conv2D", loses="83")
class ValidIsSame(Arguments):
    """With "valid" there are zeros around the image.

    The specification asks for none (CONV2D-83). Look at what you make of the name.
    """

    def changed(self, options: dict[str, Any]) -> dict[str, Any]:
        if options.get("padding") == "valid":
            options["padding"] = 1
        return options


@mistake("Conv2D", loses="102 104-106 119")
class SameGradientCroppedTheWrongWay(reference.Conv2D):
    """The gradient is cropped as if the zeros were shared the other way round.

    The specification asks for the shape and place of the image (CONV2D-102). Look at which rows of
    the gradient you cut off.
    """

    def backward(self, dout: Array) -> Array:
        dx: Array = super().backward(dout)
        if self.padding != self.after:
            rows, columns = np.subtract(self.after, self.padding)
            dx = np.roll(dx, (int(rows), int(columns)), axis=(2, 3))
        return dx


@mistake("Conv2D", loses="103")
class ValidGradientShifted(Arguments):
    """The gradient with "valid" is shifted by one row.

    The specification asks for the gradient of the image (CONV2D-103). Look at which rows of the
    gradient you cut off.
    """

    def backward(self, dout: Array) -> Array:
        dx = super().backward(dout)
        return np.roll(dx, 1, axis=2) if self.valid else dx

    valid = False

    def changed(self, options: dict[str, Any]) -> dict[str, Any]:
        self.valid = options.get("padding") == "valid"
        return options


@mistake("Conv2D", loses="62")
class GroupsInFloat32(reference.Conv2D):
    """With groups everything is computed in float32.

    The specification asks for float64 where float64 came (CONV2D-62). Look for a dtype that is
    written into the code.
    """

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        return y.astype(np.float32).astype(y.dtype) if self.groups > 1 else y


@mistake("Conv2D", loses="63")
class DilatedFloat64(reference.Conv2D):
    """With a dilation the output is float64, whatever came.

    The specification asks for float32 where float32 came (CONV2D-63). Look at the dtype of arrays
    that are made with zeros.
    """

    def forward(self, x: Array) -> Array:
        y = super().forward(x)
        return y.astype(np.float64) if self.dilation != (1, 1) else y


@mistake("Conv2D", loses="75")
class ArgumentsNotChecked(reference.Conv2D):
    """A dilation of 0, groups that do not divide and unknown paddings are taken as they come.

    The specification asks for a ValueError (CONV2D-75). Look at the constructor.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        try:
            super().__init__(*args, **options)
        except ValueError:
            if not {"dilation", "groups"} & set(options) and options.get("padding") != "full":
                raise
            super().__init__(*args)
