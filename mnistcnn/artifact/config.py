"""The config of a network, read as data instead of as instructions.

The config of a `.keras` file is a program for Keras' deserialiser. Here each
layer has to be one of a dozen stock classes, each of its options has to have a
value of the expected kind, and options that we do not use have to be as Keras
writes them by default. Keras is not imported.
"""

from typing import Any

from mnistcnn.artifact.budget import check_budget, check_classes, check_count
from mnistcnn.artifact.layers import LAYERS, NUMBER, LayerSpec
from mnistcnn.artifact.serialized import (
    NAME,
    class_error,
    is_float32,
    is_initializer,
    is_same,
    read_config,
    read_name,
    value_error,
)
from mnistcnn.errors import ArtifactError, quote

INPUT_SHAPE = (28, 28, 1)
INPUT_NAME = "pixels"

# Further options of layers, and the only values that they may have.
_FIXED = {
    "data_format": ("channels_last",),
    "dilation_rate": ([1, 1],),
    "groups": (1,),
    "keepdims": (False,),
    "noise_shape": (None,),
    "quantization_config": (None,),
    "renorm": (False,),
    "renorm_clipping": (None,),
    "renorm_momentum": (0.99,),
    "seed": (None,),
    "synchronized": (False,),
    "trainable": (True, False),
}


def parse_config(config: dict[str, Any]) -> tuple[str, list[LayerSpec]]:
    """Reads the config of a `keras.Sequential`.

    Args:
        config: the contents of `config.json`.

    Returns:
        The model's name and its layers, without the input layer.

    Raises:
        ArtifactError: `config-class`, `config-value`, `budget` or `shape`.
    """
    kinds = ("Sequential",)
    _, body = read_config(config, "the model", kinds, module="keras")
    layers = body.get("layers")
    if not isinstance(layers, list) or not layers:
        raise value_error("the model", "layers", layers, "a list of layers")
    check_count(len(layers))
    shape = _parse_input(layers[0])
    specs = []
    for layer in layers[1:]:
        specs.append(_parse_layer(layer, shape))
        shape = specs[-1].output_shape
        check_budget(specs)
    for key, value in body.items():
        right = {
            "layers": True,
            "name": True,
            "trainable": value is True,
            "dtype": is_float32(value),
            "build_input_shape": is_same(value, [None, *INPUT_SHAPE]),
        }.get(key, False)
        if not right:
            raise value_error("the model", key, value, "Keras' own")
    # We build the input under its own name, and Keras requires distinct names.
    names = [INPUT_NAME, *(spec.name for spec in specs)]
    if len(set(names)) != len(names):
        raise value_error("the model", "layers", names, "distinct names")
    check_classes(shape)
    return read_name(body, "the model"), specs


def _parse_layer(layer: object, shape: tuple[int, ...]) -> LayerSpec:
    kind, body = read_config(layer, "a layer", LAYERS)
    name = read_name(body, kind)
    rule = LAYERS[kind]
    for key, value in body.items():
        if key in rule.checks:
            right = rule.checks[key](value)
        elif key in _FIXED:
            right = any(is_same(value, fixed) for fixed in _FIXED[key])
        elif key == "dtype":
            right = is_float32(value)
        elif key.endswith("_initializer"):
            right = is_initializer(value)
        elif key.endswith(("_regularizer", "_constraint")):
            right = value is None
        else:
            right = key == "name"
        if not right and isinstance(value, dict) and "class_name" in value:
            found = value["class_name"]
            raise class_error(
                f"{kind} {name!r} with {key[:40]}", found, "a word"
            )
        if not right:
            raise value_error(f"{kind} {name!r}", key, value, "Keras' own")
    missing = [key for key in rule.checks if key not in body]
    if missing:
        raise value_error(f"{kind} {name!r}", missing[0], None, "a value")
    if rule.rank not in (None, len(shape)):
        raise value_error(
            f"{kind} {name!r}", "input", shape, f"rank {rule.rank}"
        )
    options = {key: body[key] for key in rule.checks}
    output, weights = rule.infer(options, shape)
    if any(size < 1 for size in output):
        raise ArtifactError(
            "budget",
            f"{kind} {name!r} leaves nothing of its input of shape {shape}. "
            "Expected an output: the network shrinks the image away.",
        )
    return LayerSpec(kind, name, options, tuple(output), tuple(weights))


def _parse_input(layer: object) -> tuple[int, ...]:
    kinds = ("InputLayer",)
    _, body = read_config(layer, "the input", kinds)
    shape = body.get("batch_shape")
    if not is_same(shape, [None, *INPUT_SHAPE]):
        sizes = shape if isinstance(shape, list) else []
        huge = any(type(v) in NUMBER and v > max(INPUT_SHAPE) for v in sizes)
        raise ArtifactError(
            "budget" if huge else "config-value",
            f"The input has shape {quote(shape, 60)}. Expected "
            f"{[None, *INPUT_SHAPE]}: images of 28x28 grey pixels.",
        )
    for key, value in body.items():
        if key == "batch_shape":
            continue
        right = {
            "dtype": is_float32(value),
            "sparse": value is False,
            "ragged": value is False,
            "optional": value is False,
            "name": type(value) is str and bool(NAME.fullmatch(value)),
        }.get(key, False)
        if not right:
            raise value_error("the input", key, value, "Keras' own")
    return INPUT_SHAPE
