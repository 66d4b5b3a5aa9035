"""Characters that a person could take for a digit.

A network that is to reject letters must not be taught to reject these: a
capital O by itself is a 0. They are left out of its rejection class.
"""

import numpy as np
import numpy.typing as npt

# By the digit that they can be taken for, at least as some people write them. A
# 1 is an upright line, leaning or bent, with a dot, a flag or a foot.
_LOOKALIKES = {
    "0": "OoDQ",
    "1": "Iilj|!/\\()[]{}",
    "2": "Zz",
    "5": "Ss$",
    "6": "Gb",
    "8": "B&",
    "9": "gqy",
}
# Small marks: scaled to a digit's size a point is a 0, and a comma a 1.
_MARKS = ".,:;'`\""
LOOKALIKES = frozenset("".join(_LOOKALIKES.values()) + _MARKS)


def is_nondigit(labels: npt.NDArray[np.str_]) -> npt.NDArray[np.bool_]:
    """Returns whether characters are neither digits nor like one.

    Args:
        labels: `(n,)`, one character each.

    Returns:
        `(n,)`.

    Example:
        >>> is_nondigit(np.array(["7", "O", "A", "+"])).tolist()
        [False, False, True, True]
    """
    like = np.isin(labels, sorted(LOOKALIKES))
    return ~like & ~np.char.isdigit(labels)
