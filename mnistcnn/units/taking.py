"""Numbers as people give them: of Python, NumPy, pandas or Optuna."""

import math
import numbers
from typing import Any


def take_whole(value: object) -> int | None:
    """Takes a whole number of any library.

    Args:
        value: a number of Python or NumPy (or an object whose `item()` is one);
            also a whole float, since a row of pandas has only floats.

    Returns:
        An `int`; `None` if it is not a whole number, but a bool or text, say.

    Example:
        >>> import numpy as np
        >>> take_whole(np.int64(3)), take_whole(64.0), take_whole("3")
        (3, 64, None)
    """
    number = take_number(value)
    return int(number) if number is not None and number % 1 == 0 else None


def take_number(value: object) -> int | float | None:
    """Takes a finite number of any library.

    Args:
        value: as for `take_whole`; or a fraction.

    Returns:
        An `int` or a `float`; `None` if it is not a finite number, but a bool,
        text or NaN, say.

    Example:
        >>> import numpy as np
        >>> take_number(np.float64(0.5)), take_number(float("nan"))
        (0.5, None)
    """
    found = take_plain(value)
    if isinstance(found, bool) or not isinstance(found, numbers.Real):
        return None
    if isinstance(found, numbers.Integral):
        return int(found)
    return float(found) if math.isfinite(found) else None


def take_plain(value: object) -> object:
    """Converts a single value of any library to Python's own type.

    Args:
        value: anything; objects with `item()`, like NumPy's scalars, are
            converted.

    Returns:
        The result of `item()` if it has one; else the value itself.
    """
    item: Any = getattr(value, "item", None)
    if getattr(value, "shape", None) != () or not callable(item):
        return value
    return item()
