"""What of a model is Keras' own and plain, and so computes what is planned.

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


def has_own_call(model: Any) -> bool:
    """Whether a model computes by a `call` that is not Keras'.

    Args:
        model: of Keras, or of a class that inherits from one.
    """
    home = type(model).call.__module__.partition(".")[0]
    return home != "keras" or "call" in vars(model)


def is_plain(layer: Any) -> bool:
    """Whether a layer computes in float32, channels last, by its own weights.

    A layer that is quantized has another policy of types; LoRA adds a product.

    Args:
        layer: one of Keras' own.
    """
    return (
        layer.dtype_policy.name == "float32"
        and not getattr(layer, "lora_enabled", False)
        and getattr(layer, "data_format", "channels_last") == "channels_last"
    )


def name_activation(layer: Any) -> str:
    """Names a layer's activation; the user's own functions are `"another"`.

    Args:
        layer: with an activation.
    """
    function = layer.activation
    home = getattr(function, "__module__", "").partition(".")[0]
    return getattr(function, "__name__", "") * (home == "keras") or "another"
