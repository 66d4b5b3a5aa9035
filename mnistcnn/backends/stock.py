"""What of a model is Keras' own, and therefore computes what Keras says.

A class that inherits from one of Keras' may compute anything.
"""

from typing import Any


def is_stock(part: Any) -> bool:
    """Whether a model or a layer is exactly of one of Keras' own classes.

    Of a model this says nothing of its layers. A `call` that was replaced on
    the object counts as a class of its own.

    Args:
        part: a model or a layer.

    Example:
        >>> from mnistcnn import build_model
        >>> is_stock(build_model())
        True
    """
    home = type(part).__module__.partition(".")[0]
    return home == "keras" and "call" not in vars(part)
