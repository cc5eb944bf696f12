"""The one name for an array's type."""

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
