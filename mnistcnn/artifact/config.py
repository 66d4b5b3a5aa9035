"""Reads a net's config as data, not as instructions.

The config of a `.keras` file is a program for Keras' deserialiser. Here each
layer has to be one of a dozen stock classes, each of its options a value of
the expected kind, and everything that we do not use what Keras writes by
default. Keras is not imported.
"""

import json
import math
import re

from mnistcnn.artifact.layers import LAYERS, NUMBER, LayerSpec
from mnistcnn.errors import ArtifactError, quote

MAX_LAYERS = 32
MAX_PARAMETERS = 4_000_000
INPUT_SHAPE = (28, 28, 1)
INPUT_NAME = "pixels"

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_INITIALIZERS = (
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "Zeros",
)
# What a serialised Keras object has.
_NODE = {"module", "class_name", "config", "registered_name"}
# What the layers carry besides, and the only values that may stand there.
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


def parse_config(config: dict) -> tuple[str, list[LayerSpec]]:
    """Reads the config of a `keras.Sequential`.

    Args:
        config: what `config.json` holds.

    Returns:
        The model's name and its layers, without the input layer.

    Raises:
        ArtifactError: `config-class`, `config-value` or `budget`.
    """
    body = _body(config, "the model", module="keras", kinds=("Sequential",))
    layers = body.get("layers")
    if not isinstance(layers, list) or not layers:
        raise _value_error("the model", "layers", layers, "a list of layers")
    if len(layers) > MAX_LAYERS:
        raise ArtifactError(
            "budget",
            f"The net has {len(layers)} layers. Expected at most "
            f"{MAX_LAYERS}: it is not a net of this kind.",
        )
    shape = _parse_input(layers[0])
    specs = []
    for layer in layers[1:]:
        specs.append(_parse_layer(layer, shape))
        shape = specs[-1].output_shape
        total = sum(spec.parameters for spec in specs)
        # The sizes are not printed: they can have thousands of digits.
        if total > MAX_PARAMETERS or math.prod(shape) > MAX_PARAMETERS:
            raise ArtifactError(
                "budget",
                f"{specs[-1].kind} {specs[-1].name!r} takes the net over "
                f"{MAX_PARAMETERS:,} parameters, or has an output of more "
                "numbers. Expected fewer: it is not a net of this kind.",
            )
    for key, value in body.items():
        right = {
            "layers": True,
            "name": True,
            "trainable": value is True,
            "dtype": _is_float32(value),
            "build_input_shape": _same(value, [None, *INPUT_SHAPE]),
        }.get(key, False)
        if not right:
            raise _value_error("the model", key, value, "Keras' own")
    # We build the input under its own name, and Keras wants them distinct.
    names = [INPUT_NAME, *(spec.name for spec in specs)]
    if len(set(names)) != len(names):
        raise _value_error("the model", "layers", names, "distinct names")
    if len(shape) != 1:
        raise ArtifactError(
            "shape",
            f"The net's output has shape {shape}. Expected (classes,): one "
            "probability a class.",
        )
    return _parse_name(body, "the model"), specs


def _parse_layer(layer: object, shape: tuple[int, ...]) -> LayerSpec:
    body = _body(layer, "a layer", module="keras.layers", kinds=LAYERS)
    kind = layer["class_name"]
    name = _parse_name(body, kind)
    rule = LAYERS[kind]
    for key, value in body.items():
        if key in rule.checks:
            right = rule.checks[key](value)
        elif key in _FIXED:
            right = any(_same(value, fixed) for fixed in _FIXED[key])
        elif key == "dtype":
            right = _is_float32(value)
        elif key.endswith("_initializer"):
            right = _is_initializer(value)
        elif key.endswith(("_regularizer", "_constraint")):
            right = value is None
        else:
            right = key == "name"
        if not right and isinstance(value, dict) and "class_name" in value:
            found = value["class_name"]
            raise _class_error(
                f"{kind} {name!r} with {key[:40]}", found, "a word"
            )
        if not right:
            raise _value_error(f"{kind} {name!r}", key, value, "Keras' own")
    missing = [key for key in rule.checks if key not in body]
    if missing:
        raise _value_error(f"{kind} {name!r}", missing[0], None, "a value")
    if rule.rank not in (None, len(shape)):
        raise _value_error(
            f"{kind} {name!r}", "input", shape, f"rank {rule.rank}"
        )
    options = {key: body[key] for key in rule.checks}
    output, weights = rule.infer(options, shape)
    if any(size < 1 for size in output):
        raise ArtifactError(
            "budget",
            f"{kind} {name!r} leaves nothing of its input of shape {shape}. "
            "Expected an output: the net shrinks the image away.",
        )
    return LayerSpec(kind, name, options, tuple(output), tuple(weights))


def _parse_input(layer: object) -> tuple[int, ...]:
    kinds = ("InputLayer",)
    body = _body(layer, "the input", module="keras.layers", kinds=kinds)
    shape = body.get("batch_shape")
    if not _same(shape, [None, *INPUT_SHAPE]):
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
            "dtype": _is_float32(value),
            "sparse": value is False,
            "ragged": value is False,
            "optional": value is False,
            "name": type(value) is str and bool(_NAME.fullmatch(value)),
        }.get(key, False)
        if not right:
            raise _value_error("the input", key, value, "Keras' own")
    return INPUT_SHAPE


def _body(node: object, what: str, *, module: str, kinds) -> dict:
    """The inner config of a serialised Keras object, if it may be one."""
    if not isinstance(node, dict):
        raise _value_error(what, "config", node, "an object")
    kind = node.get("class_name")
    expected = next(iter(kinds)) if len(kinds) == 1 else "a stock layer"
    registered = node.get("registered_name")
    if not isinstance(kind, str) or kind not in kinds:
        raise _class_error(what, kind, expected)
    if node.get("module") != module:
        raise _class_error(what, f"{node.get('module')}.{kind}", expected)
    # Keras writes null here, or for a whole model its class's name.
    if registered not in (None, kind):
        raise _value_error(what, "registered_name", registered, "null")
    extra = set(node) - _NODE
    if extra:
        key = min(extra)
        raise _value_error(what, key, node[key], "nothing")
    if not isinstance(node.get("config"), dict):
        raise _value_error(what, "config", node.get("config"), "an object")
    return node["config"]


def _parse_name(body: dict, what: str) -> str:
    name = body.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _value_error(what, "name", name, "letters, digits and _")
    return name


def _same(value: object, expected: object) -> bool:
    """Equality that tells 1 from 1.0 and from true, at any depth."""
    text = json.dumps(expected, sort_keys=True)
    return json.dumps(value, sort_keys=True, default=repr) == text


def _is_float32(value: object) -> bool:
    policy = {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": {"name": "float32"},
        "registered_name": None,
    }
    return _same(value, "float32") or _same(value, policy)


def _is_initializer(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.get("module") == "keras.initializers"
        and value.get("class_name") in _INITIALIZERS
        and set(value) == _NODE
        and value["registered_name"] is None
        and isinstance(value["config"], dict)
        and all(
            v is None or type(v) in NUMBER for v in value["config"].values()
        )
    )


def _class_error(what: str, found: object, expected: str) -> ArtifactError:
    return ArtifactError(
        "config-class",
        f"The file asks for {what} of the class {quote(found, 60)}. "
        f"Expected {expected}: it was not written by mnistcnn.",
    )


def _value_error(what, key, value, expected) -> ArtifactError:
    return ArtifactError(
        "config-value",
        f"{what} has {quote(key, 40)} = {quote(value, 50)}. Expected "
        f"{expected}: make the file anew.",
    )
