"""Numbers as people give them: of Python, NumPy, pandas or Optuna."""

import math
import numbers
from typing import Any


def take_whole(value: object) -> int | None:
    """Takes a whole number of any library.

    Args:
        value: a number of Python or NumPy (or what its `item()` gives); a
            float that is whole as well, since a row of pandas has no others.

    Returns:
        An `int`; `None` where it is no whole number: a truth value, text.

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
        An `int` or a `float`; `None` where it is no number: a truth value,
        text, NaN.

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
    """Takes a single value of any library as Python's own.

    Args:
        value: what has an `item()`, as NumPy's scalars have, or anything.

    Returns:
        What `item()` gives where that is one value; else the value.
    """
    item: Any = getattr(value, "item", None)
    if getattr(value, "shape", None) != () or not callable(item):
        return value
    return item()
