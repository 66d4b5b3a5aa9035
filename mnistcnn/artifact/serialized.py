"""Serialised Keras objects, read as data from untrusted JSON.

Keras writes a layer, an initializer or a dtype policy as an object with a
`class_name` and a `config`. Nothing here instantiates such an object; the
functions only check it.
"""

import json
import re
from collections.abc import Collection
from typing import Any

from mnistcnn.artifact.layers import NUMBER
from mnistcnn.errors import ArtifactError, quote

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
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
# The keys of a serialised Keras object.
_NODE = {"module", "class_name", "config", "registered_name"}


def read_config(
    node: object,
    what: str,
    kinds: Collection[str],
    *,
    module: str = "keras.layers",
) -> tuple[str, dict[str, Any]]:
    """Takes the class and the config out of a serialised object.

    Args:
        node: any JSON value.
        what: a description, for errors.
        kinds: the allowed names of the class.
        module: Keras' module of the class.

    Returns:
        The class's name and the config.

    Raises:
        ArtifactError: `config-class` or `config-value`.
    """
    if not isinstance(node, dict):
        raise value_error(what, "config", node, "an object")
    kind = node.get("class_name")
    expected = next(iter(kinds)) if len(kinds) == 1 else "a stock layer"
    registered = node.get("registered_name")
    if not isinstance(kind, str) or kind not in kinds:
        raise class_error(what, kind, expected)
    if node.get("module") != module:
        raise class_error(what, f"{node.get('module')}.{kind}", expected)
    # Keras writes null here, or for a model the name of its class.
    if registered not in (None, kind):
        raise value_error(what, "registered_name", registered, "null")
    extra = set(node) - _NODE
    if extra:
        key = min(extra)
        raise value_error(what, key, node[key], "nothing")
    if not isinstance(node.get("config"), dict):
        raise value_error(what, "config", node.get("config"), "an object")
    return kind, node["config"]


def read_name(body: dict[str, Any], what: str) -> str:
    """Takes the name out of a config, if it is a valid one."""
    name = body.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise value_error(what, "name", name, "letters, digits and _")
    return name


def is_same(value: object, expected: object) -> bool:
    """Compares deeply, distinguishing 1, 1.0 and true."""
    text = json.dumps(expected, sort_keys=True)
    return json.dumps(value, sort_keys=True, default=repr) == text


def is_float32(value: object) -> bool:
    """Whether a value is float32, as a string or a dtype policy."""
    policy = {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": {"name": "float32"},
        "registered_name": None,
    }
    return is_same(value, "float32") or is_same(value, policy)


def is_initializer(value: object) -> bool:
    """Whether a value is a stock initializer with plain arguments."""
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


def class_error(what: str, found: object, expected: str) -> ArtifactError:
    """Makes the error for an object of the wrong class."""
    return ArtifactError(
        "config-class",
        f"The file asks for {what} of the class {quote(found, 60)}. "
        f"Expected {expected}: it was not written by mnistcnn.",
    )


def value_error(
    what: str, key: str, value: object, expected: str
) -> ArtifactError:
    """Makes the error for a value that is not allowed in its place."""
    return ArtifactError(
        "config-value",
        f"{what} has {quote(key, 40)} = {quote(value, 50)}. Expected "
        f"{expected}: make the file anew.",
    )
